import { normalQuantile } from './normal.ts';
import type { RankStatistic } from './rank-statistic.ts';
import { findZero } from './zero-finder.ts';

/** By how much x is above y, in their unit, with a confidence interval. */
export interface ShiftInterval {
  readonly lower: number;
  readonly upper: number;
  readonly estimate: number;
}

/**
 * Confidence interval and estimate of the shift between two samples by the Mann-Whitney test (R's wilcox.test without exact p-values), as Kayenta
 * computes them: each is where the test's z score crosses a normal quantile, found to 10⁻⁴ by a solver whose stopping point is part of the answer.
 *
 * `confidence` is 0 … 1; outside it throws RangeError. Throws AllTiedError when all values are equal at an end of the search.
 * Example: [10, 20, 30, 40] against [1, 2, 3, 4] at 0.95 is 6 … 39 with the estimate 22.5.
 */
export function shiftInterval(statistic: RankStatistic, confidence: number): ShiftInterval {
  const quantile = -normalQuantile((1 - confidence) / 2);
  if (Number.isNaN(quantile)) throw new RangeError(`confidence ${confidence} is not between 0 and 1`);
  const { lo, hi } = statistic;
  const zLo = statistic.z(lo);
  const zHi = statistic.z(hi);
  const crossing = (target: number) =>
    findZero((shift) => statistic.z(shift) - target, lo, hi, zLo - target, zHi - target);
  const bound = (target: number) => {
    if (zLo - target <= 0) return lo;
    if (zHi - target >= 0) return hi;
    return crossing(target);
  };
  return { lower: bound(quantile), upper: bound(-quantile), estimate: crossing(0) };
}
