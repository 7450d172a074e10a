import type { Json, Result } from '../services/domain/result.ts';
import { type HttpResponse, ProviderError, type Reading } from './contract.ts';
import { goQuote, shortestDecimal } from './go-format.ts';
import { decodeJson, JsonError, jsonType } from './go-json.ts';

/** What Prometheus answers, as client_golang reads it, with its words for what is wrong. */

export interface PrometheusAnswer {
  readonly data: PrometheusData;
  readonly warnings: readonly string[];
}

export type PrometheusData =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'vector'; readonly values: readonly number[] }
  | { readonly type: 'matrix'; readonly series: readonly Samples[] };

export interface Samples {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since the epoch, value. */
  readonly points: readonly (readonly [number, number])[];
}

/** Throws ProviderError for an answer that is not a success. */
export function readAnswer(response: HttpResponse): PrometheusAnswer {
  const { status, body } = response;
  // Of the failures only these two carry Prometheus' own words; the others may come from anything on the way.
  const isApiError = status === 400 || status === 422;
  if (!isApiError && (status < 200 || status > 299)) throw statusError(status);

  const envelope = status === 204 ? {} : readEnvelope(body);
  if (envelope['status'] === 'error') throw answerError(`${text(envelope['errorType'])}: ${text(envelope['error'])}`);
  if (isApiError && envelope['status'] === 'success')
    throw answerError('bad_response: inconsistent body for response code');
  return { data: readData(envelope['data']), warnings: list(envelope['warnings']).map(text) };
}

/** A measurement of an answer: numbers without exponent, warnings as metadata. */
export function readingOf({ data, warnings }: PrometheusAnswer): Reading {
  return {
    result: resultOf(data),
    value: valueText(data),
    ...(warnings.length > 0 && { metadata: { warnings: `"${warnings.join('", "')}"` } }),
  };
}

/** What conditions see: a vector is always a list, labels are lost, and a matrix is one flat list, series after series. */
function resultOf(data: PrometheusData): Result {
  switch (data.type) {
    case 'scalar':
      return { type: 'float64', value: data.value };
    case 'vector':
      return { type: '[]float64', value: data.values };
    case 'matrix':
      return { type: '[]float64', value: data.series.flatMap(({ points }) => points.map(([, value]) => value)) };
  }
}

function valueText(data: PrometheusData): string {
  if (data.type === 'scalar') return shortestDecimal(data.value);
  const values = resultOf(data).value as readonly number[];
  return `[${values.map(shortestDecimal).join(',')}]`;
}

function statusError(status: number): ProviderError {
  if (status >= 400 && status < 500)
    return new ProviderError(status === 429 ? 'unavailable' : 'refused', `client_error: client error: ${status}`);
  if (status >= 500 && status < 600) return new ProviderError('unavailable', `server_error: server error: ${status}`);
  return new ProviderError('unavailable', `bad_response: bad response code ${status}`);
}

function answerError(message: string): ProviderError {
  return new ProviderError('refused', message);
}

type Envelope = Readonly<Record<string, Json>>;

function readEnvelope(body: string): Envelope {
  let value: Json;
  try {
    value = decodeJson(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw answerError(`bad_response: ${error.message}`);
  }
  if (value === null) return {};
  if (!isObject(value)) throw answerError(`bad_response: ${mistyped(value, 'apiResponse')}`);
  return value;
}

function readData(data: Json | undefined): PrometheusData {
  if (data === undefined || data === null) throw answerError('unexpected end of JSON input');
  if (!isObject(data)) throw answerError(mistyped(data, 'queryResult'));
  const { resultType, result = null } = data;
  switch (resultType) {
    case 'scalar':
      return { type: 'scalar', value: point(result)[1] };
    case 'vector':
      return { type: 'vector', values: list(result).map(sampleValue) };
    case 'matrix':
      return { type: 'matrix', series: list(result).map(samples) };
    default:
      throw answerError(`unexpected value type ${goQuote(text(resultType ?? ''))}`);
  }
}

/** A sample that has only a native histogram counts as 0. */
function sampleValue(sample: Json): number {
  const value = isObject(sample) ? sample['value'] : undefined;
  return value === undefined || value === null ? 0 : point(value)[1];
}

function samples(series: Json): Samples {
  if (!isObject(series)) throw answerError(mistyped(series, 'model.SampleStream'));
  const metric = isObject(series['metric'] ?? null) ? (series['metric'] as Envelope) : {};
  return {
    metric: Object.fromEntries(Object.entries(metric).map(([name, value]) => [name, text(value)])),
    points: list(series['values']).map(point),
  };
}

/** `[seconds, "value"]`. */
function point(pair: Json): readonly [number, number] {
  if (!Array.isArray(pair) || pair.length !== 2) throw answerError(`not a sample: ${JSON.stringify(pair)}`);
  const [seconds, value] = pair as unknown as readonly [Json, Json];
  if (typeof seconds !== 'number' || typeof value !== 'string')
    throw answerError(`not a sample: ${JSON.stringify(pair)}`);
  return [seconds, sampleNumber(value)];
}

/** Go's ParseFloat on what Prometheus writes: decimals, `NaN`, `+Inf`, `-Inf`. */
function sampleNumber(value: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return Number(value);
  if (/^[+-]?nan$/i.test(value)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(value);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  throw answerError(`strconv.ParseFloat: parsing ${goQuote(value)}: invalid syntax`);
}

function isObject(value: Json): value is Envelope {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw answerError(mistyped(value, 'list'));
  return value as readonly Json[];
}

function text(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function mistyped(value: Json, wanted: string): string {
  return `json: cannot unmarshal ${jsonType(value)} into Go value of type ${wanted}`;
}
