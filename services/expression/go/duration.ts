import { Failure } from '../failure.ts';
import { toBytes } from './text.ts';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const LIMIT = 2n ** 63n;

/** Nanoseconds of a text such as `1h30m`, read as Go's `ParseDuration` does. */
export function parseDuration(text: string): bigint {
  const invalid = new Failure(`time: invalid duration ${quoteBytes(text)}`);
  const isNegative = text.startsWith('-');
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0n;
  if (rest === '') throw invalid;
  let total = 0n;
  while (rest !== '') {
    const number = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest)!;
    const [read, whole = '', fraction = ''] = number;
    if (whole === '' && fraction === '') throw invalid;
    if (whole !== '' && BigInt(whole) > LIMIT) throw invalid;
    rest = rest.slice(read.length);
    const unit = /^[^.0-9]*/.exec(rest)![0];
    if (unit === '') throw new Failure(`time: missing unit in duration ${quoteBytes(text)}`);
    rest = rest.slice(unit.length);
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size === undefined) throw new Failure(`time: unknown unit ${quoteBytes(unit)} in duration ${quoteBytes(text)}`);
    total += BigInt(whole === '' ? 0 : whole) * size + partOf(fraction, size);
    if (total > LIMIT) throw invalid;
  }
  if (isNegative) return -total;
  if (total > LIMIT - 1n) throw invalid;
  return total;
}

/** Go multiplies the fraction's digits in floating point. Digits beyond 63 bits are dropped. */
function partOf(fraction: string, size: bigint): bigint {
  if (fraction === '') return 0n;
  let digits = fraction;
  while (digits.length > 18 && BigInt(digits) >= LIMIT) digits = digits.slice(0, -1);
  return BigInt(Math.trunc(Number(BigInt(digits)) * (Number(size) / 10 ** digits.length)));
}

/** As Go's `time` quotes: bytes that are not ASCII in hexadecimal. */
export function quoteBytes(text: string): string {
  let quoted = '"';
  for (const byte of toBytes(text)) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (byte < 0x20 || byte >= 0x80) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    else quoted += character;
  }
  return `${quoted}"`;
}

/** `1h30m0s`, as Go prints a duration. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return text.slice(0, -digits) + (fraction === '' ? '' : `.${fraction}`);
}
