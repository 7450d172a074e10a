import { Failure } from './failure.ts';
import { GoObject } from './go/go-object.ts';
import {
  ANY_LIST,
  type ANY_MAP,
  BOOL,
  BYTES,
  FLOAT64,
  type FuncType,
  type GoType,
  type GROUPS,
  INT,
  type INT_SET,
  STRING,
  STRING_LIST,
  STRING_MAP,
  STRING_POINTER,
  type STRING_SET,
  UINT8,
} from './go/go-type.ts';

/**
 * A Go value as conditions see it. What JSON yields stands for itself: null, booleans, strings, number (float64), array
 * (`[]interface {}`) and plain object (`map[string]interface {}`; only its own keys count). A bigint is an int, always within
 * 64 bits. Everything else is a GoObject that knows its type.
 */
export type GoValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | GoObject
  | readonly GoValue[]
  | { readonly [key: string]: GoValue };

/** An integer that is no plain int: of another size, or a month or weekday. */
export class TypedInt extends GoObject {
  readonly type: GoType;
  readonly value: bigint;
  constructor(type: GoType, value: bigint) {
    super();
    this.type = type;
    this.value = value;
  }
}

/** A string with a type name of its own. */
export class NamedString extends GoObject {
  readonly type: GoType;
  readonly text: string;
  constructor(type: GoType, text: string) {
    super();
    this.type = type;
    this.text = text;
  }
}

/** A list whose elements have a type, or a nil list of any type. */
export class TypedList extends GoObject {
  readonly type: GoType;
  readonly items: readonly GoValue[];
  readonly isNil: boolean;
  constructor(type: GoType, items: readonly GoValue[], isNil = false) {
    super();
    this.type = type;
    this.items = items;
    this.isNil = isNil;
  }
}

export const NIL_LIST = new TypedList(ANY_LIST, [], true);
export const NIL_STRINGS = new TypedList(STRING_LIST, [], true);

/** A map with string keys and a type name of its own. */
export class NamedMap extends GoObject {
  readonly type: GoType;
  readonly entries: { readonly [key: string]: GoValue };
  constructor(type: GoType, entries: { readonly [key: string]: GoValue }) {
    super();
    this.type = type;
    this.entries = entries;
  }
}

/** A map with keys of any type, or a set the rewriter made. */
export class AnyMap extends GoObject {
  readonly type: GoType;
  readonly entries = new Map<unknown, { readonly key: GoValue; value: GoValue }>();
  constructor(type: typeof ANY_MAP | typeof GROUPS | typeof INT_SET | typeof STRING_SET) {
    super();
    this.type = type;
  }

  get(key: GoValue): GoValue | undefined {
    return this.entries.get(hashKey(key))?.value;
  }

  set(key: GoValue, value: GoValue): void {
    const hash = hashKey(key);
    const entry = this.entries.get(hash);
    if (entry === undefined) this.entries.set(hash, { key, value });
    else entry.value = value;
  }
}

/** Equal for what Go's maps take for the same key; NaN is never the same as anything. */
function hashKey(key: GoValue): unknown {
  if (typeof key === 'number') return Number.isNaN(key) ? Symbol('NaN') : key === 0 ? 0 : key;
  if (key === null || typeof key !== 'object') return key;
  if (key instanceof TypedInt) return `${key.type.name} ${key.value}`;
  if (key instanceof NamedString) return `${key.type.name} ${key.text}`;
  const type = typeOf(key)!;
  if (!isHashable(key)) throw new Failure(`runtime error: hash of unhashable type ${type.name}`);
  if (key instanceof TypedList) return `${type.name} ${key.items.map((item) => String(hashKey(item))).join()}`;
  return key;
}

/** Whether a map can have the value for a key. */
export function isHashable(value: GoValue): boolean {
  const kind = typeOf(value)?.kind;
  if (value instanceof TypedList && kind === 'array') return value.items.every(isHashable);
  return kind !== 'slice' && kind !== 'map' && kind !== 'func';
}

export class Struct extends GoObject {
  readonly type: GoType;
  readonly fields: Readonly<Record<string, GoValue>>;
  constructor(type: GoType, fields: Readonly<Record<string, GoValue>>) {
    super();
    this.type = type;
    this.fields = fields;
  }
}

/** A `*string`. */
export class Pointer extends GoObject {
  readonly type = STRING_POINTER;
  readonly target: string | null;
  constructor(target: string | null) {
    super();
    this.target = target;
  }
}

export class Func extends GoObject {
  readonly type: FuncType;
  /** Arguments have the types of the signature. */
  readonly call: (args: readonly GoValue[]) => GoValue;
  constructor(type: FuncType, call: (args: readonly GoValue[]) => GoValue) {
    super();
    this.type = type;
    this.call = call;
  }
}

/** The dynamic type; undefined for nil. */
export function typeOf(value: GoValue): GoType | undefined {
  switch (typeof value) {
    case 'number':
      return FLOAT64;
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    default:
      if (value === null) return undefined;
      if (value instanceof GoObject) return value.type;
      return Array.isArray(value) ? ANY_LIST : STRING_MAP;
  }
}

/** The dynamic type as Go's `%T` prints it. */
export function typeName(value: GoValue): string {
  return typeOf(value)?.name ?? '<nil>';
}

export function isNil(value: GoValue): boolean {
  if (value === null) return true;
  if (!(value instanceof GoObject)) return false;
  return (value instanceof TypedList && value.isNil) || (value instanceof Pointer && value.target === null);
}

/** Elements of a list of whatever type; undefined for anything else. */
export function itemsOf(value: GoValue): readonly GoValue[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof TypedList ? value.items : undefined;
}

type StringMap = { readonly [key: string]: GoValue };

/** Entries of a map with string keys; undefined for anything else. */
export function stringMapOf(value: GoValue): StringMap | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  if (value instanceof NamedMap) return value.entries;
  return value instanceof GoObject ? undefined : (value as StringMap);
}

/** A map for new entries: without a prototype, so that every key is an ordinary key. */
export function emptyMap(): { [key: string]: GoValue } {
  return Object.create(null) as { [key: string]: GoValue };
}

const UINT8S = Array.from({ length: 256 }, (_, byte) => new TypedInt(UINT8, BigInt(byte)));

export function byteValue(byte: number): GoValue {
  return UINT8S[byte]!;
}

export function bytesValue(bytes: Uint8Array): TypedList {
  return new TypedList(BYTES, Array.from(bytes, byteValue));
}

export function bytesOf(list: TypedList): Uint8Array {
  return Uint8Array.from(list.items, (item) => Number((item as TypedInt).value));
}

/** A number of one of Go's own numeric types as bigint or number; undefined for anything else, a duration included. */
export function numberOf(value: GoValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (!(value instanceof TypedInt)) return undefined;
  return value.type.path === undefined ? value.value : undefined;
}

/** Go converts every integer to int before it works with it; only large uint64 change. */
export function toInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** Fails as Go's type assertion does. */
export function notA(value: GoValue, wanted: string): Failure {
  return new Failure(`interface conversion: interface {} is ${typeOf(value)?.name ?? 'nil'}, not ${wanted}`);
}

export function asBool(value: GoValue): boolean {
  if (typeof value === 'boolean') return value;
  throw notA(value, 'bool');
}

export function asString(value: GoValue): string {
  if (typeof value === 'string') return value;
  throw notA(value, 'string');
}
