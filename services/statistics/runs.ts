import { WorkingMemory } from './working-memory.ts';

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
  private readonly valueMemory = new WorkingMemory();
  private readonly countMemory = new WorkingMemory();

  load(sorted: Float64Array): void {
    const values = this.valueMemory.take(sorted.length);
    const counts = this.countMemory.take(sorted.length);
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
    for (let k = 0; k < size && size < sorted.length; k++) ties += counts[k]! * counts[k]! * counts[k]! - counts[k]!;
    this.values = values;
    this.counts = counts;
    this.size = size;
    this.smallestGap = smallestGap;
    this.ties = ties;
  }
}

/** A distinct value of x after a shift: −0.0 minus −0.0 is zero, infinity minus infinity ranks above everything. */
export function shifted(value: number, shift: number, isNegativeZero: boolean): number {
  if (isNegativeZero && value === BELOW_ZERO) return 0;
  const difference = value - shift;
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

/** A value as Kayenta ranks it: −0.0 below +0.0, NaN with infinity. */
function ranked(value: number): number {
  if (value === 0 && Object.is(value, -0)) return BELOW_ZERO;
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
