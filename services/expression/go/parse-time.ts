import { quoteBytes } from './duration.ts';
import { chunksOf, MONTHS, WEEKDAYS } from './layout.ts';
import { civilSeconds, SECOND, Time, timeInZone } from './time.ts';
import { fixedZone, UTC, type Zone } from './zone.ts';

/** A text that does not fit its layout; the message is Go's. */
export class TimeError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** What has been read so far; `undefined` where the layout does not say. */
interface Draft {
  year: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: 'am' | 'pm';
  isUtc?: boolean;
  offset?: number;
  abbreviation: string;
}

/** An element's value does not have the element's form. */
const BAD = Symbol('bad');
type Rest = string | typeof BAD;

/** Go's `ParseInLocation`; `Parse` is the same in UTC. */
export function parseTime(layout: string, text: string, zone: Zone = UTC): Time | TimeError {
  const draft: Draft = { year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0, abbreviation: '' };
  const cannot = (rest: string, element: string) =>
    new TimeError(
      `parsing time ${quoteBytes(text)} as ${quoteBytes(layout)}: cannot parse ${quoteBytes(rest)} as ${quoteBytes(element)}`,
    );
  const wrong = (what: string) => new TimeError(`parsing time ${quoteBytes(text)}: ${what}`);
  let rest = text;
  const chunks = chunksOf(layout);
  for (const [index, { prefix, element }] of chunks.entries()) {
    const afterPrefix = skipPrefix(rest, prefix);
    if (typeof afterPrefix !== 'string') return cannot(afterPrefix.rest, prefix);
    rest = afterPrefix;
    if (element === '') {
      if (rest !== '') return wrong(`extra text: ${quoteBytes(rest)}`);
      break;
    }
    const hold = rest;
    const next = chunks[index + 1]!;
    const outcome = readElement(element, rest, draft, /^[.,]/.test(next.element));
    if (outcome === BAD) return cannot(hold, element);
    if (typeof outcome === 'object') return wrong(`${outcome.outOfRange} out of range`);
    rest = outcome;
  }
  const outOfRange = complete(draft);
  return outOfRange === undefined ? timeOf(draft, zone) : wrong(outOfRange);
}

/** A space in the layout stands for any number of spaces, none included, unless digits follow. */
function skipPrefix(text: string, prefix: string): string | { readonly rest: string } {
  let rest = text;
  let left = prefix;
  while (left !== '') {
    if (left.startsWith(' ')) {
      if (rest !== '' && !rest.startsWith(' ')) return { rest };
      left = left.replace(/^ +/, '');
      rest = rest.replace(/^ +/, '');
      continue;
    }
    if (rest === '' || rest[0] !== left[0]) return { rest };
    left = left.slice(1);
    rest = rest.slice(1);
  }
  return rest;
}

interface OutOfRange {
  readonly outOfRange: string;
}

