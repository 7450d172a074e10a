import { isCompleted, type Phase } from '../domain/phase.ts';
import type { MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { effectiveCount } from './effective-count.ts';
import { isGiven, readInt } from './int-or-string.ts';

const DEFAULT_CONSECUTIVE_ERROR_LIMIT = 4;

/** A limit that a metric went beyond. `name` is that of the field. */
export interface ExceededLimit {
  readonly phase: 'Failed' | 'Inconclusive' | 'Error';
  readonly name: 'failureLimit' | 'inconclusiveLimit' | 'consecutiveErrorLimit';
  readonly actual: number;
  readonly limit: number;
  /** `failed (2) > failureLimit (1)`. */
  readonly text: string;
}

/** The limit that decides: inside one metric Error beats Inconclusive beats Failed. A limit of N breaks at N + 1. */
export function exceededLimit(metric: Metric, result: MetricResult): ExceededLimit | undefined {
  const errorLimit = isGiven(metric.consecutiveErrorLimit)
    ? readInt(metric.consecutiveErrorLimit)
    : DEFAULT_CONSECUTIVE_ERROR_LIMIT;
  const errors = result.consecutiveError ?? 0;
  if (errors > errorLimit) return exceeded('Error', 'consecutiveErrorLimit', 'consecutiveErrors', errors, errorLimit);

  const inconclusiveLimit = readInt(metric.inconclusiveLimit);
  const inconclusive = result.inconclusive ?? 0;
  if (inconclusive > inconclusiveLimit)
    return exceeded('Inconclusive', 'inconclusiveLimit', 'inconclusive', inconclusive, inconclusiveLimit);

  const failureLimit = readInt(metric.failureLimit);
  const failed = result.failed ?? 0;
  if (failureLimit >= 0 && failed > failureLimit)
    return exceeded('Failed', 'failureLimit', 'failed', failed, failureLimit);
  return undefined;
}

function exceeded(
  phase: ExceededLimit['phase'],
  name: ExceededLimit['name'],
  counter: string,
  actual: number,
  limit: number,
): ExceededLimit {
  return { phase, name, actual, limit, text: `${counter} (${actual}) > ${name} (${limit})` };
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
