import { secretMask } from '../analysis/mask-secrets.ts';
import type { MeasurableMetrics, RunPlan } from '../analysis/plan-run.ts';
import { retentionOf, trimMeasurements } from '../analysis/trim-measurements.ts';
import type { AnalysisRun, MetricResult } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import { untilAborted } from './pass-deadline.ts';
import { runIdOf } from './run-store.ts';

/**
 * Drops the oldest measurements beyond what is kept, after the source has collected what they left behind. Where collecting fails, they stay for the next pass. The
 * very list that came in when nothing is dropped.
 */
export async function trimResults(
  deps: EngineDeps,
  run: AnalysisRun,
  results: readonly MetricResult[],
  plan: RunPlan,
  { metrics, secrets }: MeasurableMetrics,
  signal: AbortSignal,
): Promise<readonly MetricResult[]> {
  const tooLong = results.filter(
    ({ name, measurements }) => (measurements?.length ?? 0) > retentionOf(name, plan.retention),
  );
  if (tooLong.length === 0) return results;
  const mask = secretMask(secrets);

  const trimmed = new Map<string, MetricResult>();
  for (const result of tooLong) {
    const metric = metrics[plan.metrics.findIndex(({ name }) => name === result.name)];
    if (metric === undefined) continue;
    const limit = retentionOf(result.name, plan.retention);
    const { uid = '', name, namespace = '' } = run.metadata;
    const call = {
      run: { uid, name, namespace },
      metric: { name: result.name },
      attempt: (result.count ?? 0) + (result.error ?? 0),
      provider: metric.provider,
      now: deps.clock.now(),
      signal,
    };
    try {
      await untilAborted(deps.measurer.collect(call, result, limit), signal);
      trimmed.set(result.name, trimMeasurements(result, limit));
    } catch (error) {
      deps.shutdown?.throwIfAborted();
      const message = mask(error instanceof Error ? error.message : String(error));
      deps.log.warn({ run: runIdOf(run), metric: result.name, error: message }, 'old measurements not collected');
    }
  }
  return trimmed.size === 0 ? results : results.map((result) => trimmed.get(result.name) ?? result);
}
