import type { HttpHeaders, SeriesRange } from '../contract.ts';
import type { Credentials } from './connection.ts';
import type { DatadogQuery } from './query.ts';

/**
 * Datadog's client builds and signs the requests; what it would make of the answers is not used, for Argo's rules go by the raw body. Of the package only
 * one API is loaded: the whole takes three times the memory.
 */

export interface DatadogRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HttpHeaders;
  readonly body?: string;
}

/** Epoch seconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

type Keys = Pick<Credentials, 'address' | 'apiKey' | 'appKey'>;

/** v1: the series of a window. */
export async function seriesRequest(keys: Keys, { from, to }: Window, query: string): Promise<DatadogRequest> {
  const { MetricsApiRequestFactory } = await import(
    '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js'
  );
  const requests = new MetricsApiRequestFactory(await configuration(keys));
  return addressed(keys, await requests.queryMetrics(from, to, query));
}

/** v2: a number for a window, or one for each group. */
export async function scalarRequest(keys: Keys, { from, to }: Window, query: DatadogQuery): Promise<DatadogRequest> {
  const requests = await v2Requests(keys);
  const aggregator = query.aggregator ?? 'last';
  const queries = namedQueries(query).map((named) => ({ ...named, aggregator }));
  const attributes = { from: from * 1000, to: to * 1000, queries, formulas: formulasOf(query) };
  return addressed(keys, await requests.queryScalarData({ data: { type: 'scalar_request', attributes } }));
}

/** v2: the series of a range in steps. */
export async function timeseriesRequest(keys: Keys, range: SeriesRange, query: DatadogQuery): Promise<DatadogRequest> {
  const requests = await v2Requests(keys);
  const attributes = {
    ...{ from: range.startMs, to: range.endMs, interval: range.stepMs },
    ...{ queries: namedQueries(query), formulas: formulasOf(query) },
  };
  return addressed(keys, await requests.queryTimeseriesData({ data: { type: 'timeseries_request', attributes } }));
}

async function v2Requests(keys: Keys) {
  const { MetricsApiRequestFactory } = await import(
    '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js'
  );
  return new MetricsApiRequestFactory(await configuration(keys));
}

/** Argo calls a query without a name `query`. */
function namedQueries({ query = '', queries = {} }: DatadogQuery) {
  const named = query === '' ? Object.entries(queries) : [['query', query] as const];
  return named.map(([name, text]) => ({ dataSource: 'metrics' as const, name, query: text }));
}

function formulasOf({ formula = '' }: DatadogQuery) {
  return formula === '' ? [] : [{ formula }];
}

// Any address will do for the client: the real one is put in front as text, as Argo does.
const PLACEHOLDER = 'https://api.datadoghq.com';

/** Both keys are given, so that the client does not look for them in the environment. */
async function configuration({ apiKey, appKey }: Keys) {
  const { createConfiguration, BaseServerConfiguration } = await import(
    '@datadog/datadog-api-client/dist/packages/datadog-api-client-common/index.js'
  );
  return createConfiguration({
    baseServer: new BaseServerConfiguration(PLACEHOLDER, {}),
    authMethods: { apiKeyAuth: apiKey, appKeyAuth: appKey },
  });
}

interface Built {
  getUrl(): string;
  getHttpMethod(): string;
  getHeaders(): Record<string, string>;
  getBody(): unknown;
}

function addressed({ address }: Keys, request: Built): DatadogRequest {
  const body = request.getBody();
  return {
    method: request.getHttpMethod(),
    url: address + request.getUrl().slice(PLACEHOLDER.length),
    headers: request.getHeaders(),
    ...(typeof body === 'string' && { body }),
  };
}
