import { goJsonString } from '../services/domain/go-text.ts';
import type { ResultValue } from '../services/domain/result.ts';

export { goQuote } from '../services/domain/go-text.ts';

import { GoLeaf } from '../services/domain/result.ts';

/**
 * Numbers and values as Go prints them: a measurement's `value` is such a text, and so are parts of messages. Which form a provider uses is in its
 * README; the rules are those of Go's strconv, fmt and encoding/json.
 */

/** `strconv.FormatFloat(x, 'f', -1, 64)`: shortest digits that read back to the same number, never an exponent; NaN, +Inf and -Inf by name. */
export function shortestDecimal(x: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const { sign, digits, exponent } = shortestDigits(x);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

/** `%.Nf`: the exact value, rounded half to even; every digit, and the sign of -0. JavaScript's toFixed rounds halves up and takes exponents from 1e21. */
export function fixedDecimals(x: number, n: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const { mantissa, exponent } = binary(Math.abs(x));
  const scaled = mantissa * 10n ** BigInt(n);
  const digits = exponent >= 0 ? scaled << BigInt(exponent) : halfToEven(scaled, BigInt(-exponent));
  const text = String(digits).padStart(n + 1, '0');
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  return sign + text.slice(0, text.length - n) + (n === 0 ? '' : `.${text.slice(-n)}`);
}

/** fmt's `%v` of a float64: `0.1`, `100000`, `1e+06`, `1e-05`. */
export function printFloat(x: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const { sign, digits, exponent } = shortestDigits(x);
  if (exponent >= -4 && exponent < 6) return shortestDecimal(x);
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** fmt's `%v` of what a decoder yields: `map[a:1 b:[x <nil>]]`, keys sorted, strings bare. */
export function printValue(value: ResultValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return printFloat(value);
  if (value instanceof GoLeaf) {
    return printLeaf(value);
  }
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`;
  if (typeof value === 'object')
    return `map[${sortedEntries(value)
      .map(([key, member]) => `${key}:${printValue(member)}`)
      .join(' ')}]`;
  return String(value).toWellFormed();
}

function printLeaf({ type, value }: GoLeaf): string {
  if (typeof value !== 'bigint') return `[${[...value].join(' ')}]`;
  if (type === 'time.Time') return printTime(value);
  return type === 'time.Duration' ? printDuration(value) : String(value);
}

/** `2020-02-18 10:34:08.135814545 +0000 UTC`, from nanoseconds since the epoch. */
function printTime(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % SECOND) + SECOND) % SECOND;
  const [date, time] = new Date(Number((nanoseconds - fraction) / 1_000_000n)).toISOString().split('T');
  return `${date} ${time?.slice(0, 8)}${decimals(fraction, 9)} +0000 UTC`;
}

/** `1h0m0s`, `1.5s`, `2ms`, `0s`, from nanoseconds. */
function printDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size === 0n) return '0s';
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${size / 1_000n}${decimals(size % 1_000n, 3)}µs`;
  if (size < SECOND) return `${sign}${size / 1_000_000n}${decimals(size % 1_000_000n, 6)}ms`;
  const seconds = size / SECOND;
  const hours = seconds / 3600n;
  const minutes = (seconds / 60n) % 60n;
  const text = `${seconds % 60n}${decimals(size % SECOND, 9)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${text}`;
  return minutes > 0n ? `${sign}${minutes}m${text}` : sign + text;
}

const SECOND = 1_000_000_000n;

function decimals(fraction: bigint, digits: number): string {
  return fraction === 0n ? '' : `.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** `json.Marshal`: keys sorted, `<`, `>` and `&` escaped, numbers as `1e-7` and `1e+21`. Only for what JSON can carry. */
export function goJson(value: ResultValue): string {
  if (typeof value === 'number') return jsonFloat(value);
  if (typeof value === 'string') return goJsonString(value);
  if (value instanceof GoLeaf) return String(value.value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (value !== null && typeof value === 'object')
    return `{${sortedEntries(value)
      .map(([key, member]) => `${goJsonString(key)}:${goJson(member)}`)
      .join(',')}}`;
  return String(value);
}

/** Go compares strings by their UTF-8 bytes, which is the order of code points; JavaScript compares UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  if (i === end) return a.length - b.length;
  return codePointOrder(a.charCodeAt(i)) - codePointOrder(b.charCodeAt(i));
}

// Surrogates stand for code points above all other units.
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function nonFinite(x: number): string {
  if (Number.isNaN(x)) return 'NaN';
  return x > 0 ? '+Inf' : '-Inf';
}

/** A number from 0 as `mantissa * 2 ** exponent`: IEEE 754's 52 stored bits, the hidden one, and the exponent's bias. */
function binary(x: number): { readonly mantissa: bigint; readonly exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const stored = bits.getBigUint64(0);
  const fraction = stored & ((1n << 52n) - 1n);
  const biased = Number(stored >> 52n);
  // Numbers below the least normal one have no hidden bit.
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** `value / 2 ** bits`, to the nearest whole number and to the even one of two. */
function halfToEven(value: bigint, bits: bigint): bigint {
  const whole = value >> bits;
  const twiceRest = (value - (whole << bits)) << 1n;
  const one = 1n << bits;
  return twiceRest > one || (twiceRest === one && (whole & 1n) === 1n) ? whole + 1n : whole;
}

/** Digits without trailing zeros, and the decimal exponent of the first one. JavaScript's shortest digits are Go's. */
function shortestDigits(x: number): { readonly sign: string; readonly digits: string; readonly exponent: number } {
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const [mantissa = '', exponent = '0'] = Math.abs(x).toExponential().split('e');
  return { sign, digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function jsonFloat(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

function sortedEntries(value: object): [string, ResultValue][] {
  const entries = Object.entries(value as { readonly [key: string]: ResultValue });
  return entries.sort(([a], [b]) => compareStrings(a, b));
}
