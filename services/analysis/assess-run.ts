import { type CompletedPhase, isCompleted, isWorse, type Phase } from '../domain/phase.ts';
import type { AnalysisRun, MetricResult, RunSummary } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { assessMetric, type ExceededLimit, exceededLimit } from './assess-metric.ts';
import { isTerminating } from './terminating.ts';

export interface RunAssessment {
  readonly phase: Phase;
  readonly message: string;
  readonly metricResults: readonly MetricResult[];
  readonly runSummary: RunSummary;
  readonly dryRunSummary: RunSummary;
  /** Metrics that completed just now, in order. */
  readonly completed: readonly { readonly metric: string; readonly phase: CompletedPhase }[];
}

type Counter = keyof RunSummary;
type Tally = { -readonly [Name in Counter]?: number };

/**
 * Where the run stands after a pass has measured. Metrics are taken in order, and the message names the first metric of the worst phase. Those that only
 * watch hold the run open, but never make it worse than Successful.
 */
export function assessRun(
  run: Pick<AnalysisRun, 'spec' | 'status'>,
  metrics: readonly Metric[],
  dryRun: ReadonlySet<string>,
): RunAssessment {
  const terminating = isTerminating(run);
  const results = new Map((run.status?.metricResults ?? []).map((result) => [result.name, result]));
  const runSummary: Tally = {};
  const dryRunSummary: Tally = {};
  const completed: { metric: string; phase: CompletedPhase }[] = [];
  let message = run.spec.terminate === true ? 'Run Terminated' : '';
  let worst: CompletedPhase | undefined;
  let allCompleted = true;

  for (const metric of metrics) {
    const isDry = dryRun.has(metric.name);
    const summary = isDry ? dryRunSummary : runSummary;
    count(summary, 'count');
    const earlier = results.get(metric.name);
    if (earlier === undefined) {
      allCompleted = false;
      continue;
    }
    const result = withPhase(earlier, assessMetric(metric, earlier, terminating));
    results.set(metric.name, result);
    if (!isCompleted(result.phase)) {
      allCompleted = false;
      continue;
    }
    if (result.phase !== earlier.phase) completed.push({ metric: metric.name, phase: result.phase });
    const limit = exceededLimit(metric, result);
    count(summary, COUNTER_OF[limit?.phase ?? 'Successful']);
    if (isDry) {
      worst ??= 'Successful';
      if (limit) results.set(metric.name, withMessage(result, `Metric assessed ${result.phase} due to ${limit.text}`));
    } else if (worst === undefined || isWorse(worst, result.phase)) {
      worst = result.phase;
      if (limit) message = runMessage(result, limit);
    }
  }

  const ended = terminating || (allCompleted && worst !== undefined);
  return {
    phase: ended ? (worst ?? 'Successful') : 'Running',
    message: ended ? message : '',
    metricResults: sameOrder(run.status?.metricResults ?? [], results),
    runSummary,
    dryRunSummary,
    completed,
  };
}

const COUNTER_OF: Readonly<Record<CompletedPhase, Counter>> = {
  Successful: 'successful',
  Failed: 'failed',
  Inconclusive: 'inconclusive',
  Error: 'error',
};

function count(summary: Tally, counter: Counter): void {
  summary[counter] = (summary[counter] ?? 0) + 1;
}

/** A new phase takes its message from the last measurement. */
function withPhase(result: MetricResult, phase: Phase): MetricResult {
  if (phase === result.phase) return result;
  const last = result.measurements?.at(-1);
  if (last === undefined) return { ...result, phase };
  const { message: _, ...rest } = result;
  return last.message ? { ...rest, phase, message: last.message } : { ...rest, phase };
}

function withMessage(result: MetricResult, message: string): MetricResult {
  return result.message === message ? result : { ...result, message };
}

function runMessage(result: MetricResult, limit: ExceededLimit): string {
  const text = `Metric "${result.name}" assessed ${result.phase} due to ${limit.text}`;
  return result.message ? `${text}: "Error Message: ${result.message}"` : text;
}

/** The very list that came in when no result changed, so that a pass without effect is seen as one. */
function sameOrder(
  earlier: readonly MetricResult[],
  results: ReadonlyMap<string, MetricResult>,
): readonly MetricResult[] {
  const now = earlier.map((result) => results.get(result.name) as MetricResult);
  return now.every((result, index) => result === earlier[index]) ? earlier : now;
}
