/** What stands in for −0.0, which Kayenta's ranking puts below +0.0. */
const BELOW_ZERO = -Number.MIN_VALUE;

/** Thrown when every observation has the same value, so that ranks say nothing. */
export class AllTiedError extends Error {
  override readonly name = 'AllTiedError';
  constructor() {
    super('cannot compute confidence interval when all observations are tied');
  }
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Ascending distinct values of a sample with their frequencies. */
interface Runs {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

function runsOf(sorted: Float64Array): Runs {
  const values = new Float64Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  let size = 0;
  for (let i = 0; i < sorted.length; i++) {
    let value = sorted[i]!;
    if (Object.is(value, -0)) value = BELOW_ZERO;
    // Kayenta ranks NaN with infinity.
    if (Number.isNaN(value)) value = Number.POSITIVE_INFINITY;
    if (size > 0 && values[size - 1] === value) counts[size - 1]! += 1;
    else {
      values[size] = value;
      counts[size] = 1;
      size++;
    }
  }
  return { values: values.subarray(0, size), counts: counts.subarray(0, size) };
}

const cubes = (counts: Float64Array): number => counts.reduce((sum, count) => sum + (count * count * count - count), 0);

/**
 * The Mann-Whitney statistic of two samples as a function of the shift between them.
 *
 * Ranking n + m values at every shift is what makes Kayenta slow. With both samples sorted once, one merge counts which pairs are in which
 * order, and the rank sum follows from that count in whole numbers, so that z is Kayenta's to the last bit.
 */
export class RankStatistic {
  readonly n: number;
  readonly m: number;
  /** Smallest and largest difference between a value of x and one of y. */
  readonly lo: number;
  readonly hi: number;
  private readonly x: Runs;
  private readonly y: Runs;
  private readonly tiesWithin: number;
  /** Twice the pairs with x above y plus the pairs with x equal to y, at the last shift. */
  private wins = 0;
  /** Σ t³ − t over the groups of equal values, at the last shift. */
  private ties = 0;

  /** Both samples ascending and not empty. The ranges come apart, since in Kayenta they depend on the order that samples with NaN came in. */
  constructor(x: Float64Array, y: Float64Array, xRange: Range, yRange: Range) {
    if (x.length === 0 || y.length === 0) throw new RangeError('cannot rank an empty sample');
    this.n = x.length;
    this.m = y.length;
    this.lo = xRange.min - yRange.max;
    this.hi = xRange.max - yRange.min;
    this.x = runsOf(x);
    this.y = runsOf(y);
    this.tiesWithin = cubes(this.y.counts);
  }

  /** Standard score of the rank sum of x − shift among y, with continuity correction. Throws AllTiedError. */
  z(shift: number): number {
    this.merge(shift);
    const { n, m } = this;
    const excess = (this.wins - n * m) / 2;
    const total = n + m;
    const sigma = Math.sqrt(((n * m) / 12) * (total + 1 - this.ties / (total * (total - 1))));
    if (sigma === 0) throw new AllTiedError();
    return (excess - 0.5 * Math.sign(excess)) / sigma;
  }

  /** Twice the pairs with x − shift above y plus the pairs with both equal. */
  winsAt(shift: number): number {
    this.merge(shift);
    return this.wins;
  }

  private merge(shift: number): void {
    const { values: x, counts: xCounts } = this.x;
    const { values: y, counts: yCounts } = this.y;
    const atNegativeZero = Object.is(shift, -0);
    let ties = this.tiesWithin;
    let wins = 0;
    let below = 0;
    let j = 0;
    for (let i = 0; i < x.length; ) {
      const value = shifted(x[i]!, shift, atNegativeZero);
      let count = xCounts[i++]!;
      // Subtraction may round neighbours to one value.
      while (i < x.length && shifted(x[i]!, shift, atNegativeZero) === value) count += xCounts[i++]!;
      while (j < y.length && y[j]! < value) below += yCounts[j++]!;
      wins += 2 * count * below;
      ties += count * count * count - count;
      if (j < y.length && y[j] === value) {
        const equal = yCounts[j]!;
        wins += count * equal;
        ties += 3 * count * equal * (count + equal);
      }
    }
    this.wins = wins;
    this.ties = ties;
  }
}

/** Infinity minus infinity ranks above everything, as in Kayenta. */
function shifted(value: number, shift: number, atNegativeZero: boolean): number {
  if (atNegativeZero && value === BELOW_ZERO) return 0;
  const difference = value - shift;
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
