import { reserve } from './reserve.ts';

/** What stands in for −0.0, which Kayenta's ranking puts below +0.0. */
const BELOW_ZERO = -Number.MIN_VALUE;

/** The distinct values of a sample, ascending, and how often each occurs. */
export class Runs {
  values = new Float64Array(0);
  counts = new Float64Array(0);
  size = 0;
  /** Σ t³ − t over the frequencies t. */
  ties = 0;
  smallestGap = Number.POSITIVE_INFINITY;

  load(sorted: Float64Array): void {
    const values = reserve(this.values, sorted.length);
    const counts = reserve(this.counts, sorted.length);
    let size = 0;
    let last = Number.NEGATIVE_INFINITY;
    let smallestGap = Number.POSITIVE_INFINITY;
    for (let i = 0; i < sorted.length; i++) {
      const value = ranked(sorted[i]!);
      if (value === last && size > 0) counts[size - 1]! += 1;
      else {
        smallestGap = Math.min(smallestGap, value - last);
        values[size] = value;
        counts[size] = 1;
        last = value;
        size++;
      }
    }
    let ties = 0;
    for (let k = 0; k < size && size < sorted.length; k++) ties += counts[k]! ** 3 - counts[k]!;
    this.values = values;
    this.counts = counts;
    this.size = size;
    this.smallestGap = smallestGap;
    this.ties = ties;
  }

  /** A value of this sample moved by a shift, as Kayenta ranks it: infinity minus infinity is above everything. */
  static shifted(value: number, shift: number): number {
    if (value === BELOW_ZERO && Object.is(shift, -0)) return 0;
    return ranked(value - shift);
  }
}

/** A value as Kayenta ranks it: −0.0 below +0.0, NaN with infinity. */
function ranked(value: number): number {
  if (value === 0 && Object.is(value, -0)) return BELOW_ZERO;
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
