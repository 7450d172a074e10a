/** Sums of this many positions at a time stay within 32 bits, whatever the samples hold. */
const INT32_ROOM = 2 ** 29;

/**
 * Counts the pairs with y below x − shift, or answers −1 when a pair is equal.
 *
 * A merge of n + m steps without a branch that depends on the data: which side a step takes is as good as random, and mispredicted branches are
 * most of the time of a plain merge. Four quarters of the merge go side by side, since each step waits for the one before it; a binary search
 * finds where a quarter begins. Both arrays are ascending and finite, with Infinity after their last value.
 */
export function countPairs(x: Float64Array, n: number, y: Float64Array, m: number, shift: number): number {
  const steps = n + m;
  const second = steps >> 2;
  const third = 2 * second;
  const fourth = 3 * second;
  let i1 = 0;
  let i2 = takenFromX(x, n, y, m, shift, second);
  let i3 = takenFromX(x, n, y, m, shift, third);
  let i4 = takenFromX(x, n, y, m, shift, fourth);
  const block = Math.max(1, Math.floor(INT32_ROOM / n));
  /** Σ over the values of y of how many of x lie below or at them. */
  let notBelow = 0;
  for (let from = 0; from < second; from += block) {
    const to = Math.min(from + block, second);
    let sum = 0;
    for (let k = from; k < to; k = (k + 1) | 0) {
      const y1 = y[(k - i1) | 0]!;
      const x1 = x[i1]! - shift;
      const y2 = y[(k + second - i2) | 0]!;
      const x2 = x[i2]! - shift;
      const y3 = y[(k + third - i3) | 0]!;
      const x3 = x[i3]! - shift;
      const y4 = y[(k + fourth - i4) | 0]!;
      const x4 = x[i4]! - shift;
      if (y1 === x1 || y2 === x2 || y3 === x3 || y4 === x4) return -1;
      const fromY1 = Number(y1 < x1) | 0;
      const fromY2 = Number(y2 < x2) | 0;
      const fromY3 = Number(y3 < x3) | 0;
      const fromY4 = Number(y4 < x4) | 0;
      sum = (sum + (i1 & -fromY1) + (i2 & -fromY2) + (i3 & -fromY3) + (i4 & -fromY4)) | 0;
      i1 = (i1 + 1 - fromY1) | 0;
      i2 = (i2 + 1 - fromY2) | 0;
      i3 = (i3 + 1 - fromY3) | 0;
      i4 = (i4 + 1 - fromY4) | 0;
    }
    notBelow += sum;
  }
  for (let k = 4 * second; k < steps; k++) {
    const yValue = y[k - i4]!;
    const xValue = x[i4]! - shift;
    if (yValue === xValue) return -1;
    if (yValue < xValue) notBelow += i4;
    else i4++;
  }
  return n * m - notBelow;
}

/** How many values of x are among the first `steps` of the merge, in which y goes first when it is smaller. */
function takenFromX(x: Float64Array, n: number, y: Float64Array, m: number, shift: number, steps: number): number {
  let low = Math.max(steps - m, 0);
  let high = Math.min(steps, n);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (y[steps - 1 - middle]! < x[middle]! - shift) high = middle;
    else low = middle + 1;
  }
  return low;
}
