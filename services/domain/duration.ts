/**
 * Go duration strings (`1h30m`, `-1.5s`, `500ms`, `0`), read as Go's time.ParseDuration reads them, errors included.
 * No blanks, no days; units are case sensitive.
 */

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, micro sign
  μs: 1_000n, // U+03BC, Greek letter mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const TWO_TO_63 = 2n ** 63n;
const PAIR = /([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/y;

/** Nanoseconds. Throws Error with Go's text: `time: unknown unit "S" in duration "5S"`. */
export function parseDuration(text: string): bigint {
  const invalid = () => new Error(`time: invalid duration ${quoted(text)}`);
  const signed = text.startsWith('-') || text.startsWith('+');
  const unsigned = signed ? text.slice(1) : text;
  if (unsigned === '0') return 0n;
  if (unsigned === '') throw invalid();

  let total = 0n;
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < unsigned.length) {
    const [, whole = '', fraction = '', unitText = ''] = PAIR.exec(unsigned) as RegExpExecArray;
    const next = PAIR.lastIndex;
    if (whole === '' && fraction === '') throw invalid();
    const count = BigInt(whole);
    if (count > TWO_TO_63) throw invalid();
    if (unitText === '') throw new Error(`time: missing unit in duration ${quoted(text)}`);
    const unit = Object.hasOwn(NANOSECONDS, unitText) ? NANOSECONDS[unitText] : undefined;
    if (unit === undefined) throw new Error(`time: unknown unit ${quoted(unitText)} in duration ${quoted(text)}`);
    total += count * unit + fractionOf(fraction, unit);
    if (total > TWO_TO_63) throw invalid();
    PAIR.lastIndex = next;
  }

  const negative = text.startsWith('-');
  if (!negative && total === TWO_TO_63) throw invalid();
  return negative ? -total : total;
}

/** Milliseconds, with a fraction below one. Throws as `parseDuration`. */
export function durationMs(text: string): number {
  return Number(parseDuration(text)) / 1e6;
}

// Go takes as many digits as fit 63 bits, and multiplies in float64; the result is cut to whole nanoseconds.
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (TWO_TO_63 - 1n) / 10n) break;
    const longer = value * 10n + BigInt(digit);
    if (longer > TWO_TO_63) break;
    value = longer;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

// Package time quotes in a way of its own: everything outside printable ASCII byte by byte.
function quoted(text: string): string {
  let out = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x80) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return `"${out}"`;
}
