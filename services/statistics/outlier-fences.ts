import { percentile } from './percentile.ts';

/** Values below `low` or above `high` are outliers; the fences themselves are not. */
export interface Fences {
  readonly low: number;
  readonly high: number;
}

/**
 * Tukey's fences: `factor` interquartile ranges beyond the quartiles. NaN without samples.
 *
 * `sorted` is ascending. With factor 1.5, [21, 21, 23, 23, 24, 25, 29, 50] has the fences 17.25 and 31.25.
 */
export function tukeyFences(sorted: Float64Array, factor: number): Fences {
  if (!(factor > 0)) throw new RangeError('requirement failed: factor must be greater than zero');
  const lowerQuartile = percentile(sorted, 25);
  const upperQuartile = percentile(sorted, 75);
  const range = upperQuartile - lowerQuartile;
  return { low: lowerQuartile - factor * range, high: upperQuartile + factor * range };
}

/** Fences that leave at least the middle 98 % in: samples with many equal values have quartiles that say little. */
export function wideFences(sorted: Float64Array, factor: number): Fences {
  const { low, high } = tukeyFences(sorted, factor);
  return { low: Math.min(percentile(sorted, 1), low), high: Math.max(percentile(sorted, 99), high) };
}
