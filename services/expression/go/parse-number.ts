import { quote } from './text.ts';

/** A text that is no number, in the words of Go's `strconv`. */
export class NumberError {
  readonly message: string;
  constructor(reader: 'ParseInt' | 'ParseFloat', text: string, reason: 'invalid syntax' | 'value out of range') {
    this.message = `strconv.${reader}: parsing ${quote(text)}: ${reason}`;
  }
}

export const MIN_INT64 = -(2n ** 63n);
export const MAX_INT64 = 2n ** 63n - 1n;

const DIGITS = {
  0: /^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0|[1-9][0-9]*)$/,
  10: /^[+-]?[0-9]+$/,
} as const;

/** Go's `ParseInt` to 64 bits; base 0 reads the base from the prefix. */
export function parseInt64(text: string, base: 0 | 10): bigint | NumberError {
  if (!DIGITS[base].test(text)) return new NumberError('ParseInt', text, 'invalid syntax');
  const magnitude = BigInt(text.replace(/^[+-]/, ''));
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return value < MIN_INT64 || value > MAX_INT64 ? new NumberError('ParseInt', text, 'value out of range') : value;
}

const DECIMAL =
  /^[+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;
const HEXADECIMAL =
  /^([+-]?)0[xX]((?:_?[0-9a-fA-F]+)*)(?:\.([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)?)?[pP]([+-]?[0-9]+(?:_[0-9]+)*)$/;
const WORDS: Readonly<Record<string, number>> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '+infinity': Infinity,
  '-infinity': -Infinity,
  nan: NaN,
};

/** Go's `ParseFloat` to 64 bits. */
export function parseFloat64(text: string): number | NumberError {
  const word = text.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word]!;
  if (DECIMAL.test(text)) return inRange(Number(text.replaceAll('_', '')), text);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return new NumberError('ParseFloat', text, 'invalid syntax');
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal.map((part) => part?.replaceAll('_', ''));
  if (whole + fraction === '') return new NumberError('ParseFloat', text, 'invalid syntax');
  const magnitude = scale(Number(BigInt(`0x${whole}${fraction}`)), Number(exponent) - 4 * fraction.length);
  return inRange(sign === '-' ? -magnitude : magnitude, text);
}

function inRange(value: number, text: string): number | NumberError {
  return Number.isFinite(value) ? value : new NumberError('ParseFloat', text, 'value out of range');
}

/** value × 2^exponent, rounding once at most. */
export function scale(value: number, exponent: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  let scaled = value;
  let left = exponent;
  for (; left > 1000 && Number.isFinite(scaled); left -= 1000) scaled *= 2 ** 1000;
  if (left < -1022) {
    // Into the subnormal range in two steps: a normal number first, then the one multiplication that rounds.
    const [fraction, shift] = fractionAndExponent(scaled);
    const total = shift + left;
    if (total < -1080) return Math.sign(value) * 0;
    return total > -1000 ? fraction * 2 ** total : fraction * 2 ** -1000 * 2 ** (total + 1000);
  }
  return scaled * 2 ** left;
}

const FLOAT = new DataView(new ArrayBuffer(8));

/** Go's `Frexp`: value = fraction × 2^exponent with a fraction from 0.5 up to 1. */
export function fractionAndExponent(value: number): readonly [fraction: number, exponent: number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  const isSubnormal = Math.abs(value) < 2 ** -1022;
  FLOAT.setFloat64(0, isSubnormal ? value * 2 ** 52 : value);
  const high = FLOAT.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1022 - (isSubnormal ? 52 : 0);
  FLOAT.setUint32(0, (high & 0x800fffff) | (1022 << 20));
  return [FLOAT.getFloat64(0), exponent];
}
