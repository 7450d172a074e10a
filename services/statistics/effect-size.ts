/**
 * Mean of the canary over mean of the baseline: 1.2 is 20 % more. NaN when either mean is 0, where a ratio says nothing; for negative means it
 * runs backwards. `meanRatio(6, 5)` is 1.2.
 */
export function meanRatio(experimentMean: number, controlMean: number): number {
  return experimentMean === 0 || controlMean === 0 ? Number.NaN : experimentMean / controlMean;
}

/**
 * Common-language effect size: the share of pairs (one value from each sample) in which the canary's is higher, ties counting half.
 * 0.5 is no effect, 1 every value above every other. `wins` are twice the pairs won plus the pairs tied.
 */
export function commonLanguage(wins: number, experimentCount: number, controlCount: number): number {
  return wins / (2 * experimentCount * controlCount);
}
