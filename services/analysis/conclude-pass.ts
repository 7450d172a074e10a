import { isCompleted } from '../domain/phase.ts';
import { rfc3339 } from '../domain/resource.ts';
import type { AnalysisRun, AnalysisRunStatus, MetricResult, RunSummary } from '../domain/run.ts';
import { assessRun } from './assess-run.ts';
import { earlyEndWarnings, outcomeWarnings } from './outcome-warnings.ts';
import type { RunPlan } from './plan-run.ts';
import { metricCompleted, type RunEvent, runCompleted } from './run-event.ts';

/** What a pass makes of a run. */
export interface Conclusion {
  readonly status: AnalysisRunStatus;
  readonly events: readonly RunEvent[];
}

/** A run that cannot be resolved or is not valid ends here, whatever was measured before; its times and results stay as they are. */
export function endedEarly(run: Pick<AnalysisRun, 'spec' | 'status'>, message: string): Conclusion {
  const status = withWarnings({ ...run.status, phase: 'Error', message }, earlyEndWarnings(run.spec));
  return { status, events: [runCompleted('Error')] };
}

/** The status after this pass' measurements are recorded in `results`. The message changes with the phase only. */
export function concludePass(
  run: Pick<AnalysisRun, 'spec' | 'status'>,
  plan: RunPlan,
  results: readonly MetricResult[],
  now: number,
): Conclusion {
  const earlier: AnalysisRunStatus = run.status ?? {};
  const assessed = assessRun(
    { spec: run.spec, status: { ...earlier, metricResults: results } },
    plan.metrics,
    plan.dryRun,
  );
  const events = assessed.completed.map(({ metric, phase }) => metricCompleted(metric, phase));
  const status: AnalysisRunStatus = {
    ...earlier,
    startedAt: earlier.startedAt ?? rfc3339(now),
    runSummary: kept(earlier.runSummary, assessed.runSummary),
    dryRunSummary: kept(earlier.dryRunSummary, assessed.dryRunSummary),
    ...(assessed.metricResults.length > 0 && { metricResults: assessed.metricResults }),
  };
  if (assessed.phase === earlier.phase) return { status, events };

  const { message: _, ...rest } = status;
  const moved = { ...rest, phase: assessed.phase, ...(assessed.message !== '' && { message: assessed.message }) };
  if (!isCompleted(assessed.phase)) return { status: moved, events };
  const completed = { ...moved, completedAt: earlier.completedAt ?? rfc3339(now) };
  return {
    status: withWarnings(completed, outcomeWarnings(run.spec, completed, plan)),
    events: [...events, runCompleted(assessed.phase)],
  };
}

function withWarnings(status: AnalysisRunStatus, warnings: readonly string[]): AnalysisRunStatus {
  return warnings.length === 0 ? status : { ...status, warnings };
}

const COUNTERS = ['count', 'successful', 'failed', 'inconclusive', 'error'] as const;

function kept(earlier: RunSummary | undefined, now: RunSummary): RunSummary {
  return earlier !== undefined && COUNTERS.every((counter) => (earlier[counter] ?? 0) === (now[counter] ?? 0))
    ? earlier
    : now;
}

/** Does the second status say anything that the first does not? Results are compared by identity: rules keep what they do not change. */
export function isSameStatus(earlier: AnalysisRunStatus | undefined, now: AnalysisRunStatus): boolean {
  return (
    earlier !== undefined &&
    earlier.phase === now.phase &&
    (earlier.message ?? '') === (now.message ?? '') &&
    earlier.startedAt === now.startedAt &&
    earlier.completedAt === now.completedAt &&
    earlier.runSummary === now.runSummary &&
    earlier.dryRunSummary === now.dryRunSummary &&
    earlier.metricResults === now.metricResults
  );
}
