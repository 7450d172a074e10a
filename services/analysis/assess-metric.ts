import { isCompleted, type Phase } from '../domain/phase.ts';
import type { MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { effectiveCount } from './effective-count.ts';
import { isGiven, readInt } from './int-or-string.ts';

const DEFAULT_CONSECUTIVE_ERROR_LIMIT = 4;

/** A limit of a metric and how near it is: it breaks when `actual` is above `limit`. */
export interface MetricLimit {
  readonly phase: 'Failed' | 'Inconclusive' | 'Error';
  /** The name of the field. */
  readonly name: 'failureLimit' | 'inconclusiveLimit' | 'consecutiveErrorLimit';
  readonly counter: 'failed' | 'inconclusive' | 'consecutiveErrors';
  readonly actual: number;
  /** Absent: any number is tolerated. */
  readonly limit?: number;
}

/** One that a metric went beyond. */
export interface ExceededLimit extends Omit<MetricLimit, 'counter'> {
  readonly limit: number;
  /** `failed (2) > failureLimit (1)`. */
  readonly text: string;
}

/** In the order in which they decide: inside one metric Error beats Inconclusive beats Failed. */
export function limitsOf(metric: Metric, result: Partial<MetricResult>): readonly MetricLimit[] {
  const errorLimit = isGiven(metric.consecutiveErrorLimit)
    ? readInt(metric.consecutiveErrorLimit)
    : DEFAULT_CONSECUTIVE_ERROR_LIMIT;
  const failureLimit = readInt(metric.failureLimit);
  return [
    {
      phase: 'Error',
      name: 'consecutiveErrorLimit',
      counter: 'consecutiveErrors',
      actual: result.consecutiveError ?? 0,
      limit: errorLimit,
    },
    {
      phase: 'Inconclusive',
      name: 'inconclusiveLimit',
      counter: 'inconclusive',
      actual: result.inconclusive ?? 0,
      limit: readInt(metric.inconclusiveLimit),
    },
    {
      phase: 'Failed',
      name: 'failureLimit',
      counter: 'failed',
      actual: result.failed ?? 0,
      ...(failureLimit >= 0 && { limit: failureLimit }),
    },
  ];
}

/** The limit that decides. A limit of N breaks at N + 1. */
export function exceededLimit(metric: Metric, result: MetricResult): ExceededLimit | undefined {
  for (const { phase, name, counter, actual, limit } of limitsOf(metric, result))
    if (limit !== undefined && actual > limit)
      return { phase, name, actual, limit, text: `${counter} (${actual}) > ${name} (${limit})` };
  return undefined;
}

/** The phase that a metric has earned. A completed one never changes. */
export function assessMetric(metric: Metric, result: MetricResult, terminating: boolean): Phase {
  if (isCompleted(result.phase)) return result.phase;
  const last = result.measurements?.at(-1);
  if (last === undefined) return terminating ? 'Successful' : 'Pending';
  // Waits for the measurement in flight, even when a limit is already exceeded and even when the run stops.
  if (!isCompleted(last.phase)) return 'Running';

  const limit = exceededLimit(metric, result);
  if (limit !== undefined) return limit.phase;
  const streakWanted = readInt(metric.consecutiveSuccessLimit);
  if (streakWanted > 0 && (result.consecutiveSuccess ?? 0) >= streakWanted) return 'Successful';
  const count = effectiveCount(metric);
  if (count !== undefined && (result.count ?? 0) >= count) return phaseAtCount(metric, streakWanted > 0);
  return terminating ? 'Successful' : 'Running';
}

/** The count is reached, no limit is exceeded, and a wanted streak of successes did not come. */
function phaseAtCount(metric: Metric, wantsStreak: boolean): Phase {
  if (!wantsStreak) return 'Successful';
  const failuresCount = readInt(metric.failureLimit) >= 0;
  return failuresCount ? 'Inconclusive' : 'Failed';
}
