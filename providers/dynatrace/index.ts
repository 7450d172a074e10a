import { alignSamples } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError } from '../contract.ts';
import { originOf } from '../go-url.ts';
import { endpoint, readJsonAnswer } from '../json-answer.ts';
import type { JsonObject } from '../json-shape.ts';
import { listReading } from '../list-reading.ts';
import { lookBack, readDuration } from '../look-back.ts';
import { addressFor, readSecretRef, requireKey } from '../secret-ref.ts';
import { DynatraceQuery } from './query.ts';
import { type MetricData, readMetricData } from './response.ts';

type Call = ProviderCall<DynatraceQuery>;

const MINUTE_MS = 60_000;

export const dynatrace: Provider<DynatraceQuery> = {
  member: 'dynatrace',
  typeName: 'Dynatrace',
  schema: DynatraceQuery,
  account: ({ address, secretRef }) => (address ? originOf(address) : secretRef.name),

  async measure(call) {
    const { startMs, endMs } = lookBack(call.now, call.query.interval);
    // One point a series: the selector's aggregation of the window.
    const { series, warnings } = await ask(call, startMs, endMs, 'Inf');
    const values = series.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
    return listReading(values, warnings);
  },

  async check(call) {
    await get(call, 'api/v2/metrics', { pageSize: '1' });
  },

  async series(call, range) {
    const { startMs, endMs, stepMs } = range;
    if (stepMs % MINUTE_MS !== 0)
      throw new ProviderError('refused', `dynatrace: a step of ${stepMs / 1000}s is not of whole minutes`);
    const { series, warnings } = await ask(call, startMs, endMs, `${stepMs / MINUTE_MS}m`);
    return series.map(({ metricId, dimensions, points }) => {
      // Dynatrace names a slot by its end, the judge's grid by its start.
      const samples = points.map(([timeMs, value]) => [timeMs - stepMs, value ?? Number.NaN] as const);
      const { notes = [], ...aligned } = alignSamples(samples, range, call.now);
      const all = [...notes, ...warnings];
      return { name: metricId, tags: dimensions, ...aligned, ...(all.length > 0 && { notes: all }) };
    });
  },
};

async function ask(call: Call, startMs: number, endMs: number, resolution: string): Promise<MetricData> {
  const { metricSelector, entitySelector, mzSelector } = call.query;
  const answer = await get(call, 'api/v2/metrics/query', {
    metricSelector,
    ...(entitySelector && { entitySelector }),
    ...(mzSelector && { mzSelector }),
    resolution,
    from: String(startMs),
    to: String(endMs),
  });
  return readMetricData(answer);
}

async function get(call: Call, route: string, parameters: Readonly<Record<string, string>>): Promise<JsonObject> {
  const { address, secretRef, requestTimeout = '10s' } = call.query;
  const credentials = await readSecretRef(call, secretRef);
  const token = requireKey(credentials, secretRef, 'dynatrace_token');
  const url = endpoint('dynatrace', addressFor(address, secretRef, credentials), route);
  url.search = new URLSearchParams(parameters).toString();
  const response = await call.http({
    method: 'GET',
    url: url.href,
    headers: { Authorization: `Api-Token ${token}`, Accept: 'application/json' },
    timeoutMs: readDuration('requestTimeout', requestTimeout),
  });
  return readJsonAnswer('dynatrace', response);
}
