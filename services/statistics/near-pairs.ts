import { WorkingMemory } from './working-memory.ts';

const EMPTY = new Float64Array(0);

/** So few pairs that nothing is gained by looking at fewer. */
const SMALL = 32;

/**
 * The pairs of two samples whose order changes between two shifts. Once a search has closed in, these few pairs are all that its next steps can
 * change: counting them takes the place of a merge.
 */
export class NearPairs {
  /** The pairs differ in order somewhere between these shifts, and no other pair does. */
  private from = Number.NaN;
  private to = Number.NaN;
  private size = 0;
  private x = EMPTY;
  private y = EMPTY;
  private readonly xMemory = new WorkingMemory();
  private readonly yMemory = new WorkingMemory();
  /** Wins (see RankStatistic) of all other pairs, the same at every shift between. */
  private otherWins = 0;

  clear(): void {
    this.from = Number.NaN;
    this.x = EMPTY;
    this.y = EMPTY;
  }

  /** Whether it covers this shift with few pairs. */
  isSmallAt(shift: number): boolean {
    return this.size <= SMALL && this.from < shift && shift < this.to;
  }

  covers(from: number, to: number): boolean {
    return this.from <= from && to <= this.to;
  }

  /** Collects the pairs of two ascending samples, each followed by Infinity. `winsAtTo` are the wins at `to`, `limit` is room enough. */
  collect(
    x: Float64Array,
    n: number,
    y: Float64Array,
    from: number,
    to: number,
    winsAtTo: number,
    limit: number,
  ): void {
    this.x = this.xMemory.take(limit);
    this.y = this.yMemory.take(limit);
    let size = 0;
    let ties = 0;
    let firstY = 0;
    for (let i = 0; i < n; i++) {
      const atFrom = x[i]! - from;
      const atTo = x[i]! - to;
      while (y[firstY]! < atTo) firstY++;
      for (let j = firstY; y[j]! <= atFrom; j++) {
        this.x[size] = x[i]!;
        this.y[size] = y[j]!;
        size++;
        if (y[j] === atTo) ties++;
      }
    }
    this.from = from;
    this.to = to;
    this.size = size;
    this.otherWins = winsAtTo - ties;
  }

  /** Drops the pairs that no longer change between two closer shifts, when that are most. */
  narrow(from: number, to: number, winsAtTo: number, changing: number): void {
    if (this.size <= Math.max(4 * changing, SMALL)) return;
    const { x, y } = this;
    let size = 0;
    let ties = 0;
    for (let k = 0; k < this.size; k++) {
      const xValue = x[k]!;
      const yValue = y[k]!;
      if (yValue < xValue - to || yValue > xValue - from) continue;
      x[size] = xValue;
      y[size] = yValue;
      size++;
      if (yValue === xValue - to) ties++;
    }
    this.from = from;
    this.to = to;
    this.size = size;
    this.otherWins = winsAtTo - ties;
  }

  /** Wins of all pairs at a shift in between, or −1 when a pair is equal there. */
  winsAt(shift: number): number {
    const { x, y, size } = this;
    let above = 0;
    for (let k = 0; k < size; k++) {
      const xValue = x[k]! - shift;
      const yValue = y[k]!;
      if (xValue === yValue) return -1;
      above = (above + (Number(yValue < xValue) | 0)) | 0;
    }
    return this.otherWins + 2 * above;
  }
}
