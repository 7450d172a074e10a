import { Failure, TOO_DEEP } from '../failure.ts';
import {
  AnyMap,
  Func,
  type GoValue,
  isNil,
  itemsOf,
  NamedString,
  numberOf,
  Pointer,
  Struct,
  stringMapOf,
  TypedInt,
  toInt64,
  typeOf,
} from '../value.ts';
import { ANY_LIST, FLOAT64, type GoType, INT, INT64, STRING, UINT8, UINT64 } from './go-type.ts';
import { Duration, Location, LocationPointer, Time } from './time.ts';

const MAX_DEPTH = 5_000;
const BASIC: ReadonlySet<GoType> = new Set([STRING, UINT8, INT, INT64, UINT64, FLOAT64]);

/** `==`: numbers by value whatever their type, lists by element where expr-lang does so, the rest as Go's deep equality. */
export function equal(left: GoValue, right: GoValue, depth = 0): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left === right;
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) {
    return typeof a === 'bigint' && typeof b === 'bigint' ? toInt64(a) === toInt64(b) : Number(a) === Number(b);
  }
  const lefts = itemsOf(left);
  const rights = itemsOf(right);
  if (lefts !== undefined && rights !== undefined && isElementwise(typeOf(left)!, typeOf(right)!)) {
    if (depth > MAX_DEPTH) throw new Failure(TOO_DEEP);
    return lefts.length === rights.length && lefts.every((item, index) => equal(item, rights[index]!, depth + 1));
  }
  if (left instanceof Time && right instanceof Time) return left.nanoseconds === right.nanoseconds;
  if (isNil(left) && isNil(right)) return true;
  return deepEqual(left, right, depth);
}

function isElementwise(left: GoType, right: GoType): boolean {
  const isKnown = (type: GoType) => type === ANY_LIST || (type.kind === 'slice' && BASIC.has(type.element!));
  return isKnown(left) && isKnown(right) && (left === ANY_LIST || right === ANY_LIST || left === right);
}

/** Go's `reflect.DeepEqual`: types count, at every depth. */
function deepEqual(left: GoValue, right: GoValue, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new Failure(TOO_DEEP);
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  if (type === undefined || typeof left !== 'object' || typeof right !== 'object') return left === right;
  if (left === right) return !(left instanceof Func);
  const lefts = itemsOf(left);
  const rights = itemsOf(right);
  if (lefts !== undefined && rights !== undefined) {
    if (isNil(left) !== isNil(right) || lefts.length !== rights.length) return false;
    return lefts.every((item, index) => deepEqual(item, rights[index]!, depth + 1));
  }
  const leftMap = stringMapOf(left);
  const rightMap = stringMapOf(right);
  if (leftMap !== undefined && rightMap !== undefined) {
    const keys = Object.keys(leftMap);
    if (keys.length !== Object.keys(rightMap).length) return false;
    return keys.every((key) => Object.hasOwn(rightMap, key) && deepEqual(leftMap[key]!, rightMap[key]!, depth + 1));
  }
  if (left instanceof AnyMap && right instanceof AnyMap) {
    if (left.entries.size !== right.entries.size) return false;
    return [...left.entries.values()].every(({ key, value }) => {
      const other = right.get(key);
      return other !== undefined && deepEqual(value, other, depth + 1);
    });
  }
  if (left instanceof Struct && right instanceof Struct) {
    return Object.keys(left.fields).every((name) => deepEqual(left.fields[name]!, right.fields[name]!, depth + 1));
  }
  if (left instanceof TypedInt && right instanceof TypedInt) return left.value === right.value;
  if (left instanceof Duration && right instanceof Duration) return left.nanoseconds === right.nanoseconds;
  if (left instanceof NamedString && right instanceof NamedString) return left.text === right.text;
  if (left instanceof Pointer && right instanceof Pointer) return left.target === right.target;
  if (left instanceof Time && right instanceof Time) {
    return left.nanoseconds === right.nanoseconds && left.zone.name === right.zone.name;
  }
  if (left instanceof LocationPointer && right instanceof LocationPointer) return left.zone.name === right.zone.name;
  if (left instanceof Location && right instanceof Location) return left.zone.name === right.zone.name;
  return false;
}
