import { CallerError } from '../domain/errors.ts';
import type { CanaryDeps } from '../engine/canary-provider.ts';
import { mixMetrics } from '../judge/mix-metrics.ts';
import type { Accounts } from './accounts.ts';
import { readConfig } from './canary-config.ts';
import { parseExecutionRequest } from './execution-request.ts';
import { checkExecution } from './execution-run.ts';
import { KayentaError } from './kayenta-error.ts';
import { readSide, type Side } from './read-side.ts';

/** Reads a whole canary config inside a template, once, through the same sources as an execution of Kayenta's API. Throws CallerError. */
export function configReader(accounts: Accounts, newId: () => string): NonNullable<CanaryDeps['readConfigured']> {
  return async (json, scopes, metricsAccountName, http) => {
    try {
      const config = readConfig(json);
      const request = parseExecutionRequest({ scopes, thresholds: {} });
      checkExecution(config, request);
      const account = accounts.resolve(metricsAccountName, 'METRICS_STORE');
      const ofSide = async (side: Side) =>
        (
          await Promise.all(config.metrics.map((metric) => readSide(config, metric, side, request, account, http)))
        ).flat();
      const [control, experiment] = await Promise.all([ofSide('control'), ofSide('experiment')]);
      const names = config.metrics.map(({ name }) => name);
      return { config, pairs: mixMetrics(names, control, experiment, newId) };
    } catch (error) {
      if (error instanceof KayentaError) throw new CallerError('invalid', error.message);
      throw error;
    }
  };
}
