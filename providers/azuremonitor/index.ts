import type { ResultValue } from '../../services/domain/result.ts';
import { type Provider, type ProviderCall, ProviderError, type Reading } from '../contract.ts';
import { goJson } from '../go-format.ts';
import { withDeadline } from '../http-layers.ts';
import { endpoint, readJsonAnswer } from '../json-answer.ts';
import { lookBack, readDuration } from '../look-back.ts';
import { azureToken } from './azure-token.ts';
import { AzureMonitorQuery } from './query.ts';
import { type MetricPoints, readMetrics } from './response.ts';

type Call = ProviderCall<AzureMonitorQuery>;

const API_VERSION = '2023-10-01';

export const azureMonitor: Provider<AzureMonitorQuery> = {
  member: 'azureMonitor',
  typeName: 'AzureMonitor',
  schema: AzureMonitorQuery,
  // Azure counts reads against the subscription.
  account: ({ resourceId }) => /^\/?subscriptions\/[^/]+/i.exec(resourceId)?.[0] ?? 'no subscription',

  async measure(call) {
    const metrics = await ask(call);
    const { aggregation } = call.query;
    const values = Object.fromEntries(
      [...metrics].map(([name, points]): [string, ResultValue] => {
        const [only] = aggregation;
        if (aggregation.length === 1 && only !== undefined) return [name, points[only] ?? []];
        return [name, points];
      }),
    );
    return readingOf(metrics, values);
  },

  /** Whether it is let in; what it may read hangs on the resource. */
  async check(call) {
    const timeoutMs = readDuration('requestTimeout', call.query.requestTimeout ?? '10s');
    await azureToken(call, withDeadline(call.http, timeoutMs), timeoutMs);
  },
};

function readingOf(
  metrics: ReadonlyMap<string, MetricPoints>,
  values: { readonly [name: string]: ResultValue },
): Reading {
  const hasData = [...metrics.values()].some((points) =>
    Object.values(points)
      .flat()
      .some((point) => point !== null),
  );
  if (!hasData) return { result: { type: 'nil', value: null }, value: goJson(values) };
  return { result: { type: 'map[string]interface {}', value: values }, value: goJson(values) };
}

async function ask(call: Call): Promise<ReadonlyMap<string, MetricPoints>> {
  const { resourceId, metricNames, metricNamespace, aggregation, timegrain, filter, interval } = call.query;
  if (!/^\/?subscriptions\//i.test(resourceId))
    throw new ProviderError('refused', 'azureMonitor: resourceId must begin with /subscriptions/');
  const { startMs, endMs } = lookBack(call.now, interval);
  const timeoutMs = readDuration('requestTimeout', call.query.requestTimeout ?? '10s');
  const http = withDeadline(call.http, timeoutMs);
  const { token, address } = await azureToken(call, http, timeoutMs);
  const url = endpoint('azureMonitor', address, `${resourceId}/providers/Microsoft.Insights/metrics`);
  url.search = new URLSearchParams({
    'api-version': API_VERSION,
    metricnames: metricNames.join(','),
    timespan: `${instant(startMs)}/${instant(endMs)}`,
    interval: timegrain ?? 'PT1M',
    aggregation: aggregation.join(','),
    ...(metricNamespace !== undefined && { metricnamespace: metricNamespace }),
    ...(filter !== undefined && { $filter: filter }),
  }).toString();
  const response = await http({
    method: 'GET',
    url: url.href,
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
    timeoutMs,
  });
  return readMetrics(readJsonAnswer('Azure Monitor', response), metricNames, aggregation);
}

const instant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
