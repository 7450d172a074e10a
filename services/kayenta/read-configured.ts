import type { Http } from '../../providers/contract.ts';
import type { CanaryConfig } from '../domain/canary-config.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import { mixMetrics } from '../judge/mix-metrics.ts';
import type { Accounts } from './accounts.ts';
import { readConfig } from './canary-config.ts';
import { parseExecutionRequest } from './execution-request.ts';
import { checkExecution } from './execution-run.ts';
import { readSide, type Side } from './read-side.ts';

/** A whole canary config inside a template: read once, through the same sources as an execution of Kayenta's API. Throws KayentaError. */
export async function readConfigured(
  accounts: Accounts,
  newId: () => string,
  given: { readonly config: unknown; readonly scopes: unknown; readonly metricsAccountName: string | undefined },
  http: Http,
): Promise<{ readonly config: CanaryConfig; readonly pairs: readonly MetricSetPair[] }> {
  const config = readConfig(given.config);
  const request = parseExecutionRequest({ scopes: given.scopes, thresholds: {} });
  checkExecution(config, request);
  const account = accounts.resolve(given.metricsAccountName, 'METRICS_STORE');
  const ofSide = async (side: Side) =>
    (await Promise.all(config.metrics.map((metric) => readSide(config, metric, side, request, account, http)))).flat();
  const [control, experiment] = await Promise.all([ofSide('control'), ofSide('experiment')]);
  const names = config.metrics.map(({ name }) => name);
  return { config, pairs: mixMetrics(names, control, experiment, newId) };
}
