/** At once to one target. */
const PLACES = 4;
/** For a place: what waits here takes up a place of the process' queue, which all targets share. */
const MOST_WAITING = 1_000;
/** Failures of one target in a row after which it is left alone for a while, by everybody who waits for it. */
const PATIENCE = 4;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

interface Lane {
  taken: number;
  readonly waiting: (() => void)[];
  failures: number;
  closedUntil: number;
}

/**
 * Keeps targets apart: one that is down or slow holds back what is for it, and nothing else. While it is down a few attempts find that out for all that
 * wait; the first that succeeds lets the others through.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /** Runs `work` when there is a place for it. */
  async within<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lane(name);
    if (lane.taken >= PLACES) await new Promise<void>((resolve) => lane.waiting.push(resolve));
    else lane.taken += 1;
    try {
      return await work();
    } finally {
      // The place goes to whoever waits longest.
      const next = lane.waiting.shift();
      if (next === undefined) lane.taken -= 1;
      else next();
      if (lane.taken === 0 && lane.failures === 0 && lane.closedUntil === 0) this.#lanes.delete(name);
    }
  }

  /** Too many wait already; whoever comes now had better come back. */
  isFull(name: string): boolean {
    return (this.#lanes.get(name)?.waiting.length ?? 0) >= MOST_WAITING;
  }

  /** Epoch milliseconds before which nothing is to be sent; 0: at once. */
  closedUntil(name: string): number {
    return this.#lanes.get(name)?.closedUntil ?? 0;
  }

  succeeded(name: string): void {
    const lane = this.#lane(name);
    lane.failures = 0;
    lane.closedUntil = 0;
  }

  /** `retryAfterMs`: what the target asked for itself. */
  failed(name: string, now: number, retryAfterMs: number | undefined): void {
    const lane = this.#lane(name);
    lane.failures += 1;
    const pauses = lane.failures - PATIENCE;
    const pauseMs = pauses < 0 ? 0 : Math.min(SHORTEST_PAUSE_MS * 2 ** pauses, LONGEST_PAUSE_MS);
    lane.closedUntil = Math.max(lane.closedUntil, now + Math.max(pauseMs, retryAfterMs ?? 0));
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { taken: 0, waiting: [], failures: 0, closedUntil: 0 };
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}
