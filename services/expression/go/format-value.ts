import { Failure, TOO_DEEP } from '../failure.ts';
import {
  AnyMap,
  Func,
  type GoValue,
  itemsOf,
  NamedString,
  Pointer,
  Struct,
  stringMapOf,
  TypedInt,
  typeOf,
} from '../value.ts';
import { formatDuration } from './duration.ts';
import { timeText } from './format-time.ts';
import { MONTH, WEEKDAY } from './go-type.ts';
import { MONTHS, WEEKDAYS } from './layout.ts';
import { compareText } from './text.ts';
import { Duration, Location, LocationPointer, Time } from './time.ts';

const MAX_DEPTH = 5_000;

/** Go's `%v`. */
export function formatValue(value: GoValue, depth = 0): string {
  if (depth > MAX_DEPTH) throw new Failure(TOO_DEEP);
  switch (typeof value) {
    case 'number':
      return formatFloat(value);
    case 'object':
      return value === null ? '<nil>' : formatObject(value, depth);
    default:
      return String(value);
  }
}

function formatObject(value: GoValue, depth: number): string {
  const items = itemsOf(value);
  // Loops, for values nest deeply and the stack is short.
  if (items !== undefined) {
    let text = '';
    for (const item of items) text += ` ${formatValue(item, depth + 1)}`;
    return `[${text.slice(1)}]`;
  }
  const map = stringMapOf(value);
  if (map !== undefined) {
    let text = '';
    for (const key of Object.keys(map).sort(compareText)) text += ` ${key}:${formatValue(map[key]!, depth + 1)}`;
    return `map[${text.slice(1)}]`;
  }
  if (value instanceof TypedInt) return formatTypedInt(value);
  if (value instanceof NamedString) return value.text;
  if (value instanceof Duration) return formatDuration(value.nanoseconds);
  if (value instanceof Time) return timeText(value);
  if (value instanceof LocationPointer) return value.zone.name;
  if (value instanceof Location) return `{${value.zone.name} [] []  0 0 <nil>}`;
  if (value instanceof AnyMap) {
    const entries = [...value.entries.values()].sort((a, b) => compareKeys(a.key, b.key));
    return `map[${entries.map(({ key, value: inner }) => `${formatValue(key)}:${formatValue(inner, depth + 1)}`).join(' ')}]`;
  }
  if (value instanceof Struct) {
    let text = '';
    for (const field of Object.values(value.fields)) text += `${formatValue(field, depth + 1)} `;
    // CloudWatch's structs end in an empty one that is not exported.
    return `{${text}{}}`;
  }
  // Go prints an address here, which means nothing anywhere else.
  return value instanceof Pointer && value.target === null ? '<nil>' : value instanceof Func ? '0x0' : '0xc000000000';
}

function formatTypedInt({ type, value }: TypedInt): string {
  if (type === MONTH) return MONTHS[Number(value) - 1] ?? `%!Month(${value})`;
  if (type === WEEKDAY) return WEEKDAYS[Number(value)] ?? `%!Weekday(${value})`;
  return String(value);
}

/** The order in which Go prints the keys of a map: by type, then by value. */
function compareKeys(left: GoValue, right: GoValue): number {
  const rank = (key: GoValue) => ['undefined', 'int', 'float64', 'string', 'bool'].indexOf(String(typeOf(key)?.kind));
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (left === null || right === null || typeof left === 'object' || typeof right === 'object') return 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The shortest digits that read back; an exponent from 1e+06 up and from 1e-05 down, of at least two digits. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
