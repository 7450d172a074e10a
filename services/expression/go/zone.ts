/** A time zone of Go's `time.Location`. */
export interface Zone {
  readonly name: string;
  at(unixSeconds: number): Offset;
}

export interface Offset {
  readonly seconds: number;
  /** As in the zone database: `CEST`, or `+03` where a zone has no letters. Empty for a bare offset. */
  readonly abbreviation: string;
}

export const UTC: Zone = fixedZone('UTC', 0);

export function fixedZone(abbreviation: string, seconds: number): Zone {
  const offset = { seconds, abbreviation };
  return { name: abbreviation, at: () => offset };
}

/** Zones asked for so far; there are some six hundred at most. */
const zones = new Map<string, Zone>();

/** A zone by its IANA name, as Go's `LoadLocation`; undefined for an unknown name. `Local` is UTC, as in Argo's image. */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return UTC;
  if (name === 'Local') return { name: 'Local', at: UTC.at };
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = namedZone(name);
  if (zone !== undefined) zones.set(name, zone);
  return zone;
}

function namedZone(name: string): Zone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return undefined;
  let clock: Intl.DateTimeFormat;
  try {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const canonical = clock.resolvedOptions().timeZone;
  // The zone database is case-sensitive, Intl is not.
  if (canonical !== name && canonical.toLowerCase() === name.toLowerCase()) return undefined;
  // Offsets change on quarters of an hour only, and Intl is slow.
  const known = new Map<number, Offset>();
  return {
    name,
    at: (unixSeconds) => {
      const quarter = Math.floor(unixSeconds / 900);
      let offset = known.get(quarter);
      if (offset === undefined) {
        offset = new NamedOffset(name, unixSeconds, civilSeconds(clock, unixSeconds) - unixSeconds);
        if (known.size >= KNOWN_QUARTERS) known.clear();
        known.set(quarter, offset);
      }
      return offset;
    },
  };
}

const KNOWN_QUARTERS = 1_000;

class NamedOffset implements Offset {
  readonly seconds: number;
  readonly #zone: string;
  readonly #unixSeconds: number;
  #abbreviation: string | undefined;

  constructor(zone: string, unixSeconds: number, seconds: number) {
    this.#zone = zone;
    this.#unixSeconds = unixSeconds;
    this.seconds = seconds;
  }

  get abbreviation(): string {
    this.#abbreviation ??= abbreviationOf(this.#zone, this.#unixSeconds, this.seconds);
    return this.#abbreviation;
  }
}

/** What the zone's clock shows, counted as if it were UTC. */
function civilSeconds(clock: Intl.DateTimeFormat, unixSeconds: number): number {
  const parts: Partial<Record<string, string>> = {};
  for (const { type, value } of clock.formatToParts(unixSeconds * 1000)) parts[type] = value;
  const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
  const date = new Date(0);
  date.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
  date.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  return date.getTime() / 1000;
}

/** Each English locale knows the letters of its own part of the world only. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ'];
const LETTERS: Readonly<Record<string, string>> = {
  'Asia/Tokyo': 'JST',
  'Asia/Seoul': 'KST',
  'Asia/Shanghai': 'CST',
  'Asia/Taipei': 'CST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Karachi': 'PKT',
  'Asia/Jakarta': 'WIB',
  'Asia/Manila': 'PST',
  'Europe/Moscow': 'MSK',
  'Africa/Lagos': 'WAT',
  'Africa/Nairobi': 'EAT',
  'Africa/Cairo': 'EET',
};

function abbreviationOf(name: string, unixSeconds: number, offset: number): string {
  for (const locale of LOCALES) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' });
    const letters = format.formatToParts(unixSeconds * 1000).find((part) => part.type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{3,5}$/.test(letters) && (letters !== 'GMT' || offset === 0)) return letters;
  }
  return LETTERS[name] ?? formatOffset(offset, '').replace(/00$/, '');
}

/** `+hhmm`, with `separator` between. */
export function formatOffset(seconds: number, separator: string): string {
  const minutes = Math.trunc(Math.abs(seconds) / 60);
  const hour = String(Math.trunc(minutes / 60)).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${hour}${separator}${String(minutes % 60).padStart(2, '0')}`;
}
