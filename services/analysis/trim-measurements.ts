import type { MetricResult } from '../domain/run.ts';

/** Measurements that are kept of a metric when no rule says otherwise. */
export const DEFAULT_RETENTION = 10;

/** How many measurements of a metric are kept. A limit of 0 or less keeps the default. */
export function retentionOf(
  metricName: string,
  retention: ReadonlyMap<string, number>,
  defaultLimit = DEFAULT_RETENTION,
): number {
  const limit = retention.get(metricName) ?? 0;
  return limit > 0 ? limit : defaultLimit;
}

/** The newest `limit` measurements stay; counters are not touched. The same result when nothing is to drop. */
export function trimMeasurements(result: MetricResult, limit: number): MetricResult {
  const measurements = result.measurements ?? [];
  return measurements.length > limit ? { ...result, measurements: measurements.slice(-limit) } : result;
}
