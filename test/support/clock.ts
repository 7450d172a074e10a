import type { Clock } from '../../services/engine/ports.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told otherwise. */
export class TestClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(epochMs: number = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = epochMs;
  }

  now(): number {
    return this.#now;
  }

  sleepUntil(epochMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (epochMs <= this.#now) return resolve();
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { until: epochMs, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** When the next sleeper wakes; undefined when nobody sleeps. */
  nextWake(): number | undefined {
    if (this.#sleepers.size === 0) return undefined;
    return Math.min(...[...this.#sleepers].map((sleeper) => sleeper.until));
  }

  advance(ms: number): Promise<void> {
    return this.advanceTo(this.#now + ms);
  }

  /** Wakes sleepers one by one at exactly their times, and lets what each wake-up sets off settle (short of outside I/O) before the next. */
  async advanceTo(epochMs: number): Promise<void> {
    await settled();
    for (let next = this.nextWake(); next !== undefined && next <= epochMs; next = this.nextWake()) {
      this.#now = Math.max(this.#now, next);
      for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake();
      await settled();
    }
    this.#now = Math.max(this.#now, epochMs);
    await settled();
  }
}

/** All promises that could go on without outside events have gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
