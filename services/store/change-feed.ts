import type { Resource } from '../domain/resource.ts';
import { type Change, type Selection, StoreError } from '../engine/ports.ts';
import { isInScope, isSelected, positionOf } from './document.ts';

// A client needs seconds to come back from a lost connection or to read a long list page by page: at several hundred writes a second this is about ten.
const HISTORY_CHANGES = 8_192;
// Most documents are small and versions of one share what did not change; runs of hundreds of metrics must not fill the memory all the same.
const HISTORY_CHARACTERS = 64 * 1024 * 1024;

/** What a changed document was at an earlier revision (absent: it did not exist), and whether it exists now. */
export interface Undo {
  readonly document: Resource | undefined;
  readonly isPresent: boolean;
}

/**
 * The last changes of a store, in memory: what watches follow, and what takes a list back to the revision of its first page. Revisions are
 * consecutive. After a restart the history is empty, and everything older than the store's revision has expired.
 *
 * A watch is a place in the history and keeps nothing of its own: who reads too slowly finds that place gone.
 */
export class ChangeFeed {
  /** `#changes[i]` has revision `#start + i + 1`. */
  #changes: Change[] = [];
  #sizes: number[] = [];
  #characters = 0;
  #start: number;
  #end: StoreError | 'closed' | undefined;
  readonly #maxChanges: number;
  readonly #sleeping = new Set<() => void>();

  constructor(revision: number, maxChanges: number = HISTORY_CHANGES) {
    this.#start = revision;
    this.#maxChanges = maxChanges;
  }

  /** The newest revision that was published. */
  get revision(): number {
    return this.#start + this.#changes.length;
  }

  /** The revision before the oldest change that is known here. */
  get start(): number {
    return this.#start;
  }

  /** `characters`: size of the document as text. */
  publish(change: Change, characters: number): void {
    if (change.revision !== this.revision + 1)
      throw new Error(`revision ${change.revision} published after ${this.revision}`);
    this.#changes.push(change);
    this.#sizes.push(characters);
    this.#characters += characters;
    // Cut in large steps, so that a change costs the same on average however long the history is.
    if (this.#changes.length >= 2 * this.#maxChanges) this.#forget(this.#changes.length - this.#maxChanges);
    if (this.#characters > HISTORY_CHARACTERS) this.#forget(Math.ceil(this.#changes.length / 2));
    this.#wakeAll();
  }

  /** Ends all watches: quietly, or with an error. */
  close(error?: StoreError): void {
    this.#end ??= error ?? 'closed';
    this.#wakeAll();
  }

  /** See Store.watch. */
  async *watch(selection: Selection, fromRevision: number, signal: AbortSignal): AsyncGenerator<Change, void, void> {
    let seen = fromRevision;
    while (!signal.aborted && this.#end === undefined) {
      const change = this.#changes[this.#indexAfter(seen)];
      if (change === undefined) {
        await this.#nextChange(signal);
        continue;
      }
      seen = change.revision;
      const { document, previous } = change;
      if (isSelected(selection, document) || (previous && isSelected(selection, previous))) yield change;
    }
    if (this.#end instanceof StoreError) throw this.#end;
  }

  /** By position, the documents of a kind and namespace that changed after a revision, as they were at it. Throws StoreError `expired`. */
  undoTo(revision: number, selection: Selection): ReadonlyMap<string, Undo> {
    const undo = new Map<string, Undo>();
    for (let index = this.#indexAfter(revision); index < this.#changes.length; index += 1) {
      const { document, previous, type } = this.#changes[index]!;
      if (!isInScope(selection, document)) continue;
      const position = positionOf(document.metadata);
      const earliest = undo.get(position);
      undo.set(position, { document: earliest ? earliest.document : previous, isPresent: type !== 'DELETED' });
    }
    return undo;
  }

  /** Where the change after a revision stands, or will stand. */
  #indexAfter(revision: number): number {
    if (revision < this.#start)
      throw new StoreError('expired', `revision ${revision} is too old: changes are known since ${this.#start}`);
    return revision - this.#start;
  }

  #forget(count: number): void {
    for (const size of this.#sizes.slice(0, count)) this.#characters -= size;
    this.#changes = this.#changes.slice(count);
    this.#sizes = this.#sizes.slice(count);
    this.#start += count;
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleeping.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#sleeping.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#sleeping]) wake();
  }
}
