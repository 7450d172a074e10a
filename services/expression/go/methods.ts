import { Failure } from '../failure.ts';
import { bytesValue, type GoValue, NamedString, TypedInt, TypedList } from '../value.ts';
import { formatDuration } from './duration.ts';
import { formatTime, RFC3339_NANO, timeText } from './format-time.ts';
import { formatValue } from './format-value.ts';
import { INT64, MONTH, STATUS_CODE, STATUS_CODE_LIST, WEEKDAY } from './go-type.ts';
import { civilSeconds, Duration, floorDivide, LocationPointer, SECOND, Time, timeInZone } from './time.ts';
import { UTC } from './zone.ts';

/** Carries out a method of `go-type.ts`; of several results Go's callers here see the first. */
export function callMethod(receiver: GoValue, name: string, args: readonly GoValue[]): GoValue {
  if (receiver instanceof Time) return timeMethod(receiver, name, args);
  if (receiver instanceof Duration) return durationMethod(receiver, name, args);
  if (receiver instanceof NamedString) return STATUS_CODES;
  return formatValue(receiver);
}

/** CloudWatch's known status codes, in the order of its package. */
const STATUS_CODES = new TypedList(
  STATUS_CODE_LIST,
  ['Complete', 'InternalError', 'PartialData', 'Forbidden'].map((code) => new NamedString(STATUS_CODE, code)),
);

const int64 = (value: bigint) => new TypedInt(INT64, BigInt.asIntN(64, value));

function timeMethod(time: Time, name: string, args: readonly GoValue[]): GoValue {
  const [arg] = args;
  const other = () => arg as Time;
  const duration = () => (arg as Duration).nanoseconds;
  switch (name) {
    case 'Add':
      return time.plus(duration());
    case 'AddDate':
      return addDate(time, ...(args.map(Number) as [number, number, number]));
    case 'After':
      return time.nanoseconds > other().nanoseconds;
    case 'Before':
      return time.nanoseconds < other().nanoseconds;
    case 'Equal':
      return time.nanoseconds === other().nanoseconds;
    case 'Compare':
      return time.nanoseconds < other().nanoseconds ? -1n : time.nanoseconds > other().nanoseconds ? 1n : 0n;
    case 'Sub':
      return time.since(other());
    case 'Round':
    case 'Truncate':
      return new Time(toMultiple(time.nanoseconds - ZERO_TIME, duration(), name) + ZERO_TIME, time.zone);
    case 'In':
      if (arg === null) throw new Failure('time: missing Location in call to Time.In');
      return time.in((arg as LocationPointer).zone);
    case 'UTC':
    case 'Local':
      return time.in(UTC);
    case 'Location':
      return new LocationPointer(time.zone);
    case 'Unix':
      return int64(BigInt(time.unixSeconds));
    case 'UnixMilli':
      return int64(floorDivide(time.nanoseconds, 1_000_000n));
    case 'UnixMicro':
      return int64(floorDivide(time.nanoseconds, 1_000n));
    case 'UnixNano':
      return int64(time.nanoseconds);
    case 'Format':
      return formatTime(time, arg as string);
    case 'AppendFormat':
      return new TypedList((arg as TypedList).type, [
        ...(arg as TypedList).items,
        ...bytesValue(new TextEncoder().encode(formatTime(time, args[1] as string))).items,
      ]);
    case 'MarshalJSON':
      return bytesValue(new TextEncoder().encode(`"${formatTime(time, RFC3339_NANO)}"`));
    case 'MarshalText':
      return bytesValue(new TextEncoder().encode(formatTime(time, RFC3339_NANO)));
    case 'String':
      return timeText(time);
    case 'GoString':
      return goSource(time);
    case 'Zone':
      return time.zone.at(time.unixSeconds).abbreviation;
    case 'IsZero':
      return time.nanoseconds === ZERO_TIME;
    case 'IsDST':
      return isSummerTime(time);
    default:
      return civilMethod(time, name);
  }
}

