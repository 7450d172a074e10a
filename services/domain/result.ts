/**
 * What a provider read, with the Go type it has in Argo: the condition language is statically typed by it
 * (expr-lang 1.17.8 compiles a condition against the value it is given).
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A leaf that JSON cannot carry, as InfluxDB yields them. `int64` and `uint64` hold a bigint, `time.Time` nanoseconds since
 * the epoch as a bigint, `time.Duration` nanoseconds as a bigint, `[]uint8` bytes.
 */
export class GoLeaf {
  readonly type: 'int64' | 'uint64' | 'time.Time' | 'time.Duration' | '[]uint8';
  readonly value: bigint | Uint8Array;
  constructor(type: 'int64' | 'uint64' | 'time.Time' | 'time.Duration', value: bigint);
  constructor(type: '[]uint8', value: Uint8Array);
  constructor(type: GoLeaf['type'], value: bigint | Uint8Array) {
    this.type = type;
    this.value = value;
  }
}

export type ResultValue =
  | null
  | boolean
  | number
  | string
  | GoLeaf
  | readonly ResultValue[]
  | { readonly [key: string]: ResultValue };

/** Numbers in `value` are float64 unless a GoLeaf says otherwise; NaN and infinities are plain JavaScript numbers. */
export type Result =
  | { readonly type: 'nil'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'float64'; readonly value: number }
  | { readonly type: '*float64'; readonly value: number | null }
  | { readonly type: 'int' | 'int64' | 'uint64'; readonly value: bigint }
  | { readonly type: '[]float64'; readonly value: readonly number[] | null }
  | { readonly type: '[]string'; readonly value: readonly string[] | null }
  | { readonly type: '[]interface {}'; readonly value: readonly ResultValue[] }
  | {
      readonly type: 'map[string]interface {}' | 'nrdb.NRDBResult';
      readonly value: { readonly [key: string]: ResultValue };
    }
  | {
      readonly type: '[]map[string]interface {}' | '[]nrdb.NRDBResult' | '[]types.MetricDataResult';
      readonly value: readonly { readonly [key: string]: ResultValue }[];
    };

/** The Result of a decoded JSON value, as Go's decoder types it: every number is a float64. */
export function resultOfJson(value: Json): Result {
  if (value === null) return { type: 'nil', value };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'number') return { type: 'float64', value };
  if (typeof value === 'string') return { type: 'string', value };
  if (Array.isArray(value)) return { type: '[]interface {}', value: value as readonly Json[] };
  return { type: 'map[string]interface {}', value: value as { readonly [key: string]: Json } };
}
