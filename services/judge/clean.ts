import type { Samples } from '../domain/metric-set.ts';
import { type Fences, wideFences } from '../statistics/outlier-fences.ts';
import { sortSamples } from '../statistics/sort-samples.ts';
import { type Summary, summarize } from '../statistics/summary.ts';
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

/** Applies the NaN rule, then the outlier rule, to one side alone: a value can be an outlier on one side only. */
export function clean(
  samples: Samples,
  { nanStrategy, outlierFactor }: Pick<MetricSettings, 'nanStrategy' | 'outlierFactor'>,
): CleanSamples {
  const received = samples.length;
  const { values, missing } = settleMissing(samples, nanStrategy);
  const sorted = sortSamples(values);
  if (outlierFactor === undefined || values.length === 0)
    return { sorted, stats: summarize(values), received, missing, outliers: 0 };
  const fences = wideFences(sorted, outlierFactor);
  const kept = withinFences(values, fences);
  return {
    sorted: withinFences(sorted, fences),
    stats: summarize(kept),
    received,
    missing,
    outliers: values.length - kept.length,
  };
}

/** Drops NaN samples or makes them 0; `missing` says how many there were. */
export function settleMissing(
  samples: Samples,
  nanStrategy: MetricSettings['nanStrategy'],
): { readonly values: Float64Array; readonly missing: number } {
  const values = new Float64Array(samples.length);
  let count = 0;
  let missing = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (!Number.isNaN(value)) values[count++] = value;
    else {
      missing++;
      if (nanStrategy === 'replace') values[count++] = 0;
    }
  }
  return { values: values.subarray(0, count), missing };
}

/** NaN fences, which infinite samples can give, drop nothing. */
export const withinFences = (values: Float64Array, { low, high }: Fences): Float64Array =>
  values.filter((value) => !(value > high || value < low));
