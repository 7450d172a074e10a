import { isCompleted } from '../domain/phase.ts';
import { epochMs, rfc3339 } from '../domain/resource.ts';
import type { Measurement, MetricResult } from '../domain/run.ts';

/** What a measurement says that was ended because its run stopped. */
export const METRIC_TERMINATED = 'Metric Terminated';

/** A measurement that came in: a new one, or the next state of the one in flight. */
export interface Taken {
  readonly metricName: string;
  readonly measurement: Measurement;
  /** Whether the last measurement of the metric is replaced. */
  readonly wasInFlight: boolean;
  /** Whether the source was asked to end it because the run stops. */
  readonly wasCancelled: boolean;
  /** What the provider notes of the metric; counts for a metric's first measurement only. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Epoch milliseconds at the end of the call. */
  readonly endedAt: number;
}

/** The results with the measurement in its place and the counters moved on. */
export function recordMeasurement(
  results: readonly MetricResult[],
  taken: Taken,
  dryRun: ReadonlySet<string>,
): readonly MetricResult[] {
  const index = results.findIndex(({ name }) => name === taken.metricName);
  const earlier = results[index] ?? firstResult(taken, dryRun);
  const measurement = settled(taken);
  const measurements = earlier.measurements ?? [];
  const kept = taken.wasInFlight ? measurements.slice(0, -1) : measurements;
  const result = counted({ ...earlier, measurements: [...kept, measurement] }, measurement);
  return index < 0 ? [...results, result] : results.with(index, result);
}

function firstResult({ metricName, metadata }: Taken, dryRun: ReadonlySet<string>): MetricResult {
  return {
    name: metricName,
    phase: 'Running',
    ...(dryRun.has(metricName) && { dryRun: true }),
    ...(metadata && Object.keys(metadata).length > 0 && { metadata }),
  };
}

function settled({ measurement, wasCancelled, endedAt }: Taken): Measurement {
  const told =
    wasCancelled && (measurement.phase === 'Successful' || measurement.phase === 'Inconclusive')
      ? { ...measurement, message: METRIC_TERMINATED }
      : measurement;
  if (!isCompleted(told.phase) || epochMs(told.finishedAt) !== undefined) return told;
  return { ...told, finishedAt: rfc3339(endedAt) };
}

/** Errors are not in `count`, so that they never use it up. Counters that fall to zero are left out. */
function counted(result: MetricResult, { phase }: Measurement): MetricResult {
  if (!isCompleted(phase)) return result;
  const { consecutiveError = 0, consecutiveSuccess = 0, ...rest } = result;
  if (phase === 'Error') return { ...rest, error: (rest.error ?? 0) + 1, consecutiveError: consecutiveError + 1 };
  const count = (rest.count ?? 0) + 1;
  switch (phase) {
    case 'Successful':
      return { ...rest, count, successful: (rest.successful ?? 0) + 1, consecutiveSuccess: consecutiveSuccess + 1 };
    case 'Failed':
      return { ...rest, count, failed: (rest.failed ?? 0) + 1 };
    case 'Inconclusive':
      return { ...rest, count, inconclusive: (rest.inconclusive ?? 0) + 1 };
  }
}
