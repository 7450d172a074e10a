import { durationMs } from '../../services/domain/duration.ts';
import { alignSamples, completeSteps } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError, type Series, type SeriesRange } from '../contract.ts';
import { parseUrl } from '../go-url.ts';
import { type Connection, connect } from './connection.ts';
import { DatadogQuery } from './query.ts';
import { type DatadogRequest, scalarRequest, seriesRequest, timeseriesRequest, type Window } from './requests.ts';
import { readSeriesV1, readSeriesV2, readV1, readV2, type Samples } from './response.ts';

type Call = ProviderCall<DatadogQuery>;

const DEFAULT_INTERVAL = '5m';

export const datadog: Provider<DatadogQuery> = {
  member: 'datadog',
  typeName: 'Datadog',
  schema: DatadogQuery,
  account({ secretRef }, setting) {
    if (secretRef?.name) return secretRef.name;
    return setting('DD_ADDRESS') || 'datadog';
  },

  async measure(call) {
    const connection = await connect(call);
    checkAddress(connection);
    const window = windowOf(call);
    if (call.query.apiVersion === 'v2')
      return readV2(await send(call, connection, await scalarRequest(connection, window, call.query)));
    const request = await seriesRequest(connection, window, call.query.query ?? '');
    return readV1(await send(call, connection, request));
  },

  /** v2 takes the step for the width of its buckets; with v1 it is Datadog's choice unless the query has a rollup. */
  async series(call, range) {
    const connection = await connect(call);
    checkAddress(connection);
    const { startMs, stepMs, count } = completeSteps(range, call.now);
    const ended: SeriesRange = { startMs, stepMs, endMs: startMs + count * stepMs };
    const { apiVersion, query = '', formula = '' } = call.query;
    let found: readonly Samples[];
    if (apiVersion === 'v2') {
      const body = await send(call, connection, await timeseriesRequest(connection, ended, call.query));
      found = readSeriesV2(body, formula || query || Object.keys(call.query.queries ?? {}).join());
    } else {
      const window = { from: Math.floor(ended.startMs / 1000), to: Math.floor(ended.endMs / 1000) };
      found = readSeriesV1(await send(call, connection, await seriesRequest(connection, window, query)));
    }
    return found.map((samples) => aligned(samples, range, call.now));
  },
};

function aligned({ name, tags, bucketMs = 0, points }: Samples, range: SeriesRange, nowMs: number): Series {
  const { notes = [], ...grid } = alignSamples(points, range, nowMs);
  const isCoarse = bucketMs > range.stepMs;
  const all = isCoarse
    ? [...notes, `Datadog's buckets of ${bucketMs / 1000}s are wider than the step of ${range.stepMs / 1000}s`]
    : notes;
  return { name, tags, ...grid, ...(all.length > 0 && { notes: all }) };
}

/** Whole seconds, as Argo has them. */
function windowOf({ query, now }: Call): Window {
  let intervalMs: number;
  try {
    intervalMs = durationMs(query.interval || DEFAULT_INTERVAL);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
  const to = Math.floor(now / 1000);
  return { from: to - Math.trunc(intervalMs / 1000), to };
}

function checkAddress({ address }: Connection): void {
  try {
    parseUrl(address);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
}

/** The body of an answer that is one. Others are quoted whole, without what was signed with. */
async function send(call: Call, connection: Connection, request: DatadogRequest): Promise<string> {
  const { status, body } = await call.http({ ...request, asksOnly: true, timeoutMs: connection.timeoutMs });
  if (status === 200) return body;
  const shown = [connection.apiKey, connection.appKey].reduce((text, key) => text.replaceAll(key, '*****'), body);
  if (status === 401 || status === 403)
    throw new ProviderError('refused', `received authentication error response code: ${status} ${shown}`);
  throw new ProviderError(
    status === 429 || status >= 500 ? 'unavailable' : 'refused',
    `received non 2xx response code: ${status} ${shown}`,
  );
}
