import type { GoValue } from '../../../services/expression/condition.ts';
import { formatTime, RFC3339_NANO } from '../../../services/expression/go/format-time.ts';
import { formatFloat, formatValue } from '../../../services/expression/go/format-value.ts';
import { Duration, LocationPointer, Time } from '../../../services/expression/go/time.ts';
import {
  AnyMap,
  bytesOf,
  isNil,
  itemsOf,
  NamedString,
  Pointer,
  Struct,
  stringMapOf,
  TypedInt,
  TypedList,
  typeOf,
} from '../../../services/expression/value.ts';

/** A value as vector files write it: JSON, with text for floats and integers that JSON cannot carry. */
export function writeValue(value: GoValue): unknown {
  if (isNil(value)) return null;
  // The sign of zero is not written.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : formatFloat(value);
  if (typeof value === 'bigint') return writeInteger(value);
  // A byte that is no UTF-8 is written as the replacement character.
  if (typeof value === 'string') return value.toWellFormed();
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof TypedInt) return writeInteger(value.value);
  if (value instanceof NamedString) return value.text;
  if (value instanceof Pointer) return value.target;
  if (value instanceof Duration) return formatValue(value);
  if (value instanceof Time) return formatTime(value, RFC3339_NANO);
  if (value instanceof LocationPointer) return value.zone.name;
  if (value instanceof TypedList && value.type.name === '[]uint8')
    return Buffer.from(bytesOf(value)).toString('base64');
  return mapMembers(value, writeValue) ?? formatValue(value);
}

function writeInteger(value: bigint): number | string {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
}

const MIXED: ReadonlySet<string> = new Set(['interface', 'map', 'slice', 'array']);

/** A value's Go type as vector files write it: with the types of its members where they may differ. */
export function writeType(value: GoValue): unknown {
  const type = typeOf(value);
  if (type === undefined) return 'nil';
  const element = type.element;
  const isMixed = (type.kind === 'slice' || type.kind === 'array' || type.kind === 'map') && MIXED.has(element!.kind);
  if (!isMixed) return type.name;
  return { type: type.name, of: mapMembers(value, writeType) };
}

function mapMembers(value: GoValue, write: (member: GoValue) => unknown): unknown {
  const items = itemsOf(value);
  if (items !== undefined) return items.map(write);
  const map = value instanceof Struct ? value.fields : stringMapOf(value);
  if (map !== undefined) return Object.fromEntries(Object.entries(map).map(([key, inner]) => [key, write(inner)]));
  if (!(value instanceof AnyMap)) return undefined;
  return Object.fromEntries([...value.entries.values()].map((entry) => [formatValue(entry.key), write(entry.value)]));
}
