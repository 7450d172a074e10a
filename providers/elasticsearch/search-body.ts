import type { Json } from '../../services/domain/result.ts';
import { ProviderError } from '../contract.ts';
import { decodeJson } from '../go-json.ts';
import type { JsonObject } from '../json-shape.ts';

/** Bodies of `_search` made from the one that users write. */

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Throws ProviderError `refused` for what is not a JSON object. */
export function readBody(text: string): JsonObject {
  let body: Json;
  try {
    body = decodeJson(text);
  } catch (error) {
    throw new ProviderError('refused', `query is not JSON: ${(error as Error).message}`);
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new ProviderError('refused', 'query must be a JSON object: {"size":0,"query":{…},"aggs":{…}}');
  return body as JsonObject;
}

/** The body's own query, within a window of time that begins at its start and ends before its end. */
export function withWindow(body: JsonObject, timeField: string, { startMs, endMs }: Window): JsonObject {
  const range: Json = { range: { [timeField]: { gte: startMs, lt: endMs, format: 'epoch_millis' } } };
  const own = body['query'];
  return { ...body, query: { bool: { filter: own === undefined ? [range] : [own, range] } } };
}

/** The body's aggregations in every step of the window, also where no document is, `steps` by name; no hits. */
export function withBuckets(body: JsonObject, timeField: string, window: Window, stepMs: number): JsonObject {
  const { aggs, aggregations = aggs, size: _, ...rest } = body;
  const histogram = {
    field: timeField,
    fixed_interval: `${stepMs}ms`,
    min_doc_count: 0,
    extended_bounds: { min: window.startMs, max: window.endMs - 1 },
  };
  return {
    ...rest,
    size: 0,
    aggs: { steps: { date_histogram: histogram, ...(aggregations !== undefined && { aggs: aggregations }) } },
  };
}
