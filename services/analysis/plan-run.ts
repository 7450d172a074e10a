import type { AnalysisRunSpec } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { matchDryRun, matchRetention } from './match-rules.ts';
import { type SecretData, secretNames, withSecrets, withStandIns } from './resolve-arguments.ts';
import { resolveMetrics } from './resolve-metric.ts';
import { metricsFault } from './validate-metrics.ts';

/** What follows from a run's spec alone, so that it can be kept from pass to pass. */
export interface RunPlan {
  /** Resolved and valid, with a stand-in for each secret: for scheduling and assessing. */
  readonly metrics: readonly Metric[];
  /** Names of metrics that only watch. */
  readonly dryRun: ReadonlySet<string>;
  /** How many measurements to keep, where a rule says so. */
  readonly retention: ReadonlyMap<string, number>;
  /** Secrets that every pass reads. */
  readonly secretNames: readonly string[];
}

/** The spec cannot be run: the run ends in Error with this message. */
export interface SpecFault {
  readonly fault: string;
}

export function planRun(spec: AnalysisRunSpec): RunPlan | SpecFault {
  const args = spec.args ?? [];
  let metrics: readonly Metric[];
  try {
    metrics = resolveMetrics(spec.metrics ?? [], withStandIns(args));
  } catch (error) {
    return unresolved(error);
  }
  const fault = metricsFault(metrics);
  if (fault !== undefined) return { fault: `Analysis spec invalid: ${fault}` };
  const names = metrics.map(({ name }) => name);
  try {
    return {
      metrics,
      dryRun: matchDryRun(spec.dryRun ?? [], names),
      retention: matchRetention(spec.measurementRetention ?? [], names),
      secretNames: secretNames(args),
    };
  } catch (error) {
    return { fault: `Analysis spec invalid: ${(error as Error).message}` };
  }
}

/** The metrics as they are measured: with the secrets' values, which are to be masked in everything that comes of it. */
export interface MeasurableMetrics {
  /** One for each of the plan's, in the same order. */
  readonly metrics: readonly Metric[];
  readonly secrets: readonly string[];
}

export function withSecretsResolved(
  spec: AnalysisRunSpec,
  plan: RunPlan,
  secretOf: (name: string) => SecretData | undefined,
): MeasurableMetrics | SpecFault {
  if (plan.secretNames.length === 0) return { metrics: plan.metrics, secrets: [] };
  try {
    const { args, secrets } = withSecrets(spec.args ?? [], secretOf);
    return { metrics: resolveMetrics(spec.metrics, args), secrets };
  } catch (error) {
    return unresolved(error);
  }
}

function unresolved(error: unknown): SpecFault {
  return { fault: `Unable to resolve metric arguments: ${(error as Error).message}` };
}
