import { durationMs } from '../domain/duration.ts';
import { isCompleted } from '../domain/phase.ts';
import { epochMs } from '../domain/resource.ts';
import type { AnalysisRun, Measurement, MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { effectiveCount } from './effective-count.ts';
import { isTerminating } from './terminating.ts';

/** After an Error, and for a metric without interval: the gap to the next measurement. */
const RETRY_MS = 10_000;

/** One thing to do in a pass: a new measurement, or a look at the one in flight (to go on with it, or to end it when the run stops). */
export interface DueTask {
  readonly metric: Metric;
  readonly inFlight?: Measurement;
  /** Since when a new measurement is due, by what is stored (whole seconds); undefined for a first one without delay. */
  readonly dueAt?: number | undefined;
}

type RunState = Pick<AnalysisRun, 'spec' | 'status'>;

/** What is due now, in the order of the metrics. */
export function dueTasks(run: RunState, metrics: readonly Metric[], now: number): readonly DueTask[] {
  const terminating = isTerminating(run);
  return metrics.flatMap((metric): readonly DueTask[] => {
    const result = resultOf(run, metric.name);
    if (isCompleted(result?.phase)) return [];
    const last = result?.measurements?.at(-1);
    if (last !== undefined && epochMs(last.finishedAt) === undefined) {
      const waits = !terminating && (epochMs(last.resumeAt) ?? now) > now;
      return waits ? [] : [{ metric, inFlight: last }];
    }
    return !terminating && isNewDue(run, metric, result, last, now)
      ? [{ metric, dueAt: metricDueAt(run, metric, now, undefined) }]
      : [];
  });
}

function isNewDue(
  run: RunState,
  metric: Metric,
  result: MetricResult | undefined,
  last: Measurement | undefined,
  now: number,
): boolean {
  if (last === undefined) {
    if (!metric.initialDelay) return true;
    const delay = readableMs(metric.initialDelay);
    const startedAt = epochMs(run.status?.startedAt);
    return startedAt !== undefined && delay !== undefined && startedAt + delay <= now;
  }
  if (isCountReached(metric, result)) return false;
  // Strictly after: a look at the very millisecond is too early, as in Argo.
  return now > (epochMs(last.finishedAt) as number) + (gapAfter(metric, last) ?? RETRY_MS);
}

/**
 * When the run needs a look again; undefined when nothing is to come. Stored times have lost their fraction, and a look planned by them would come up to a
 * second early: `exact` has, for what this very pass set, the millisecond of a metric's `finishedAt`, of its `resumeAt` while in flight, or of the run's start
 * while it has no measurement.
 */
export function nextDueAt(
  run: RunState,
  metrics: readonly Metric[],
  now: number,
  exact: ReadonlyMap<string, number> = new Map(),
): number | undefined {
  const dues = metrics
    .map((metric) => metricDueAt(run, metric, now, exact.get(metric.name)))
    .filter((at) => at !== undefined);
  return dues.length === 0 ? undefined : Math.min(...dues);
}

function metricDueAt(run: RunState, metric: Metric, now: number, exact: number | undefined): number | undefined {
  const result = resultOf(run, metric.name);
  if (isCompleted(result?.phase)) return undefined;
  const last = result?.measurements?.at(-1);
  if (last === undefined) {
    const delay = metric.initialDelay ? readableMs(metric.initialDelay) : undefined;
    if (delay === undefined) return undefined;
    return (exact ?? epochMs(run.status?.startedAt) ?? now) + delay;
  }
  const finishedAt = epochMs(last.finishedAt);
  const resumeAt = epochMs(last.resumeAt);
  if (finishedAt === undefined) return resumeAt === undefined ? undefined : (exact ?? resumeAt);
  if (isCountReached(metric, result)) return undefined;
  const gap = gapAfter(metric, last);
  return gap === undefined ? undefined : (exact ?? finishedAt) + gap;
}

/** Errors are retried after a fixed gap, however long the interval is. Undefined without a readable interval. */
function gapAfter(metric: Metric, last: Measurement): number | undefined {
  if (last.phase === 'Error') return RETRY_MS;
  return metric.interval ? readableMs(metric.interval) : undefined;
}

function isCountReached(metric: Metric, result: MetricResult | undefined): boolean {
  const count = effectiveCount(metric);
  return count !== undefined && (result?.count ?? 0) >= count;
}

function readableMs(duration: string): number | undefined {
  try {
    return durationMs(duration);
  } catch {
    return undefined;
  }
}

export function resultOf(run: Pick<AnalysisRun, 'status'>, metricName: string): MetricResult | undefined {
  return run.status?.metricResults?.find(({ name }) => name === metricName);
}
