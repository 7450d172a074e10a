import { normalQuantile } from './normal.ts';

/**
 * What `count` draws of a normal variable look like when they fall as evenly as draws do on average: its expected order statistics by Blom's
 * approximation, ascending. `normalScores(3, 10, 1)` is 9.13…, 10, 10.86….
 */
export function normalScores(count: number, mean: number, deviation: number): Float64Array {
  return Float64Array.from(
    { length: count },
    (_, i) => mean + deviation * normalQuantile((i + 0.625) / (count + 0.25)),
  );
}