/** Reads one element off the front; what is left, or why not. */
function readElement(element: string, text: string, draft: Draft, fractionFollows: boolean): Rest | OutOfRange {
  const number = (digits: RegExp, take: (value: number) => string | undefined): Rest | OutOfRange => {
    const match = digits.exec(text);
    if (match === null) return BAD;
    const outOfRange = take(Number(match[0]));
    return outOfRange === undefined ? text.slice(match[0].length) : { outOfRange };
  };
  const word = (names: readonly string[], length: number | undefined, take: (index: number) => void): Rest => {
    const start = text.toLowerCase();
    const index = names.findIndex((name) => start.startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) return BAD;
    take(index);
    return text.slice(names[index]!.slice(0, length).length);
  };
  switch (element) {
    case '06':
      return number(/^(?:[0-9]{2}|[+-][0-9])/, (value) => {
        draft.year = value >= 69 ? value + 1900 : value + 2000;
        return undefined;
      });
    case '2006':
      return number(/^[0-9]{4}/, (value) => {
        draft.year = value;
        return undefined;
      });
    case 'Jan':
      return word(MONTHS, 3, (index) => {
        draft.month = index + 1;
      });
    case 'January':
      return word(MONTHS, undefined, (index) => {
        draft.month = index + 1;
      });
    case '1':
    case '01':
      return number(element === '1' ? /^[0-9]{1,2}/ : /^[0-9]{2}/, (value) => {
        draft.month = value;
        return value < 1 || value > 12 ? 'month' : undefined;
      });
    case 'Mon':
      return word(WEEKDAYS, 3, () => {});
    case 'Monday':
      return word(WEEKDAYS, undefined, () => {});
    case '2':
    case '_2':
    case '02': {
      const padded = element === '_2' && text.startsWith(' ') ? text.slice(1) : text;
      const match = (element === '02' ? /^[0-9]{2}/ : /^[0-9]{1,2}/).exec(padded);
      if (match === null) return BAD;
      draft.day = Number(match[0]);
      return padded.slice(match[0].length);
    }
    case '002':
    case '__2': {
      const padded = element === '__2' ? text.replace(/^ {1,2}/, '') : text;
      const match = (element === '002' ? /^[0-9]{3}/ : /^[0-9]{1,3}/).exec(padded);
      if (match === null) return BAD;
      draft.yearDay = Number(match[0]);
      return padded.slice(match[0].length);
    }
    case '15':
      return number(/^[0-9]{1,2}/, (value) => {
        draft.hour = value;
        return value >= 24 ? 'hour' : undefined;
      });
    case '3':
    case '03':
      return number(element === '3' ? /^[0-9]{1,2}/ : /^[0-9]{2}/, (value) => {
        draft.hour = value;
        return value > 12 ? 'hour' : undefined;
      });
    case '4':
    case '04':
      return number(element === '4' ? /^[0-9]{1,2}/ : /^[0-9]{2}/, (value) => {
        draft.minute = value;
        return value >= 60 ? 'minute' : undefined;
      });
    case '5':
    case '05': {
      const rest = number(element === '5' ? /^[0-9]{1,2}/ : /^[0-9]{2}/, (value) => {
        draft.second = value;
        return value >= 60 ? 'second' : undefined;
      });
      // A fraction may follow the seconds even if the layout has none.
      const fraction = typeof rest === 'string' && !fractionFollows ? /^[.,][0-9]+/.exec(rest) : null;
      if (fraction === null || typeof rest !== 'string') return rest;
      draft.nanosecond = nanosecondsOf(fraction[0]);
      return rest.slice(fraction[0].length);
    }
    case 'PM':
    case 'pm': {
      const half = text.slice(0, 2);
      if (half !== (element === 'PM' ? half.toUpperCase() : half.toLowerCase()) || !/^[ap]m$/i.test(half)) return BAD;
      draft.half = half.toLowerCase() as 'am' | 'pm';
      return text.slice(2);
    }
    case 'MST':
      return readAbbreviation(text, draft);
    default:
      return /^[.,]/.test(element) ? readFraction(element, text, draft) : readOffset(element, text, draft);
  }
}

function nanosecondsOf(fraction: string): number {
  return Number(fraction.slice(1, 10).padEnd(9, '0'));
}

function readFraction(element: string, text: string, draft: Draft): Rest {
  if (element[1] === '9') {
    // Nines stand for as many digits as there are, none included.
    const fraction = /^[.,][0-9]+/.exec(text)?.[0] ?? '';
    if (fraction !== '') draft.nanosecond = nanosecondsOf(fraction);
    return text.slice(fraction.length);
  }
  const fraction = text.slice(0, element.length);
  if (fraction.length < element.length || !/^[.,][0-9]+$/.test(fraction)) return BAD;
  draft.nanosecond = nanosecondsOf(fraction);
  return text.slice(fraction.length);
}

