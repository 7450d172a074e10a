import { Failure } from '../failure.ts';
import { type GoValue, numberOf, TypedInt, toInt64, typeName } from '../value.ts';
import { INT } from './go-type.ts';
import { concat } from './text.ts';
import { Duration, Time } from './time.ts';

/** The longest string that `+` may build; expr-lang has no limit and would run out of memory. */
const MAX_TEXT = 2 ** 24;

function mismatch(operator: string, left: GoValue, right: GoValue): Failure {
  return new Failure(`invalid operation: ${typeName(left)} ${operator} ${typeName(right)}`);
}

export function add(left: GoValue, right: GoValue): GoValue {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) {
    return typeof a === 'bigint' && typeof b === 'bigint' ? toInt64(a + b) : Number(a) + Number(b);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length + right.length > MAX_TEXT) throw new Failure('memory budget exceeded');
    return concat(left, right);
  }
  if (left instanceof Time && right instanceof Duration) return left.plus(right.nanoseconds);
  if (left instanceof Duration && right instanceof Time) return right.plus(left.nanoseconds);
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.nanoseconds + right.nanoseconds);
  throw mismatch('+', left, right);
}

export function subtract(left: GoValue, right: GoValue): GoValue {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) {
    return typeof a === 'bigint' && typeof b === 'bigint' ? toInt64(toInt64(a) - toInt64(b)) : Number(a) - Number(b);
  }
  if (left instanceof Time && right instanceof Time) return left.since(right);
  if (left instanceof Time && right instanceof Duration) return left.plus(-right.nanoseconds);
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.nanoseconds - right.nanoseconds);
  throw mismatch('-', left, right);
}

export function multiply(left: GoValue, right: GoValue): GoValue {
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  const a = left instanceof Duration ? left.nanoseconds : numberOf(left);
  const b = right instanceof Duration ? right.nanoseconds : numberOf(right);
  if (a === undefined || b === undefined) throw mismatch('*', left, right);
  if (typeof a === 'number' || typeof b === 'number') return Number(a) * Number(b);
  return left instanceof Duration || right instanceof Duration ? new Duration(a * b) : toInt64(a * b);
}

export function divide(left: GoValue, right: GoValue): number {
  if (typeof left === 'number' && typeof right === 'number') return left / right;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined) throw mismatch('/', left, right);
  return Number(a) / Number(b);
}

export function modulo(left: GoValue, right: GoValue): bigint {
  const a = numberOf(left);
  const b = numberOf(right);
  if (typeof a !== 'bigint' || typeof b !== 'bigint') throw mismatch('%', left, right);
  if (b === 0n) throw new Failure('runtime error: integer divide by zero');
  return toInt64(toInt64(a) % toInt64(b));
}

export function negate(value: GoValue): GoValue {
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') return toInt64(-value);
  if (value instanceof TypedInt && value.type.path === undefined) return sized(value, -value.value);
  throw new Failure(`invalid operation: - ${typeName(value)}`);
}

/** A number of the type of `like`, wrapped to its size. */
export function sized(like: TypedInt, value: bigint): TypedInt {
  const bits = like.type.name === 'uint8' ? 8 : 64;
  const isUnsigned = like.type.name.startsWith('uint');
  return new TypedInt(like.type, isUnsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value));
}

/** Go's conversion of a float to int on amd64: outside of 64 bits, and for NaN, the smallest int. */
export function truncate(value: number): bigint {
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** `into` names the conversion in the message. */
export function toInt(value: GoValue, into = INT.name): bigint {
  if (typeof value === 'bigint') return value;
  const number = numberOf(value);
  if (number === undefined) throw new Failure(`invalid operation: ${into}(${typeName(value)})`);
  return typeof number === 'bigint' ? toInt64(number) : truncate(number);
}

export function toFloat(value: GoValue): number {
  if (typeof value === 'number') return value;
  const number = numberOf(value);
  if (number === undefined) throw new Failure(`invalid operation: float(${typeName(value)})`);
  return Number(number);
}
