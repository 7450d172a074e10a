import { GoLeaf, type Result, type ResultValue } from '../../../services/domain/result.ts';
import { parseDuration } from '../../../services/expression/go/duration.ts';
import { RFC3339_NANO } from '../../../services/expression/go/format-time.ts';
import { parseTime } from '../../../services/expression/go/parse-time.ts';
import { Time } from '../../../services/expression/go/time.ts';

/** A result as vector files write it: a Go type name, and a value in JSON with text for what JSON cannot carry. */
export interface WrittenResult {
  readonly type: string;
  readonly value: unknown;
}

const FLOATS: Readonly<Record<string, number>> = { NaN: NaN, '+Inf': Infinity, '-Inf': -Infinity };

export function decodeResult({ type, value }: WrittenResult): Result {
  switch (type) {
    case 'nil':
      return { type, value: null };
    case 'float64':
      return { type, value: decodeFloat(value) };
    case '*float64':
      return { type, value: value === null ? null : decodeFloat(value) };
    case 'int':
    case 'int64':
    case 'uint64':
      return { type, value: BigInt(value as number | string) };
    case '[]float64':
      return { type, value: value === null ? null : (value as unknown[]).map(decodeFloat) };
    default:
      return { type, value: value === null ? null : decodeValue(value) } as Result;
  }
}

function decodeFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  const float = FLOATS[value as string];
  if (float === undefined) throw new Error(`${JSON.stringify(value)} is no float64`);
  return float;
}

function decodeValue(value: unknown): ResultValue {
  if (Array.isArray(value)) return value.map(decodeValue);
  if (value === null || typeof value !== 'object') return value as ResultValue;
  if ('$go' in value) return decodeLeaf(value as { readonly $go: string; readonly value: unknown });
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decodeValue(inner)]));
}

function decodeLeaf({ $go: type, value }: { readonly $go: string; readonly value: unknown }): ResultValue {
  switch (type) {
    case 'float64':
      return decodeFloat(value);
    case 'int64':
    case 'uint64':
      return new GoLeaf(type, BigInt(value as number | string));
    case 'time.Time': {
      const time = parseTime(RFC3339_NANO, value as string);
      if (!(time instanceof Time)) throw new Error(time.message);
      return new GoLeaf(type, time.nanoseconds);
    }
    case 'time.Duration':
      return new GoLeaf(type, parseDuration(value as string));
    case '[]uint8':
      return new GoLeaf(type, Buffer.from(value as string, 'base64'));
    default:
      throw new Error(`a leaf of type ${type} is not known`);
  }
}
