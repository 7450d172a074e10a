/** Smallest relative step of a double. */
const EPSILON = 2 ** -52;
/** Kayenta asks for zeros to 10⁻⁴ in the unit of the metric, whatever that is. */
const TOLERANCE = 1e-4;
const MAX_ROUNDS = 1001;

const isZero = (value: number): boolean => Math.abs(value) <= Number.MIN_VALUE;

/**
 * Where `f` crosses zero between `lo` and `hi`: Brent's method as R's zeroin and, after it, Kayenta do it.
 *
 * On a step function the answer is a point near the step that depends on every point visited before. Kayenta's verdicts hang on
 * these points, so the order of the operations is part of the contract. `fLo` and `fHi` are f(lo) and f(hi).
 */
export function findZero(f: (at: number) => number, lo: number, hi: number, fLo: number, fHi: number): number {
  if (isZero(fLo)) return lo;
  if (isZero(fHi)) return hi;
  let prev = lo;
  let best = hi;
  let other = lo;
  let fPrev = fLo;
  let fBest = fHi;
  let fOther = fLo;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const bestBefore = best;
    const prevBefore = prev;
    const otherBefore = other;
    const last = best - prev;
    if (Math.abs(fOther) < Math.abs(fBest)) {
      prev = best;
      best = other;
      other = prev;
      fPrev = fBest;
      fBest = fOther;
      fOther = fPrev;
    }
    const tolerance = 2 * EPSILON * Math.abs(best) + TOLERANCE / 2;
    const half = (other - best) / 2;
    if (Math.abs(half) <= tolerance || isZero(fBest)) return best;
    let step = half;
    if (Math.abs(last) >= tolerance && Math.abs(fPrev) > Math.abs(fBest)) {
      const width = other - best;
      const s = fBest / fPrev;
      let numerator: number;
      let denominator: number;
      if (prev === other) {
        numerator = width * s;
        denominator = 1 - s;
      } else {
        const k = fPrev / fOther;
        const t = fBest / fOther;
        numerator = s * (width * k * (k - t) - (best - prev) * (t - 1));
        denominator = (k - 1) * (t - 1) * (s - 1);
      }
      if (numerator > 0) denominator = -denominator;
      else numerator = -numerator;
      if (
        numerator < 0.75 * width * denominator - Math.abs(tolerance * denominator) / 2 &&
        numerator < Math.abs((last * denominator) / 2)
      )
        step = numerator / denominator;
    }
    if (Math.abs(step) < tolerance) step = step > 0 ? tolerance : -tolerance;
    prev = best;
    fPrev = fBest;
    best += step;
    fBest = f(best);
    if ((fBest > 0 && fOther > 0) || (fBest < 0 && fOther < 0)) {
      other = prev;
      fOther = fPrev;
    }
    // Infinite samples lead to NaN and infinities that no round moves any more: the rounds left would end here too.
    if (Object.is(best, bestBefore) && Object.is(prev, prevBefore) && Object.is(other, otherBefore)) return best;
  }
  return best;
}
