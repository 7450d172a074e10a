import { GoObject } from './go-object.ts';
import { DURATION, LOCATION, LOCATION_POINTER, TIME } from './go-type.ts';
import type { Zone } from './zone.ts';

export const SECOND = 1_000_000_000n;
const MAX_DURATION = 2n ** 63n - 1n;

export class Duration extends GoObject {
  readonly type = DURATION;
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = BigInt.asIntN(64, nanoseconds);
  }
}

/** A `*time.Location`. */
export class LocationPointer extends GoObject {
  readonly type = LOCATION_POINTER;
  readonly zone: Zone;
  constructor(zone: Zone) {
    super();
    this.zone = zone;
  }
}

/** What a `*time.Location` points to; conditions meet it where expr-lang follows pointers. */
export class Location extends GoObject {
  readonly type = LOCATION;
  readonly zone: Zone;
  constructor(zone: Zone) {
    super();
    this.zone = zone;
  }
}

/** What a clock shows. Months count from 1, weekdays from Sunday as 0. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly weekday: number;
  readonly yearDay: number;
}

export class Time extends GoObject {
  readonly type = TIME;
  /** Since the Unix epoch. */
  readonly nanoseconds: bigint;
  readonly zone: Zone;
  constructor(nanoseconds: bigint, zone: Zone) {
    super();
    this.nanoseconds = nanoseconds;
    this.zone = zone;
  }

  get unixSeconds(): number {
    return Number(floorDivide(this.nanoseconds, SECOND));
  }

  plus(nanoseconds: bigint): Time {
    return new Time(this.nanoseconds + nanoseconds, this.zone);
  }

  /** Saturates at 64 bits. */
  since(other: Time): Duration {
    const difference = this.nanoseconds - other.nanoseconds;
    if (difference > MAX_DURATION) return new Duration(MAX_DURATION);
    return new Duration(difference < -MAX_DURATION - 1n ? -MAX_DURATION - 1n : difference);
  }

  in(zone: Zone): Time {
    return new Time(this.nanoseconds, zone);
  }

  civil(): Civil {
    const unix = this.unixSeconds;
    const date = new Date((unix + this.zone.at(unix).seconds) * 1000);
    const year = date.getUTCFullYear();
    return {
      year,
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      nanosecond: Number(this.nanoseconds - floorDivide(this.nanoseconds, SECOND) * SECOND),
      weekday: date.getUTCDay(),
      yearDay: Math.floor((date.getTime() - civilSeconds(year, 1, 1) * 1000) / 86_400_000) + 1,
    };
  }
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Seconds of a date as if in UTC; values outside their range carry over. */
export function civilSeconds(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime() / 1000;
}

/** The time at which the zone's clock shows this many seconds, counted as if in UTC. In a gap Go uses the later offset. */
export function timeInZone(seconds: number, nanosecond: number, zone: Zone): Time {
  const guess = zone.at(seconds).seconds;
  const offset = guess === 0 ? 0 : zone.at(seconds - guess).seconds;
  return new Time(BigInt(seconds - offset) * SECOND + BigInt(nanosecond), zone);
}
