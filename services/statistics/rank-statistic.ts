import { countPairs } from './count-pairs.ts';
import { NearPairs } from './near-pairs.ts';
import { Runs, shifted } from './runs.ts';
import { WorkingMemory } from './working-memory.ts';

/** Shifts whose count is remembered; a search takes some twenty, and where it takes a hundred, near pairs do the rest. */
const REMEMBERED = 128;

/** Thrown when every observation has the same value, so that ranks say nothing. */
export class AllTiedError extends Error {
  override readonly name = 'AllTiedError';
  constructor() {
    super('cannot compute confidence interval when all observations are tied');
  }
}

/** Ends of a sample. With NaN among the values they depend on their order in Kayenta, and so come apart from the sorted values. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * The Mann-Whitney statistic of two samples as a function of the shift between them.
 *
 * Ranking n + m values at every shift is what makes Kayenta slow. With both samples sorted once, one merge counts which pairs are in which order,
 * and the rank sum follows from that count in whole numbers, so that z is Kayenta's to the last bit. Between two shifts that were counted before,
 * only the pairs in between can have changed.
 *
 * The object holds working memory: one is loaded again for each comparison.
 */
export class RankStatistic {
  n = 0;
  m = 0;
  /** Smallest and largest difference between a value of x and one of y. */
  lo = 0;
  hi = 0;
  /** Ascending, followed by Infinity. */
  private x = new Float64Array(1);
  private y = new Float64Array(1);
  private readonly xMemory = new WorkingMemory();
  private readonly yMemory = new WorkingMemory();
  private readonly xRuns = new Runs();
  private readonly yRuns = new Runs();
  /** Whether shifts no larger than this keep the values of x apart, and most values are distinct: then counting pairs is enough. */
  private isCountable = false;
  private reach = 0;

  /** The last shift that was counted. */
  private shift = Number.NaN;
  /** Twice the pairs with x − shift above y plus the pairs with both equal. */
  private wins = 0;
  /** Σ t³ − t over the groups of equal values. */
  private ties = 0;
  /** Standard deviation of the rank sum, and the ties it holds for. */
  private sigma = 0;
  private sigmaTies = Number.NaN;

  private readonly knownShifts = new Float64Array(REMEMBERED);
  private readonly knownWins = new Float64Array(REMEMBERED);
  private readonly knownTies = new Float64Array(REMEMBERED);
  private known = 0;
  private readonly near = new NearPairs();

  /** Both samples ascending. Throws RangeError when one is empty. */
  load(x: Float64Array, y: Float64Array, xRange: Range, yRange: Range): this {
    const n = x.length;
    const m = y.length;
    if (n === 0 || m === 0) throw new RangeError('cannot rank an empty sample');
    this.n = n;
    this.m = m;
    this.lo = xRange.min - yRange.max;
    this.hi = xRange.max - yRange.min;
    this.x = withSentinel(x, this.xMemory);
    this.y = withSentinel(y, this.yMemory);
    this.xRuns.load(x);
    this.yRuns.load(y);
    this.reach = Math.max(Math.abs(this.lo), Math.abs(this.hi));
    const largest = Math.max(-xRange.min, xRange.max) + this.reach;
    this.isCountable =
      Number.isFinite(x[n - 1]! - y[m - 1]!) &&
      this.xRuns.smallestGap > 4 * Number.EPSILON * largest &&
      2 * (this.xRuns.size + this.yRuns.size) > n + m;
    this.shift = Number.NaN;
    this.sigmaTies = Number.NaN;
    this.known = 0;
    this.near.clear();
    return this;
  }

  /** Standard score of the rank sum of x − shift among y, with continuity correction. Throws AllTiedError. */
  z(shift: number): number {
    this.count(shift);
    if (this.ties !== this.sigmaTies) this.setSigma();
    if (this.sigma === 0) throw new AllTiedError();
    const excess = (this.wins - this.n * this.m) / 2;
    return (excess - 0.5 * Math.sign(excess)) / this.sigma;
  }

  /** Twice the pairs with x − shift above y plus the pairs with both equal. */
  winsAt(shift: number): number {
    this.count(shift);
    return this.wins;
  }

  /** Hardly any shift ties values that are not tied at others, so the deviation is kept. */
  private setSigma(): void {
    const { n, m, ties } = this;
    const total = n + m;
    this.sigma = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
    this.sigmaTies = ties;
  }