function readOffset(element: string, text: string, draft: Draft): Rest | OutOfRange {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    draft.isUtc = true;
    return text.slice(1);
  }
  const shape = element.slice(1);
  const written = text.slice(1, element.length);
  if (written.length < shape.length) return BAD;
  const hasColons = shape.includes(':');
  if (hasColons && written.replace(/[^:]/g, '0') !== shape.replace(/[^:]/g, '0')) return BAD;
  const parts = hasColons ? written.split(':') : written.match(/[\s\S]{2}/g)!;
  const wrong = parts.findIndex((part) => !/^[0-9]{2}$/.test(part));
  const [hours = 0, minutes = 0, seconds = 0] = (wrong < 0 ? parts : parts.slice(0, wrong)).map(Number);
  // Go looks at the range first, and at the smallest unit last.
  if (seconds > 60) return { outOfRange: 'time zone offset second' };
  if (minutes > 60) return { outOfRange: 'time zone offset minute' };
  if (hours > 24) return { outOfRange: 'time zone offset hour' };
  const sign = text[0];
  if (wrong >= 0 || (sign !== '+' && sign !== '-')) return BAD;
  const offset = hours * 3600 + minutes * 60 + seconds;
  draft.offset = sign === '-' ? -offset : offset;
  return text.slice(element.length);
}

const SIGNED_HOURS = '[+-]0*(?:[0-9]|1[0-9]|2[0-3])(?![0-9])';
const GMT = new RegExp(`^GMT(?:${SIGNED_HOURS})?`);
const LETTERS = new RegExp(
  `^(?:ChST|MeST|WITA|${SIGNED_HOURS}|[A-Z]{4}T(?![A-Z])|[A-Z]{3}T(?![A-Z])|[A-Z]{3}(?![A-Z]))`,
);

/** Three or four capitals, or five that end in T; also ±hh, and GMT with an offset. */
function readAbbreviation(text: string, draft: Draft): Rest {
  if (text.startsWith('UTC')) {
    draft.isUtc = true;
    return text.slice(3);
  }
  const letters = text.length < 3 ? null : (GMT.exec(text) ?? LETTERS.exec(text));
  if (letters === null) return BAD;
  draft.abbreviation = letters[0];
  return text.slice(letters[0].length);
}

/** Fills in what the layout left open; what is out of range, in Go's words. */
function complete(draft: Draft): string | undefined {
  if (draft.half === 'pm' && draft.hour < 12) draft.hour += 12;
  else if (draft.half === 'am' && draft.hour === 12) draft.hour = 0;
  const daysInYear = isLeap(draft.year) ? 366 : 365;
  if (draft.yearDay !== undefined) {
    if (draft.yearDay < 1 || draft.yearDay > daysInYear) return 'day-of-year out of range';
    const date = new Date(civilSeconds(draft.year, 1, draft.yearDay) * 1000);
    const month = date.getUTCMonth() + 1;
    const day = date.getUTCDate();
    if (draft.month !== undefined && draft.month !== month) return 'day-of-year does not match month';
    if (draft.day !== undefined && draft.day !== day) return 'day-of-year does not match day';
    draft.month = month;
    draft.day = day;
  }
  draft.month ??= 1;
  draft.day ??= 1;
  const daysInMonth = new Date(civilSeconds(draft.year, draft.month + 1, 0) * 1000).getUTCDate();
  return draft.day < 1 || draft.day > daysInMonth ? 'day out of range' : undefined;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function timeOf(draft: Draft, zone: Zone): Time {
  const { year, month, day, hour, minute, second, nanosecond, abbreviation } = draft;
  const seconds = civilSeconds(year, month!, day!, hour, minute, second);
  const at = (offset: number, where: Zone) => new Time(BigInt(seconds - offset) * SECOND + BigInt(nanosecond), where);
  if (draft.isUtc) return at(0, UTC);
  if (draft.offset !== undefined) {
    const local = zone.at(seconds - draft.offset);
    const fits = local.seconds === draft.offset && (abbreviation === '' || local.abbreviation === abbreviation);
    return at(draft.offset, fits ? zone : fixedZone(abbreviation, draft.offset));
  }
  if (abbreviation !== '') {
    const local = zone.at(seconds);
    if (local.abbreviation === abbreviation) return timeInZone(seconds, nanosecond, zone);
    // Go knows no other zones by their letters and takes them for UTC, but for GMT+3 and the like.
    const offset = /^GMT[+-]/.test(abbreviation) ? Number(abbreviation.slice(3)) * 3600 : 0;
    return at(offset, fixedZone(abbreviation, offset));
  }
  return timeInZone(seconds, nanosecond, zone);
}
