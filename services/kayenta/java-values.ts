/** Times, durations and numbers as Kayenta's Java writes and reads them; clients and tests compare these texts. */

/** A moment as Java's Instant holds it. Kayenta keeps digits below the millisecond when it passes a time on. */
export interface Instant {
  readonly epochMs: number;
  /** 0 … 999,999 nanoseconds after epochMs. */
  readonly nanos: number;
}

export const instantOf = (epochMs: number): Instant => ({ epochMs, nanos: 0 });

const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)$/i;

/** Reads ISO text with `Z` or an offset, or a number of epoch seconds. Undefined when it is neither; the empty text is no time, too. */
export function parseInstant(value: unknown): Instant | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return instantOf(Math.floor(value * 1000));
  if (typeof value !== 'string') return undefined;
  const match = ISO.exec(value.trim());
  if (match === null) return undefined;
  const [, text, fraction = '', zone = 'Z'] = match;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.toUpperCase();
  const seconds = Date.parse(`${text}${text?.length === 16 ? ':00' : ''}${offset}`);
  if (Number.isNaN(seconds)) return undefined;
  const nanosOfSecond = Number(fraction.padEnd(9, '0'));
  return { epochMs: seconds + Math.floor(nanosOfSecond / 1e6), nanos: nanosOfSecond % 1e6 };
}

/** No fraction when it is zero, else 3, 6 or 9 digits: `2018-02-15T20:05:00Z`, `2018-03-14T20:28:51.684Z`. */
export function formatInstant({ epochMs, nanos }: Instant): string {
  const iso = new Date(epochMs).toISOString();
  if (nanos === 0) return iso.replace('.000Z', 'Z');
  const digits = `${iso.slice(20, 23)}${String(nanos).padStart(6, '0')}`;
  return `${iso.slice(0, 20)}${nanos % 1000 === 0 ? digits.slice(0, 6) : digits}Z`;
}

/** ISO-8601 as Java's Duration prints it: `PT1H1M1S`, `PT24H`, `PT1M30.5S`, `PT0S`. */
export function formatDuration(ms: number): string {
  const totalSeconds = Math.trunc(ms / 1000);
  const hours = Math.trunc(totalSeconds / 3600);
  const minutes = Math.trunc((totalSeconds % 3600) / 60);
  const seconds = (ms - (hours * 3600 + minutes * 60) * 1000) / 1000;
  const text = `${hours === 0 ? '' : `${hours}H`}${minutes === 0 ? '' : `${minutes}M`}${seconds === 0 ? '' : `${seconds}S`}`;
  return text === '' ? 'PT0S' : `PT${text}`;
}

/** Java's Double.toString: always a fraction, an exponent below 1e-3 and from 1e7 on. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`;
  }
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