  private count(shift: number): void {
    if (Object.is(shift, this.shift)) return;
    this.shift = shift;
    const isCountable = this.isCountable && Math.abs(shift) <= this.reach;
    if (!isCountable || !this.countFast(shift)) this.merge(shift);
    if (isCountable && this.known < REMEMBERED) {
      this.knownShifts[this.known] = shift;
      this.knownWins[this.known] = this.wins;
      this.knownTies[this.known] = this.ties;
      this.known++;
    }
  }

  /** At the ends of the search the samples meet in one value or not at all; false when only a merge can tell. */
  private countAtEnd(shift: number): boolean {
    const { n, m, x, y } = this;
    const isLow = shift === this.lo;
    const yEnd = isLow ? y[m - 1]! : y[0]!;
    const gap = isLow ? x[0]! - shift - yEnd : yEnd - (x[n - 1]! - shift);
    // Zeros may differ in their sign, which a merge knows how to rank.
    if (gap < 0 || yEnd === 0) return false;
    const xEqual = this.xRuns.counts[isLow ? 0 : this.xRuns.size - 1]!;
    const yEqual = this.yRuns.counts[isLow ? this.yRuns.size - 1 : 0]!;
    const equal = gap === 0 ? xEqual * yEqual : 0;
    this.wins = isLow ? 2 * n * m - equal : equal;
    this.ties = this.xRuns.ties + this.yRuns.ties + 3 * equal * (xEqual + yEqual);
    return true;
  }

  /** Counts without looking at ties; false when there are any between x and y, which only a merge can weigh. */
  private countFast(shift: number): boolean {
    if (shift === this.lo || shift === this.hi) return this.countAtEnd(shift);
    const wins = this.isNear(shift) ? this.near.winsAt(shift) : 2 * countPairs(this.x, this.n, this.y, this.m, shift);
    if (wins < 0) return false;
    this.wins = wins;
    this.ties = this.xRuns.ties + this.yRuns.ties;
    return true;
  }

  /** Whether so few pairs change between the known shifts around this one that they are worth collecting. */
  private isNear(shift: number): boolean {
    if (this.near.isSmallAt(shift)) return true;
    let from = -1;
    let to = -1;
    for (let k = 0; k < this.known; k++) {
      const candidate = this.knownShifts[k]!;
      if (candidate < shift && (from < 0 || candidate > this.knownShifts[from]!)) from = k;
      if (candidate > shift && (to < 0 || candidate < this.knownShifts[to]!)) to = k;
    }
    if (from < 0 || to < 0) return false;
    const changing = (this.knownWins[from]! - this.knownWins[to]!) / 2;
    const limit = (this.n + this.m) / 4;
    // A pair that is equal at both ends would be equal in between, too, without being among those that change.
    const tiesWithin = this.xRuns.ties + this.yRuns.ties;
    if (changing > limit || (this.knownTies[from]! > tiesWithin && this.knownTies[to]! > tiesWithin)) return false;
    const low = this.knownShifts[from]!;
    const high = this.knownShifts[to]!;
    const wins = this.knownWins[to]!;
    if (this.near.covers(low, high)) this.near.narrow(low, high, wins, changing);
    else this.near.collect(this.x, this.n, this.y, low, high, wins, 2 * Math.ceil(limit));
    return true;
  }

  /** Counts pairs and ties in one merge of distinct values, right for every input. */
  private merge(shift: number): void {
    const { values: x, counts: xCounts, size: xSize } = this.xRuns;
    const { values: y, counts: yCounts, size: ySize } = this.yRuns;
    const isNegativeZero = Object.is(shift, -0);
    let ties = this.yRuns.ties;
    let wins = 0;
    let below = 0;
    let j = 0;
    for (let i = 0; i < xSize; ) {
      const value = shifted(x[i]!, shift, isNegativeZero);
      let count = xCounts[i++]!;
      // Subtraction may round neighbours to one value.
      while (i < xSize && shifted(x[i]!, shift, isNegativeZero) === value) count += xCounts[i++]!;
      while (j < ySize && y[j]! < value) below += yCounts[j++]!;
      wins += 2 * count * below;
      ties += count * count * count - count;
      if (j < ySize && y[j] === value) {
        const equal = yCounts[j]!;
        wins += count * equal;
        ties += 3 * count * equal * (count + equal);
      }
    }
    this.wins = wins;
    this.ties = ties;
  }
}

function withSentinel(sorted: Float64Array, memory: WorkingMemory): Float64Array<ArrayBuffer> {
  const values = memory.take(sorted.length + 1);
  values.set(sorted);
  values[sorted.length] = Number.POSITIVE_INFINITY;
  return values;
}
