import { mean } from './mean.ts';

export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Standard deviation of the sample (n − 1); 0 for a single value. */
  readonly std: number;
}

const EMPTY: Summary = { count: 0, min: 0, max: 0, mean: 0, std: 0 };

/**
 * Size, range, mean and spread; zeros in all five without samples, as Kayenta reports them.
 *
 * The variance is commons-math's corrected two-pass sum, so that the last digit is Kayenta's.
 * `summarize([1, 1, 1, 10, 10, 10])` is count 6, min 1, max 10, mean 5.5, std 4.9295….
 */
export function summarize(values: Float64Array): Summary {
  const count = values.length;
  if (count === 0) return EMPTY;
  const center = mean(values);
  let min = values[0]!;
  let max = min;
  let deviations = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (!(min <= value)) min = value;
    if (!(max >= value)) max = value;
    const deviation = value - center;
    deviations += deviation;
    squares += deviation * deviation;
  }
  const std = count === 1 ? 0 : Math.sqrt((squares - (deviations * deviations) / count) / (count - 1));
  return { count, min, max, mean: center, std };
}
