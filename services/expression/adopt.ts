import { GoLeaf, type Result, type ResultValue } from '../domain/result.ts';
import { RFC3339_NANO } from './go/format-time.ts';
import {
  ANY_LIST,
  BOOL,
  FLOAT_LIST,
  FLOAT64,
  type GoType,
  INT,
  INT64,
  MESSAGE_DATA,
  MESSAGE_DATA_LIST,
  METRIC_DATA_RESULT,
  METRIC_DATA_RESULT_LIST,
  NRDB_RESULT,
  NRDB_RESULT_LIST,
  STATUS_CODE,
  STRING,
  STRING_LIST,
  STRING_MAP,
  STRING_MAP_LIST,
  TIME_LIST,
  UINT64,
} from './go/go-type.ts';
import { parseTime } from './go/parse-time.ts';
import { wellFormed } from './go/text.ts';
import { Duration, Time } from './go/time.ts';
import { UTC } from './go/zone.ts';
import { type Nature, NIL, natureOf } from './nature.ts';
import {
  bytesValue,
  emptyMap,
  type GoValue,
  NamedMap,
  NamedString,
  Pointer,
  Struct,
  TypedInt,
  TypedList,
} from './value.ts';

/** Go's limit on JSON within JSON. */
const MAX_DEPTH = 10_000;

const TYPES: Readonly<Record<Exclude<Result['type'], 'nil'>, GoType>> = {
  bool: BOOL,
  string: STRING,
  float64: FLOAT64,
  // Pointers from providers are followed.
  '*float64': FLOAT64,
  int: INT,
  int64: INT64,
  uint64: UINT64,
  '[]float64': FLOAT_LIST,
  '[]string': STRING_LIST,
  '[]interface {}': ANY_LIST,
  'map[string]interface {}': STRING_MAP,
  'nrdb.NRDBResult': NRDB_RESULT,
  '[]map[string]interface {}': STRING_MAP_LIST,
  '[]nrdb.NRDBResult': NRDB_RESULT_LIST,
  '[]types.MetricDataResult': METRIC_DATA_RESULT_LIST,
};

/** What the checker knows of `result`. A nil of any type is plain nil to a condition. */
export function resultNature(type: Result['type']): Nature {
  return type === 'nil' ? NIL : natureOf(TYPES[type]);
}

/** The type under which a result is checked. */
export function staticType(result: Result): Result['type'] {
  return result.value === null ? 'nil' : result.type;
}

/** A provider's result as conditions see it. Most of JSON stays as it is. */
export function adopt(result: Result): GoValue {
  if (result.value === null) return null;
  switch (result.type) {
    case 'bool':
    case 'float64':
    case '*float64':
    case 'int':
      return result.value;
    case 'string':
      return wellFormed(result.value);
    case 'int64':
      return new TypedInt(INT64, result.value);
    case 'uint64':
      return new TypedInt(UINT64, result.value);
    case '[]float64':
      return new TypedList(FLOAT_LIST, result.value);
    case '[]string':
      return new TypedList(STRING_LIST, result.value.map(wellFormed));
    case '[]interface {}':
    case 'map[string]interface {}':
      return adoptJson(result.value);
    case 'nrdb.NRDBResult':
      return nrdbResult(result.value);
    case '[]map[string]interface {}':
      return new TypedList(STRING_MAP_LIST, result.value.map(adoptJson));
    case '[]nrdb.NRDBResult':
      return new TypedList(NRDB_RESULT_LIST, result.value.map(nrdbResult));
    case '[]types.MetricDataResult':
      return new TypedList(METRIC_DATA_RESULT_LIST, result.value.map(metricDataResult));
  }
}

function nrdbResult(value: ResultValue): NamedMap {
  return new NamedMap(NRDB_RESULT, adoptJson(value) as { readonly [key: string]: GoValue });
}

/** JSON needs no conversion unless it holds other leaves, or text that is no Unicode. */
function adoptJson(value: ResultValue): GoValue {
  return isPlain(value) ? (value as GoValue) : convert(value, 0);
}

function isPlain(root: ResultValue): boolean {
  const pending: ResultValue[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === 'string' && !value.isWellFormed()) return false;
    if (value === null || typeof value !== 'object') continue;
    if (value instanceof GoLeaf) return false;
    if (Array.isArray(value)) for (const item of value as readonly ResultValue[]) pending.push(item);
    else {
      for (const key in value) {
        if (!key.isWellFormed()) return false;
        pending.push((value as { readonly [key: string]: ResultValue })[key]!);
      }
    }
  }
  return true;
}

function convert(value: ResultValue, depth: number): GoValue {
  if (typeof value === 'string') return wellFormed(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof GoLeaf) return leaf(value);
  if (depth > MAX_DEPTH) throw new RangeError('result nests too deeply');
  if (Array.isArray(value)) return (value as readonly ResultValue[]).map((item) => convert(item, depth + 1));
  const map = emptyMap();
  for (const [key, inner] of Object.entries(value)) map[wellFormed(key)] = convert(inner, depth + 1);
  return map;
}

function leaf({ type, value }: GoLeaf): GoValue {
  if (typeof value !== 'bigint') return bytesValue(value);
  switch (type) {
    case 'int64':
      return new TypedInt(INT64, value);
    case 'uint64':
      return new TypedInt(UINT64, value);
    case 'time.Duration':
      return new Duration(value);
    default:
      return new Time(value, UTC);
  }
}

type Fields = { readonly [key: string]: ResultValue };

/** CloudWatch's answer for one query; what is absent is nil. */
function metricDataResult(value: Fields): Struct {
  return new Struct(METRIC_DATA_RESULT, {
    Id: textPointer(value['Id']),
    Label: textPointer(value['Label']),
    Messages: listField(MESSAGE_DATA_LIST, value['Messages'], (message) => messageData(message as Fields)),
    StatusCode: new NamedString(STATUS_CODE, String(value['StatusCode'] ?? '')),
    Timestamps: listField(TIME_LIST, value['Timestamps'], timestamp),
    Values: listField(FLOAT_LIST, value['Values'], (number) => number as number),
  });
}

function messageData(value: Fields): Struct {
  return new Struct(MESSAGE_DATA, { Code: textPointer(value['Code']), Value: textPointer(value['Value']) });
}

function textPointer(value: ResultValue | undefined): Pointer {
  return new Pointer(typeof value === 'string' ? wellFormed(value) : null);
}

function listField(type: GoType, value: ResultValue | undefined, item: (value: ResultValue) => GoValue): TypedList {
  return Array.isArray(value) ? new TypedList(type, value.map(item)) : new TypedList(type, [], true);
}

/** RFC 3339, or nanoseconds since the epoch. */
function timestamp(value: ResultValue): GoValue {
  if (value instanceof GoLeaf && typeof value.value === 'bigint') return new Time(value.value, UTC);
  const time = parseTime(RFC3339_NANO, String(value));
  if (time instanceof Time) return time;
  throw new TypeError(`CloudWatch timestamp ${String(value)} is no RFC 3339 time`);
}
