import { mean } from '../../../../services/statistics/mean.ts';
import { summarize } from '../../../../services/statistics/summary.ts';

/**
 * Parts of Kayenta that its judge never calls, and Assay therefore does not have. They stand here so that every case of Kayenta's own suites can
 * be checked; what they share with the product, means and deviations, is the product's.
 */

/** Values more than k population standard deviations from the mean. */
export function kSigmaOutliers(values: Float64Array, k: number): boolean[] {
  const { count, mean: center, std } = summarize(values);
  const sigma = std * Math.sqrt((count - 1) / count);
  return Array.from(values, (value) => Math.abs(value - center) > k * sigma);
}

/** Difference of means in pooled standard deviations, without a sign. */
export function cohensD(experiment: Float64Array, control: Float64Array): number {
  const x = summarize(experiment);
  const y = summarize(control);
  const squares = (x.count - 1) * x.std ** 2 + (y.count - 1) * y.std ** 2;
  return Math.abs(y.mean - x.mean) / Math.sqrt(squares / (x.count + y.count - 2));
}

/** The classifier that only looks at which mean is larger. */
export function classifyByMeans(
  experiment: Float64Array,
  control: Float64Array,
  direction: string,
): 'Pass' | 'High' | 'Low' | 'Nodata' {
  if (experiment.length === 0 || control.length === 0) return 'Nodata';
  const difference = mean(experiment) - mean(control);
  if (difference > 0 && direction !== 'decrease') return 'High';
  return difference < 0 && direction !== 'increase' ? 'Low' : 'Pass';
}
