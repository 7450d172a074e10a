import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedDecimals, goJson, goQuote, printFloat, printValue, shortestDecimal } from '../../providers/go-format.ts';
import { GoLeaf } from '../../services/domain/result.ts';

// Printed by Go 1.26: strconv.FormatFloat(x, 'f', -1, 64), fmt.Sprintf("%v", x), json.Marshal(x).
describe('numbers are printed as Go prints them', () => {
  it.each([
    { x: 0, decimal: '0', print: '0', json: '0' },
    { x: -0, decimal: '-0', print: '-0', json: '-0' },
    { x: 0.1, decimal: '0.1', print: '0.1', json: '0.1' },
    { x: 0.1 + 0.2, decimal: '0.30000000000000004', print: '0.30000000000000004', json: '0.30000000000000004' },
    { x: 123456, decimal: '123456', print: '123456', json: '123456' },
    { x: 1e6, decimal: '1000000', print: '1e+06', json: '1000000' },
    { x: 1234567, decimal: '1234567', print: '1.234567e+06', json: '1234567' },
    { x: 123456.789, decimal: '123456.789', print: '123456.789', json: '123456.789' },
    { x: -1234567.89, decimal: '-1234567.89', print: '-1.23456789e+06', json: '-1234567.89' },
    { x: 0.0001, decimal: '0.0001', print: '0.0001', json: '0.0001' },
    { x: 0.00001, decimal: '0.00001', print: '1e-05', json: '0.00001' },
    { x: 1.5e-7, decimal: '0.00000015', print: '1.5e-07', json: '1.5e-7' },
    { x: 1e21, decimal: '1000000000000000000000', print: '1e+21', json: '1e+21' },
    { x: 1e100, decimal: `1${'0'.repeat(100)}`, print: '1e+100', json: '1e+100' },
  ])('$x', ({ x, decimal, print, json }) => {
    expect([shortestDecimal(x), printFloat(x), goJson(x)]).toEqual([decimal, print, json]);
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%s by name', (x, name) => {
    expect([shortestDecimal(x), printFloat(x)]).toEqual([name, name]);
  });
});

describe('a number with a fixed count of decimals', () => {
  // As fmt.Sprintf("%.2f", x) and "%f" print them.
  it.each([
    { x: 0.125, n: 2, want: '0.12' },
    { x: 0.375, n: 2, want: '0.38' },
    { x: 0.625, n: 2, want: '0.62' },
    { x: -0.125, n: 2, want: '-0.12' },
    { x: 1.005, n: 2, want: '1.00' },
    { x: 0.0078125, n: 6, want: '0.007812' },
    { x: 2.5, n: 0, want: '2' },
    { x: 99.999, n: 2, want: '100.00' },
    { x: 1e21, n: 2, want: '1000000000000000000000.00' },
    { x: 5e-324, n: 6, want: '0.000000' },
    { x: 0, n: 2, want: '0.00' },
    { x: -0, n: 2, want: '-0.00' },
    { x: -0.001, n: 2, want: '-0.00' },
    { x: Number.NaN, n: 2, want: 'NaN' },
    { x: Number.POSITIVE_INFINITY, n: 2, want: '+Inf' },
    { x: Number.NEGATIVE_INFINITY, n: 6, want: '-Inf' },
  ])('$x with $n is $want', ({ x, n, want }) => {
    expect(fixedDecimals(x, n)).toBe(want);
  });

  it('is the nearest there is, and of two the even one', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    // Halves are rare among all numbers.
    const eighths = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((count) => count / 8);
    fc.assert(
      fc.property(fc.oneof(finite, eighths), fc.integer({ min: 0, max: 8 }), (x, n) => {
        let [numerator, denominator] = [x, 1n];
        for (; !Number.isInteger(numerator); numerator *= 2) denominator *= 2n;
        const text = fixedDecimals(x, n);
        const printed = BigInt(text.replace('.', ''));
        const off = printed * denominator - BigInt(numerator) * 10n ** BigInt(n);
        const twiceOff = 2n * (off < 0n ? -off : off);
        expect(text).toMatch(n === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${n}}$`));
        expect(twiceOff < denominator || (twiceOff === denominator && printed % 2n === 0n)).toBe(true);
      }),
    );
  });
});

describe('values are printed as Go prints them', () => {
  const value = { b: [1, null, 'x', 1e6, true], a: '<b>&\u2028\u0007é', '😀': 1, '\uffee': {} };

  it('as JSON: sorted by code point, escaped for HTML', () => {
    expect(goJson(value)).toBe(
      '{"a":"\\u003cb\\u003e\\u0026\\u2028\\u0007é","b":[1,null,"x",1000000,true],"\uffee":{},"😀":1}',
    );
  });

  it('as %v: maps and lists without quotes', () => {
    expect(printValue(value)).toBe('map[a:<b>&\u2028\u0007é b:[1 <nil> x 1e+06 true] \uffee:map[] 😀:1]');
    expect(printValue([new GoLeaf('int64', 7n), new GoLeaf('[]uint8', new Uint8Array([1, 2]))])).toBe('[7 [1 2]]');
  });

  it.each([
    { leaf: new GoLeaf('time.Time', 1_582_022_048_135_814_545n), want: '2020-02-18 10:34:08.135814545 +0000 UTC' },
    { leaf: new GoLeaf('time.Time', -500_000_000n), want: '1969-12-31 23:59:59.5 +0000 UTC' },
    { leaf: new GoLeaf('time.Duration', 0n), want: '0s' },
    { leaf: new GoLeaf('time.Duration', -1_500_000n), want: '-1.5ms' },
    { leaf: new GoLeaf('time.Duration', 1_050n), want: '1.05µs' },
    { leaf: new GoLeaf('time.Duration', 90_000_000_000n), want: '1m30s' },
    { leaf: new GoLeaf('time.Duration', 3_600_500_000_000n), want: '1h0m0.5s' },
    { leaf: new GoLeaf('uint64', 18_446_744_073_709_551_615n), want: '18446744073709551615' },
  ])('$want', ({ leaf, want }) => {
    expect(printValue(leaf)).toBe(want);
  });

  it.each([
    ['plain', '"plain"'],
    ['a"b\\c\n\x01\x7f', '"a\\"b\\\\c\\n\\x01\\x7f"'],
    ['é😀\u00a0\u2028', '"é😀\\u00a0\\u2028"'],
  ])('quoted: %j', (text, want) => {
    expect(goQuote(text)).toBe(want);
  });
});
