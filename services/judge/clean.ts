import type { Samples } from '../domain/metric-set.ts';
import { type Fences, wideFences } from '../statistics/outlier-fences.ts';
import { sortSamples } from '../statistics/sort-samples.ts';
import { type Summary, summarize } from '../statistics/summary.ts';
import { WorkingMemory } from '../statistics/working-memory.ts';
import type { MetricSettings } from './settings.ts';

/** One side's samples, ready to compare. */
export interface CleanSamples {
  /** Ascending. */
  readonly sorted: Float64Array;
  readonly stats: Summary;
  readonly received: number;
  readonly missing: number;
  readonly outliers: number;
}

/** For one side of one comparison at a time. */
export class SampleMemory {
  readonly values = new WorkingMemory();
  readonly sorted = new WorkingMemory();
}

/**
 * Applies the NaN rule, then the outlier rule, to one side alone: a value can be an outlier on one side only. The result lives in `memory` until it
 * is used again.
 */
export function clean(
  samples: Samples,
  { nanStrategy, outlierFactor }: Pick<MetricSettings, 'nanStrategy' | 'outlierFactor'>,
  memory = new SampleMemory(),
): CleanSamples {
  const received = samples.length;
  const settled = memory.values.take(received);
  const { count, missing } = settleMissing(samples, nanStrategy, settled);
  const values = settled.subarray(0, count);
  const sorted = memory.sorted.take(received).subarray(0, count);
  sorted.set(values);
  sortSamples(sorted);
  if (outlierFactor === undefined || count === 0)
    return { sorted, stats: summarize(values), received, missing, outliers: 0 };
  const fences = wideFences(sorted, outlierFactor);
  const kept = withinFences(values, fences);
  return {
    sorted: withinFences(sorted, fences),
    stats: summarize(kept),
    received,
    missing,
    outliers: count - kept.length,
  };
}

/** Drops NaN samples or makes them 0. `count` values are then in `into`; `missing` were NaN. */
export function settleMissing(
  samples: Samples,
  nanStrategy: MetricSettings['nanStrategy'],
  into: Float64Array,
): { readonly count: number; readonly missing: number } {
  let count = 0;
  let missing = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (!Number.isNaN(value)) into[count++] = value;
    else {
      missing++;
      if (nanStrategy === 'replace') into[count++] = 0;
    }
  }
  return { count, missing };
}

/** NaN fences, which infinite samples can give, drop nothing. */
export const withinFences = (values: Float64Array, { low, high }: Fences): Float64Array =>
  values.filter((value) => !(value > high || value < low));
