import { Failure } from '../failure.ts';
import { parseDuration } from '../go/duration.ts';
import { parseTime, TimeError } from '../go/parse-time.ts';
import { Duration, LocationPointer, Time } from '../go/time.ts';
import { loadZone, UTC, type Zone } from '../go/zone.ts';
import type { Run } from '../run.ts';
import { asString, type GoValue } from '../value.ts';
import type { Implementation } from './implementation.ts';

/** Steps that reading a date counts for. */
const DATE_COST = 200;

/** What `date` tries when no layout is given. */
const LAYOUTS = [
  '2006-01-02',
  '15:04:05',
  '2006-01-02 15:04:05',
  '2006-01-02T15:04:05Z07:00',
  '02 Jan 06 15:04 MST',
  'Monday, 02-Jan-06 15:04:05 MST',
  'Mon, 02 Jan 2006 15:04:05 MST',
] as const;

function zoneNamed(name: string): Zone {
  const zone = loadZone(name);
  if (zone !== undefined) return zone;
  if (name.includes('..') || /^[/\\]/.test(name)) throw new Failure('time: invalid location name');
  throw new Failure(`unknown time zone ${name}`);
}

function fitting(layout: string, text: string, zone: Zone): Time {
  const time = parseTime(layout, text, zone);
  if (time instanceof TimeError) throw new Failure(time.message);
  return time;
}

function date(args: readonly GoValue[]): Time {
  const zone = args[0] instanceof LocationPointer ? args[0].zone : undefined;
  const rest = zone === undefined ? args : args.slice(1);
  if (rest.length === 0) throw new Failure('runtime error: index out of range [0] with length 0');
  const text = asString(rest[0]!);
  if (rest.length === 2) return fitting(asString(rest[1]!), text, zone ?? UTC);
  if (rest.length === 3) {
    const layout = asString(rest[1]!);
    return fitting(layout, text, zoneNamed(asString(rest[2]!)));
  }
  for (const layout of LAYOUTS) {
    const time = parseTime(layout, text, zone ?? UTC);
    if (time instanceof Time) return time;
  }
  throw new Failure(`invalid date ${text}`);
}

function now(zone: GoValue | undefined, run: Run): Time {
  return new Time(run.tick(), zone instanceof LocationPointer ? zone.zone : UTC);
}

export const dates: Readonly<Record<string, Implementation>> = {
  now: ([zone], run) => now(zone, run),
  date: (args, run) => {
    run.step(DATE_COST);
    return date(args);
  },
  duration: ([text]) => new Duration(parseDuration(asString(text!))),
  timezone: ([name]) => new LocationPointer(zoneNamed(asString(name!))),
};
