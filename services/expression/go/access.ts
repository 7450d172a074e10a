import { Failure } from '../failure.ts';
import {
  AnyMap,
  byteValue,
  Func,
  type GoValue,
  itemsOf,
  NIL_LIST,
  notA,
  Pointer,
  Struct,
  stringMapOf,
  TypedList,
  typeName,
  typeOf,
} from '../value.ts';
import { toInt } from './arithmetic.ts';
import { equal } from './equal.ts';
import { formatValue } from './format-value.ts';
import { fieldOf, GROUPS, methodOf } from './go-type.ts';
import { callMethod } from './methods.ts';
import { byteAt, byteLength, sliceBytes } from './text.ts';
import { Location, LocationPointer } from './time.ts';

/** What a pointer points to; other values are themselves. */
export function follow(value: GoValue): GoValue {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Pointer) return value.target;
  return value instanceof LocationPointer ? new Location(value.zone) : value;
}

/** `from[key]` and `from.key`: an element, an entry (nil if there is none), a field or a method. */
export function fetch(from: GoValue, key: GoValue): GoValue {
  if (from === null) throw cannotFetch(key, from);
  if (typeof key === 'string') {
    const method = methodValue(from, key);
    if (method !== undefined) return method;
  }
  if (from instanceof Pointer && from.target === null) throw cannotFetch(key, from);
  const value = follow(from);
  const items = itemsOf(value);
  if (items !== undefined) return elementAt(items.length, key, (index) => items[index]!);
  if (typeof value === 'string') {
    return elementAt(byteLength(value), key, (index) => byteValue(byteAt(value, index)));
  }
  const map = stringMapOf(value);
  if (map !== undefined) {
    const name = mapKey(key);
    return Object.hasOwn(map, name) ? map[name]! : null;
  }
  if (value instanceof AnyMap) return value.get(key) ?? (value.type === GROUPS ? NIL_LIST : null);
  if (typeOf(value)?.kind === 'struct') {
    if (typeof key !== 'string') throw notA(key, 'string');
    if (value instanceof Struct && Object.hasOwn(value.fields, key)) return value.fields[key]!;
  }
  throw cannotFetch(key, from);
}

function cannotFetch(key: GoValue, from: GoValue): Failure {
  return new Failure(`cannot fetch ${formatValue(key)} from ${typeName(from)}`);
}

function elementAt(length: number, key: GoValue, take: (index: number) => GoValue): GoValue {
  const wanted = Number(toInt(key));
  const index = wanted < 0 ? length + wanted : wanted;
  if (index < 0 || index >= length) {
    const shown = toInt(key) < 0n ? BigInt(length) + toInt(key) : toInt(key);
    throw new Failure(`index out of range: ${shown} (array length is ${length})`);
  }
  return take(index);
}

/** The fast way to `list[index]` with a literal index. */
export function elementOrFetch(from: GoValue, index: number, key: bigint): GoValue {
  const items = Array.isArray(from) ? (from as readonly GoValue[]) : from instanceof TypedList ? from.items : undefined;
  if (items !== undefined && index >= 0 && index < items.length) return items[index]!;
  return fetch(from, key);
}

/** A map with string keys takes no others; nil stands for "". */
function mapKey(key: GoValue): string {
  if (typeof key === 'string') return key;
  if (key === null) return '';
  throw notAssignable(key, 'string');
}

function notAssignable(key: GoValue, to: string): Failure {
  return new Failure(`reflect.Value.MapIndex: value of type ${typeName(key)} is not assignable to type ${to}`);
}

/** A method bound to its receiver. */
export function methodValue(receiver: GoValue, name: string): Func | undefined {
  const type = typeOf(receiver)!;
  const method = methodOf(type, name);
  return method === undefined ? undefined : new Func(method, (args) => callMethod(receiver, name, args));
}

/** A field of a struct whose static type says that it has one. */
export function fetchField(from: GoValue, name: string): GoValue {
  const value = follow(from);
  if (value instanceof Struct) return value.fields[name]!;
  throw new Failure(`cannot get ${name} from ${typeName(from)}`);
}

/** `value[from:to]`: bounds are clamped, negative ones count from the end. */
export function slice(value: GoValue, from: GoValue, to: GoValue): GoValue {
  const target = follow(value);
  const items = itemsOf(target);
  const length = typeof target === 'string' ? byteLength(target) : items?.length;
  if (length === undefined) throw new Failure(`cannot slice ${formatValue(from)}`);
  const bound = (index: GoValue) => {
    const at = Number(toInt(index));
    return Math.max(0, at < 0 ? length + at : at);
  };
  const start = bound(from);
  const end = Math.min(bound(to), length);
  if (typeof target === 'string') return sliceBytes(target, Math.min(start, end), end);
  const part = items!.slice(Math.min(start, end), end);
  return target instanceof TypedList ? new TypedList(target.type, part, target.isNil) : part;
}

/** What the end of an open slice is; also where nil and other things without length are refused. */
export function lengthForSlice(value: GoValue): bigint {
  const map = stringMapOf(value);
  const length =
    typeof value === 'string'
      ? byteLength(value)
      : value instanceof AnyMap
        ? value.entries.size
        : (itemsOf(value)?.length ?? (map === undefined ? undefined : Object.keys(map).length));
  if (length === undefined) throw new Failure(`invalid argument for len (type ${typeName(value)})`);
  return BigInt(length);
}

/** `needle in container`. `compared` is told how many elements were looked at. */
export function isIn(needle: GoValue, container: GoValue, compared: (count: number) => void): boolean {
  if (container === null) return false;
  const items = itemsOf(container);
  if (items !== undefined) {
    compared(items.length);
    return items.some((item) => equal(item, needle));
  }
  const map = stringMapOf(container);
  if (map !== undefined) return Object.hasOwn(map, mapKey(needle));
  if (container instanceof AnyMap) return isKeyOf(container, needle);
  const type = typeOf(container)!;
  if (type.kind !== 'struct') throw new Failure(`operator "in" not defined on ${type.name}`);
  if (typeof needle !== 'string') {
    throw new Failure(`cannot use ${typeName(needle)} as field name of ${type.name}`);
  }
  return fieldOf(type, needle) !== undefined;
}

function isKeyOf(map: AnyMap, needle: GoValue): boolean {
  const key = map.type.key!;
  if (key.kind === 'interface') return map.get(needle) !== undefined;
  if (needle === null) return map.get(key.kind === 'int' ? 0n : '') !== undefined;
  if (typeOf(needle) !== key) throw notAssignable(needle, key.name);
  return map.get(needle) !== undefined;
}

/** A map passes for a list until an element is asked for. */
export function noElements(): Failure {
  return new Failure('reflect: call of reflect.Value.Index on map Value');
}
