import { Failure, TOO_DEEP } from '../failure.ts';
import {
  AnyMap,
  bytesOf,
  Func,
  type GoValue,
  isNil,
  itemsOf,
  NamedString,
  Pointer,
  Struct,
  stringMapOf,
  TypedInt,
  TypedList,
  typeName,
} from '../value.ts';
import { formatTime, RFC3339_NANO } from './format-time.ts';
import { formatFloat } from './format-value.ts';
import { BYTES } from './go-type.ts';
import { compareText } from './text.ts';
import { Duration, Time } from './time.ts';

const MAX_DEPTH = 5_000;

/** Go's `json.MarshalIndent` with two spaces. */
export function toJson(value: GoValue, indent = ''): string {
  if (indent.length > 2 * MAX_DEPTH) throw new Failure(TOO_DEEP);
  if (isNil(value)) return 'null';
  switch (typeof value) {
    case 'number':
      return numberJson(value);
    case 'string':
      return stringJson(value);
    case 'object':
      return objectJson(value, indent);
    default:
      return String(value);
  }
}

function numberJson(value: number): string {
  if (!Number.isFinite(value)) throw new Failure(`json: unsupported value: ${formatFloat(value)}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

const HTML = /[<>&\u2028\u2029\u007f]/g;

function stringJson(text: string): string {
  const escaped = JSON.stringify(text.toWellFormed());
  return escaped.replace(HTML, (character) =>
    character === '\u007f' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function objectJson(value: GoValue, indent: string): string {
  if (value instanceof TypedList && value.type === BYTES) {
    return `"${btoa(String.fromCharCode(...bytesOf(value)))}"`;
  }
  const inner = `${indent}  `;
  const items = itemsOf(value);
  // Loops, for values nest deeply and the stack is short.
  if (items !== undefined) {
    if (items.length === 0) return '[]';
    let text = '';
    for (const item of items) text += `${text === '' ? '[' : ','}\n${inner}${toJson(item, inner)}`;
    return `${text}\n${indent}]`;
  }
  const fields = value instanceof Struct ? value.fields : stringMapOf(value);
  if (fields !== undefined) {
    const keys = Object.keys(fields);
    if (keys.length === 0) return '{}';
    if (!(value instanceof Struct)) keys.sort(compareText);
    let text = '';
    for (const key of keys) {
      text += `${text === '' ? '{' : ','}\n${inner}${stringJson(key)}: ${toJson(fields[key]!, inner)}`;
    }
    return `${text}\n${indent}}`;
  }
  if (value instanceof TypedInt) return String(value.value);
  if (value instanceof NamedString) return stringJson(value.text);
  if (value instanceof Duration) return String(value.nanoseconds);
  if (value instanceof Time) return `"${formatTime(value, RFC3339_NANO)}"`;
  if (value instanceof Pointer) return stringJson(value.target!);
  if (value instanceof AnyMap || value instanceof Func) throw new Failure(`json: unsupported type: ${typeName(value)}`);
  // A location has no exported fields.
  return '{}';
}
