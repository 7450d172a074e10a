import type { Metric } from '../domain/template.ts';
import { readInt } from './int-or-string.ts';

/** How many counted measurements complete the metric; undefined: it goes on until something else ends it. A negative count is reached at once. */
export function effectiveCount(metric: Pick<Metric, 'count' | 'interval'>): number | undefined {
  const count = readInt(metric.count);
  if (count !== 0) return count;
  return metric.interval === undefined || metric.interval === '' ? 1 : undefined;
}
