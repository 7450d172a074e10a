/**
 * The value below which `p` percent of the samples lie (0 … 100), with linear interpolation between samples: definition R-7 of Hyndman and Fan,
 * the default of R and of spreadsheets.
 *
 * `sorted` is ascending; NaN without samples. The order of the operations decides the last digit, and is commons-math's.
 * `percentile([0, 1, 2, 3], 50)` is 1.5.
 */
export function percentile(sorted: Float64Array, p: number): number {
  const count = sorted.length;
  if (count === 0) return Number.NaN;
  const position = 1 + (count - 1) * (p / 100);
  if (position < 1) return sorted[0]!;
  if (position >= count) return sorted[count - 1]!;
  const rank = Math.floor(position);
  const below = sorted[rank - 1]!;
  return below + (position - rank) * (sorted[rank]! - below);
}
