import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byteAt,
  byteLength,
  compareText,
  concat,
  fromBytes,
  quote,
  sliceBytes,
  toBytes,
} from '../../../services/expression/go/text.ts';

const bytes = fc.uint8Array({ maxLength: 12 });

describe("Go's strings", () => {
  it('are any bytes, and come back as they were', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(toBytes(fromBytes(given))).toEqual(given);
      }),
    );
  });

  it('are measured, cut, indexed and joined by bytes', () => {
    fc.assert(
      fc.property(bytes, fc.nat(12), fc.nat(12), (given, i, j) => {
        const text = fromBytes(given);
        const [from, to] = [Math.min(i, j, given.length), Math.min(Math.max(i, j), given.length)];
        expect(byteLength(text)).toBe(given.length);
        expect(sliceBytes(text, from, to)).toBe(fromBytes(given.subarray(from, to)));
        expect(concat(sliceBytes(text, 0, from), sliceBytes(text, from, given.length))).toBe(text);
        if (from < given.length) expect(byteAt(text, from)).toBe(given[from]);
      }),
    );
  });

  it('are ordered by bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareText(fromBytes(a), fromBytes(b)))).toBe(Buffer.compare(a, b));
      }),
    );
  });

  it.each([
    ['plain "quoted"', '"plain \\"quoted\\""'],
    ['\u0000\u0007\n\u007f', '"\\x00\\a\\n\\x7f"'],
    ['é\u200b😀', '"é\\u200b😀"'],
    [fromBytes(Uint8Array.of(0xff)), '"\\xff"'],
  ])('are quoted as Go quotes them', (text, want) => {
    expect(quote(text)).toBe(want);
  });
});
