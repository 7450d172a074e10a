import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../engine/ports.ts';

/** A reader that takes nothing for so long although its buffers are full is not there any more, or not able to follow. */
const STALLED_AFTER_MS = 30_000;
/** What was still written at the end may be taken for so long; then the connection is cut. */
const LINGERS_MS = 10_000;
/** About twice what it costs to write to one watch: all of them together then leave half of a processor to the rest of the process. */
const WRITE_SHARE_MS = 0.05;

/** What a watch ends with when its reader stalls. */
export class StalledReader extends Error {
  override readonly name = 'StalledReader';
  constructor() {
    super(
      `the reader took nothing for ${STALLED_AFTER_MS / 1000} s: read on from the version of the last frame that arrived`,
    );
  }
}

/**
 * The writing end of a watch. It holds what the socket holds of itself and what was written last, no more: whoever writes waits for the reader, and a reader
 * that does not read ends the watch.
 */
export class WatchStream {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(response: ServerResponse, clock: Clock, signal: AbortSignal) {
    this.#response = response;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Resolves when the reader can take more, or the signal aborts. Throws StalledReader. */
  async write(bytes: Buffer | string): Promise<void> {
    if (this.#isOver || this.#response.write(bytes)) return;
    const drained = new AbortController();
    const signal = AbortSignal.any([drained.signal, this.#signal]);
    const stalled = this.#clock.sleepUntil(this.#clock.now() + STALLED_AFTER_MS, signal).then(
      () => true,
      () => false,
    );
    const taken = once(this.#response, 'drain', { signal }).then(
      () => false,
      () => false,
    );
    const isStalled = await Promise.race([stalled, taken]);
    drained.abort();
    if (isStalled) throw new StalledReader();
  }

  /** For what may as well be said later: nothing is written to a reader that is behind. */
  writeIfTaken(text: string): void {
    if (!this.#isOver && !this.#response.writableNeedDrain) this.#response.write(text);
  }

  /** The last words go to whoever still reads. */
  end(text = ''): void {
    if (this.#isOver) return;
    this.#response.end(text);
    const gone = new AbortController();
    this.#response.once('close', () => gone.abort());
    const cut = this.#clock.sleepUntil(this.#clock.now() + LINGERS_MS, gone.signal);
    void cut.then(
      () => this.#response.destroy(),
      () => undefined,
    );
  }

  get #isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }
}

/** After it has written, a watch waits for the next beat: what comes meanwhile goes out as one. The more watches write, the longer is a beat. */
export class Beat {
  #waiting: (() => void)[] = [];
  #lastCount = 0;

  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setTimeout(() => this.#release(), this.#lastCount * WRITE_SHARE_MS);
    });
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#lastCount = waiting.length;
    for (const resolve of waiting) resolve();
  }
}
