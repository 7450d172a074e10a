import { describe, expect, it } from 'vitest';
import { goJson, goQuote, printFloat, printValue, shortestDecimal } from '../../providers/go-format.ts';
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
