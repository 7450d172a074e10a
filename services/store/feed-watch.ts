import { type Change, type Selection, StoreError, type Watch } from '../engine/ports.ts';
import { type HistoryEntry, selectedChange } from './document.ts';

/** What is read: the changes of a store, and who is offered the next ones. */
interface Feed {
  readonly revision: number;
  readonly end: StoreError | 'closed' | undefined;
  after(revision: number): HistoryEntry | undefined;
  startOffering(watch: FeedWatch): void;
  stopOffering(watch: FeedWatch): void;
}

type Told = IteratorResult<Change, void>;

/**
 * A reader's place in a feed. It reads on its own until nothing is left; then it sleeps, and is offered each change of its kind and namespace. What
 * does not concern it does not wake it, and it has passed that all the same: a quiet watch does not fall behind.
 */
export class FeedWatch implements Watch, AsyncIterator<Change, void, void> {
  readonly selection: Selection;
  readonly #feed: Feed;
  readonly #signal: AbortSignal;
  /** The newest change that was looked at. */
  #at: number;
  /** Up to here the reader has dealt with everything: it deals with a change until it asks for the next one. */
  #passed: number;
  #sleep: { readonly resolve: (told: Told) => void; readonly reject: (error: unknown) => void } | undefined;
  #isListening = false;

  constructor(feed: Feed, selection: Selection, from: number, signal: AbortSignal) {
    this.#feed = feed;
    this.selection = selection;
    this.#at = from;
    this.#passed = from;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get revision(): number {
    return this.#sleep === undefined ? this.#passed : Math.max(this.#at, this.#feed.revision);
  }

  poll(): Change | undefined {
    this.#passed = this.#at;
    if (this.#signal.aborted || this.#feed.end !== undefined) return undefined;
    for (let entry = this.#feed.after(this.#at); entry !== undefined; entry = this.#feed.after(this.#at)) {
      const change = selectedChange(this.selection, entry);
      if (change !== undefined) return this.#handOut(change);
      this.#at = entry.revision;
    }
    this.#passed = this.#at;
    return undefined;
  }

  next(): Promise<Told> {
    return new Promise((resolve, reject) => {
      try {
        const change = this.poll();
        if (change !== undefined) return resolve({ value: change });
      } catch (error) {
        this.finish();
        return reject(error);
      }
      const { end } = this.#feed;
      if (end instanceof StoreError) return reject(end);
      if (end !== undefined || this.#signal.aborted) return resolve({ done: true, value: undefined });
      this.#sleep = { resolve, reject };
      this.#feed.startOffering(this);
      if (!this.#isListening) this.#signal.addEventListener('abort', this.finish);
      this.#isListening = true;
    });
  }

  return(): Promise<Told> {
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** A change that has just happened, while this sleeps. */
  offer(entry: HistoryEntry): void {
    // One that was told to begin in the future waits for it.
    if (this.#sleep === undefined || entry.revision <= this.#at) return;
    const change = selectedChange(this.selection, entry);
    if (change !== undefined) this.#wake()?.resolve({ value: this.#handOut(change) });
  }

  /** The reader has left, or the feed has ended. */
  readonly finish = (): void => {
    this.#signal.removeEventListener('abort', this.finish);
    this.#isListening = false;
    this.#passed = this.revision;
    const { end } = this.#feed;
    if (end instanceof StoreError) this.#wake()?.reject(end);
    else this.#wake()?.resolve({ done: true, value: undefined });
  };

  #handOut(change: Change): Change {
    this.#at = change.revision;
    this.#passed = change.revision - 1;
    return change;
  }

  #wake() {
    const sleep = this.#sleep;
    if (sleep !== undefined) this.#feed.stopOffering(this);
    this.#sleep = undefined;
    return sleep;
  }
}
