import { Failure } from '../failure.ts';
import { type GoValue, numberOf, toInt64, typeName } from '../value.ts';
import { compareText } from './text.ts';
import { Duration, Time } from './time.ts';

type Ordering = '<' | '>' | '<=' | '>=';

/** Go's order of numbers, strings, times and durations; anything else has none. */
function compare(operator: Ordering, left: GoValue, right: GoValue): number {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) {
    return typeof a === 'bigint' && typeof b === 'bigint' ? order(toInt64(a), toInt64(b)) : order(Number(a), Number(b));
  }
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (left instanceof Time && right instanceof Time) return order(left.nanoseconds, right.nanoseconds);
  if (left instanceof Duration && right instanceof Duration) return order(left.nanoseconds, right.nanoseconds);
  throw new Failure(`invalid operation: ${typeName(left)} ${operator} ${typeName(right)}`);
}

/** NaN when either is: then no comparison holds. */
function order(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : NaN;
}

export function less(left: GoValue, right: GoValue): boolean {
  return typeof left === 'number' && typeof right === 'number' ? left < right : compare('<', left, right) < 0;
}

export function more(left: GoValue, right: GoValue): boolean {
  return typeof left === 'number' && typeof right === 'number' ? left > right : compare('>', left, right) > 0;
}

export function lessOrEqual(left: GoValue, right: GoValue): boolean {
  return typeof left === 'number' && typeof right === 'number' ? left <= right : compare('<=', left, right) <= 0;
}

export function moreOrEqual(left: GoValue, right: GoValue): boolean {
  return typeof left === 'number' && typeof right === 'number' ? left >= right : compare('>=', left, right) >= 0;
}
