import { planRun } from '../analysis/plan-run.ts';
import { hideStandIns } from '../analysis/resolve-arguments.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import type { FinishedMeasurement, Reporter } from './reporter.ts';

/** Tells the reporter every measurement once, as the run's states come by. Resolves with the last state. */
export async function followRun(states: AsyncIterable<AnalysisRun>, reporter: Reporter): Promise<AnalysisRun> {
  const told = new Map<string, number>();
  let last: AnalysisRun | undefined;
  for await (const run of states) {
    last = run;
    for (const finished of newMeasurements(run, told)) reporter.measured(finished);
    reporter.progressed(run);
  }
  if (last === undefined) throw new Error('a run was followed that has no state');
  reporter.ended(last);
  return last;
}

/** All measurements that the run still holds. */
export function measurementsOf(run: AnalysisRun): FinishedMeasurement[] {
  return newMeasurements(run, new Map());
}

function newMeasurements(run: AnalysisRun, told: Map<string, number>): FinishedMeasurement[] {
  const metrics = knownMetrics(run);
  return (run.status?.metricResults ?? []).flatMap((result) => {
    // Old measurements are dropped from the document, so the tally says how many there were.
    const total = (result.count ?? 0) + (result.error ?? 0);
    const before = told.get(result.name) ?? 0;
    told.set(result.name, total);
    const finished = (result.measurements ?? []).filter(({ finishedAt }) => finishedAt !== undefined);
    const fresh = finished.slice(-Math.max(0, total - before) || finished.length);
    if (total === before) return [];
    return fresh.map((measurement, index) => ({
      metric: result.name,
      number: total - fresh.length + index + 1,
      dryRun: result.dryRun ?? false,
      measurement,
      ...conditionsOf(metrics.get(result.name)),
    }));
  });
}

function conditionsOf(metric: Metric | undefined): Pick<FinishedMeasurement, 'successCondition' | 'failureCondition'> {
  const { successCondition, failureCondition } = metric ?? {};
  // The plan is resolved without secrets; its stand-in says nothing to a reader.
  return {
    ...(successCondition && { successCondition: hideStandIns(successCondition) }),
    ...(failureCondition && { failureCondition: hideStandIns(failureCondition) }),
  };
}

/** The metrics by the name they have in results. */
function knownMetrics({ spec }: AnalysisRun): ReadonlyMap<string, Metric> {
  const plan = planRun(spec);
  return new Map('fault' in plan ? [] : plan.metrics.map((metric) => [metric.name, metric]));
}
