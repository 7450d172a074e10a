import type { Json } from '../../services/domain/result.ts';
import { ProviderError } from '../contract.ts';
import { decodeJson } from '../go-json.ts';
import { type JsonObject, listOf, objectOf } from '../json-shape.ts';

export interface AtlasSeries {
  readonly label: string;
  readonly tags: Readonly<Record<string, string>>;
  /** By time; NaN is a gap. */
  readonly samples: readonly (readonly [timeMs: number, value: number])[];
}

/**
 * Reads the lines of `/api/v2/fetch`: pieces of series, remarks, and at the end a `close` without which data may be missing. Throws ProviderError,
 * `refused` for an expression that Atlas cannot read.
 */
export function readStream(body: string): {
  readonly series: readonly AtlasSeries[];
  readonly warnings: readonly string[];
} {
  const messages = body
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => readMessage(line));
  const failure = messages.find(({ type }) => type === 'error');
  if (failure !== undefined) {
    const message = String(failure['message'] ?? '');
    // Kayenta's rule: an illegal state is the expression's fault.
    const kind = message.includes('IllegalStateException') ? 'refused' : 'unavailable';
    throw new ProviderError(kind, `Atlas query failed: ${message}`);
  }
  if (messages.at(-1)?.['type'] !== 'close')
    throw new ProviderError('unavailable', 'Atlas: unexpected EOF: the answer does not end with its close message');
  const pieces = messages.filter(({ type }) => type === 'timeseries');
  return {
    series: [...Map.groupBy(pieces, ({ id }) => id).values()].map(joined),
    warnings: messages
      .filter(({ type }) => type === 'diagnostic')
      .map(({ message }) => (typeof message === 'string' ? message : JSON.stringify(message))),
  };
}

function readMessage(line: string): JsonObject {
  const text = line.startsWith('data:') ? line.slice('data:'.length).trim() : line;
  try {
    return objectOf(decodeJson(text));
  } catch (error) {
    throw new ProviderError('unavailable', `Atlas: a line of the answer is not JSON: ${(error as Error).message}`);
  }
}

/** One series arrives in pieces of any order. */
function joined(pieces: readonly JsonObject[]): AtlasSeries {
  const ordered = pieces.toSorted((left, right) => Number(left['start']) - Number(right['start']));
  const { label, query, tags } = ordered[0] ?? {};
  return {
    label: String(label ?? query ?? ''),
    tags: Object.fromEntries(Object.entries(objectOf(tags)).map(([name, value]) => [name, String(value)])),
    samples: ordered.flatMap(({ start, step, data }) =>
      listOf(objectOf(data)['values']).map(
        (value, index) => [Number(start) + index * Number(step), numberOf(value)] as const,
      ),
    ),
  };
}

/** What is not finite arrives as text. */
function numberOf(value: Json): number {
  if (typeof value === 'number') return value;
  if (value === null || value === 'NaN') return Number.NaN;
  if (value === 'Infinity' || value === '+Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  throw new ProviderError('refused', `Atlas: ${JSON.stringify(value)} is not a number`);
}
