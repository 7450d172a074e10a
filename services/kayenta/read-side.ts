import type { Http } from '../../providers/contract.ts';
import type { CanaryConfig, CanaryMetric } from '../domain/canary-config.ts';
import type { MetricSet } from '../domain/metric-set.ts';
import type { Account } from './accounts.ts';
import type { ExecutionRequest } from './execution-request.ts';
import { KayentaError } from './kayenta-error.ts';
import { metricsSources } from './sources/index.ts';
import { fetchMetricSets } from './sources/metrics-source.ts';

export const SIDES = ['control', 'experiment'] as const;
export type Side = (typeof SIDES)[number];

/** Reads one metric of a canary config on one side, once. Throws KayentaError. */
export async function readSide(
  { templates }: CanaryConfig,
  metric: CanaryMetric,
  side: Side,
  request: ExecutionRequest,
  account: Account,
  http: Http,
): Promise<readonly MetricSet[]> {
  const query = metric.query ?? {};
  const source = metricsSources.get(String(query['type']));
  if (source === undefined) throw new KayentaError(`Unable to resolve canary scope factory for '${query['type']}'.`);
  const scopes = request.scopes[metric.scopeName ?? ''];
  if (scopes === undefined) throw new KayentaError(`Canary scope for metric named '${metric.name}' is null.`);
  const scope = side === 'control' ? scopes.controlScope : scopes.experimentScope;
  const ask = { metricName: metric.name, query, scope, account, ...(templates === undefined ? {} : { templates }) };
  return fetchMetricSets(source, ask, http);
}