function civilMethod(time: Time, name: string): GoValue {
  const civil = time.civil();
  switch (name) {
    case 'Year':
      return BigInt(civil.year);
    case 'Month':
      return new TypedInt(MONTH, BigInt(civil.month));
    case 'Day':
      return BigInt(civil.day);
    case 'Weekday':
      return new TypedInt(WEEKDAY, BigInt(civil.weekday));
    case 'YearDay':
      return BigInt(civil.yearDay);
    case 'Hour':
      return BigInt(civil.hour);
    case 'Minute':
      return BigInt(civil.minute);
    case 'Second':
      return BigInt(civil.second);
    case 'Nanosecond':
      return BigInt(civil.nanosecond);
    case 'ISOWeek': {
      // A week belongs to the year of its Thursday.
      const thursday = civil.day + 4 - (civil.weekday === 0 ? 7 : civil.weekday);
      return BigInt(new Date(civilSeconds(civil.year, civil.month, thursday) * 1000).getUTCFullYear());
    }
    default:
      throw new Error(`time.Time has no method ${name}`);
  }
}

/** Go's zero time, year 1: what it rounds from. */
const ZERO_TIME = BigInt(civilSeconds(1, 1, 1)) * SECOND;

function addDate(time: Time, years: number, months: number, days: number): Time {
  const civil = time.civil();
  const { hour, minute, second } = civil;
  const seconds = civilSeconds(civil.year + years, civil.month + months, civil.day + days, hour, minute, second);
  return timeInZone(seconds, civil.nanosecond, time.zone);
}

function isSummerTime(time: Time): boolean {
  const { year } = time.civil();
  const winter = Math.min(...[1, 7].map((month) => time.zone.at(civilSeconds(year, month, 1)).seconds));
  return time.zone.at(time.unixSeconds).seconds > winter;
}

function goSource(time: Time): string {
  const { year, month, day, hour, minute, second, nanosecond } = time.civil();
  const name = formatValue(new TypedInt(MONTH, BigInt(month)));
  return `time.Date(${[year, `time.${name}`, day, hour, minute, second, nanosecond, `time.${time.zone.name}`].join(', ')})`;
}

function durationMethod({ nanoseconds }: Duration, name: string, args: readonly GoValue[]): GoValue {
  const whole = (unit: bigint) => int64(nanoseconds / unit);
  switch (name) {
    case 'Abs':
      return new Duration(
        nanoseconds < 0n ? (nanoseconds === -(2n ** 63n) ? 2n ** 63n - 1n : -nanoseconds) : nanoseconds,
      );
    case 'Nanoseconds':
      return int64(nanoseconds);
    case 'Microseconds':
      return whole(1_000n);
    case 'Milliseconds':
      return whole(1_000_000n);
    case 'Seconds':
      return inUnits(nanoseconds, SECOND, 1e9);
    case 'Minutes':
      return inUnits(nanoseconds, 60n * SECOND, 60e9);
    case 'Hours':
      return inUnits(nanoseconds, 3600n * SECOND, 3600e9);
    case 'Round':
    case 'Truncate':
      return new Duration(toMultiple(nanoseconds, (args[0] as Duration).nanoseconds, name));
    case 'String':
      return formatDuration(nanoseconds);
    default:
      throw new Error(`time.Duration has no method ${name}`);
  }
}

/** Whole units and the rest, added as Go adds them. */
function inUnits(nanoseconds: bigint, unit: bigint, size: number): number {
  return Number(nanoseconds / unit) + Number(nanoseconds % unit) / size;
}

/** Halves are rounded away from zero for durations and up for times, which count from year 1. */
function toMultiple(value: bigint, multiple: bigint, how: 'Round' | 'Truncate'): bigint {
  if (multiple <= 0n) return value;
  const rest = value % multiple;
  if (how === 'Truncate') return value - rest;
  if (rest < 0n) return -rest + -rest < multiple ? value - rest : value - rest - multiple;
  return rest + rest < multiple ? value - rest : value - rest + multiple;
}
