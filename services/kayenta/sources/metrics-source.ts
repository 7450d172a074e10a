import type { Http, HttpRequest, HttpResponse } from '../../../providers/contract.ts';
import type { MetricSet } from '../../domain/metric-set.ts';
import type { Instant } from '../java-values.ts';
import { KayentaError } from '../kayenta-error.ts';

/** Kayenta's own way to read the metrics systems: its queries and conversions differ from Argo's providers, and its scores depend on them. */

/** A canary scope after parsing: where, when, and how fine. */
export interface Scope {
  readonly scope?: string;
  readonly location?: string;
  readonly start?: Instant;
  readonly end?: Instant;
  readonly stepSeconds: number;
  readonly extendedScopeParams: Readonly<Record<string, string>>;
}

/** A metrics account: endpoint and credentials are whatever its type needs. Secrets never leave it but in requests. */
export interface MetricsAccount {
  readonly name: string;
  readonly type: string;
  readonly endpoint?: { readonly baseUrl: string };
  readonly [field: string]: unknown;
}

/** The `query` part of a metric config; each source reads its own members. */
export type QueryConfig = Readonly<Record<string, unknown>> & { readonly type?: string };

export interface SourceRequest {
  /** The metric config's name. */
  readonly metricName: string;
  readonly query: QueryConfig;
  readonly scope: Scope;
  readonly account: MetricsAccount;
  readonly templates?: Readonly<Record<string, string>>;
}

/** The set that stands for "no data", so that mixing pads it with NaN. */
export type PlainSet = Omit<MetricSet, 'name'>;

export interface MetricsSource {
  readonly type: string;
  /** The text sent to the source. Throws KayentaError with Kayenta's words. */
  buildQuery(request: SourceRequest): string;
  buildRequest(request: SourceRequest, query: string): SourceCall;
  /** Reads a 2xx answer. Throws KayentaError. */
  readAnswer(body: string, request: SourceRequest, query: string): readonly PlainSet[];
  /** What to ask for the metric names that complete a filter; absent: none. */
  readonly metadata?: {
    buildRequest(account: MetricsAccount, filter: string, nowMs: number): SourceCall;
    readAnswer(body: string): readonly { readonly name: string }[];
  };
  /** Words for an answer that is not 2xx; undefined where the status says enough. */
  describeFailure?(response: HttpResponse, query: string): string | undefined;
}

export type SourceCall = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;

const CALL_TIMEOUT_MS = 30_000;

/** A source that names a tiny step and a long range must not fill the memory. */
const MAX_POINTS = 10_000_000;

/** One try. Retrying is the caller's: it owns the clock. Throws KayentaError, `retryable` for faults that may pass. */
export async function fetchMetricSets(
  source: MetricsSource,
  request: SourceRequest,
  http: Http,
): Promise<readonly MetricSet[]> {
  const query = source.buildQuery(request);
  const body = await call(source.buildRequest(request, query), http, (response) =>
    source.describeFailure?.(response, query),
  );
  return source.readAnswer(body, request, query).map((set) => ({ name: request.metricName, ...set }));
}

export async function call(
  request: SourceCall,
  http: Http,
  describeFailure: (response: HttpResponse) => string | undefined = () => undefined,
): Promise<string> {
  let response: HttpResponse;
  try {
    response = await http({ ...request, timeoutMs: CALL_TIMEOUT_MS });
  } catch (error) {
    throw new KayentaError((error as Error).message, { status: 500, retryable: true, cause: error });
  }
  if (response.status >= 200 && response.status < 300) return response.body;
  const text =
    describeFailure(response) ?? `${response.status} ${response.statusText} from ${new URL(request.url).origin}`;
  // Kayenta's RetryConfiguration: the 5xx series, 408 and 429.
  const retryable = response.status >= 500 || response.status === 408 || response.status === 429;
  throw new KayentaError(text, { status: response.status, retryable });
}

export function baseUrl(account: MetricsAccount, otherwise?: string): string {
  const url = account.endpoint?.baseUrl ?? otherwise;
  if (url === undefined) throw new KayentaError(`The account ${account.name} has no endpoint.baseUrl.`);
  return url.replace(/\/$/, '');
}

export function withQuery(url: string, parameters: Readonly<Record<string, string | number>>): string {
  const text = Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return `${url}?${text}`;
}

export function parseJson(body: string, source: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new KayentaError(`${source} answered with something that is not JSON`, { status: 500, cause: error });
  }
}

/** A text member of a query config; empty counts as unset. */
export function textOf(query: QueryConfig, member: string): string | undefined {
  const value = query[member];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function listOf(query: QueryConfig, member: string): readonly string[] {
  const value = query[member];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Start and end of a scope, which every source needs. */
export function windowOf(scope: Scope): { readonly start: Instant; readonly end: Instant } {
  if (scope.start === undefined) throw new KayentaError('Start time is required.');
  if (scope.end === undefined) throw new KayentaError('End time is required.');
  return { start: scope.start, end: scope.end };
}

export function placeholder(
  scope: Scope,
  attributes: Readonly<Record<string, string>> = {},
  stepMillis = scope.stepSeconds * 1000,
): PlainSet {
  const { start, end } = windowOf(scope);
  return { tags: {}, startTimeMillis: start.epochMs, endTimeMillis: end.epochMs, stepMillis, values: [], attributes };
}

/** Points at exact times become slots from the first to the last; what is missing is NaN, what falls between slots is dropped. */
export function alignToSteps(
  points: readonly (readonly [timeMs: number, value: number | null])[],
  firstMs: number,
  lastMs: number,
  stepMs: number,
): number[] {
  if (stepMs > 0 && (lastMs - firstMs) / stepMs > MAX_POINTS)
    throw new KayentaError(`the answer spans more than ${MAX_POINTS} steps`, { status: 500 });
  const byTime = new Map(points);
  const values: number[] = [];
  for (let time = firstMs; time <= lastMs && stepMs > 0; time += stepMs) values.push(byTime.get(time) ?? Number.NaN);
  return values;
}

/** Kayenta offers the names that hold the filter, whatever the case. */
export function matchingMetrics<Metric extends { readonly name: string }>(
  metrics: readonly Metric[],
  filter: string,
): readonly Metric[] {
  const wanted = filter.toLowerCase();
  return metrics.filter(({ name }) => name.toLowerCase().includes(wanted));
}
