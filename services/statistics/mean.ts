/**
 * Arithmetic mean. NaN without samples; infinite samples give NaN.
 *
 * Two passes, as commons-math computes it for Kayenta: the second adds what rounding lost in the first, and moves last digits.
 * `mean([1, 2, 3, 4])` is 2.5.
 */
export function mean(values: Float64Array): number {
  const count = values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  const firstGuess = sum / count;
  let rest = 0;
  for (let i = 0; i < count; i++) rest += values[i]! - firstGuess;
  return firstGuess + rest / count;
}
