import type { SeriesRange } from '../../providers/contract.ts';
import { CallerError } from '../domain/errors.ts';
import type { CanaryDeps, ConfiguredCanary } from '../engine/canary-provider.ts';
import { mixMetrics } from '../judge/mix-metrics.ts';
import type { Accounts } from './accounts.ts';
import { readConfig } from './canary-config.ts';
import { type ExecutionRequest, parseExecutionRequest } from './execution-request.ts';
import { checkExecution } from './execution-run.ts';
import { instantOf } from './java-values.ts';
import { KayentaError } from './kayenta-error.ts';
import { readSide, type Side } from './read-side.ts';
import type { Scope } from './sources/metrics-source.ts';

/** Reads a whole canary config inside a template, once, through the same sources as an execution of Kayenta's API. Throws CallerError. */
export function configReader(accounts: Accounts, newId: () => string): NonNullable<CanaryDeps['readConfigured']> {
  return async (ask) => {
    try {
      const config = readConfig(ask.canaryConfig);
      const request = withTimes(parseExecutionRequest({ scopes: ask.scopes, thresholds: {} }), ask);
      checkExecution(config, request);
      const account = accounts.resolve(ask.metricsAccountName, 'METRICS_STORE');
      const ofSide = async (side: Side) =>
        (
          await Promise.all(config.metrics.map((metric) => readSide(config, metric, side, request, account, ask.http)))
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

/** A template cannot know when its run will be: scopes without times look at the metric's window. */
function withTimes(request: ExecutionRequest, { windows }: ConfiguredCanary): ExecutionRequest {
  const lacks = ({ start, end, stepSeconds }: Scope) => start === undefined || end === undefined || stepSeconds === 0;
  const scopes = Object.entries(request.scopes);
  if (!scopes.some(([, pair]) => lacks(pair.controlScope) || lacks(pair.experimentScope))) return request;
  const { baseline, canary } = windows();
  const filled = (scope: Scope, { startMs, endMs, stepMs }: SeriesRange): Scope => ({
    ...scope,
    start: scope.start ?? instantOf(startMs),
    end: scope.end ?? instantOf(endMs),
    stepSeconds: scope.stepSeconds || stepMs / 1000,
  });
  return {
    ...request,
    scopes: Object.fromEntries(
      scopes.map(([name, { controlScope, experimentScope }]) => [
        name,
        { controlScope: filled(controlScope, baseline), experimentScope: filled(experimentScope, canary) },
      ]),
    ),
  };
}
