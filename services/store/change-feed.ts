import { type Selection, StoreError } from '../engine/ports.ts';
import { type HistoryEntry, isAbout } from './document.ts';
import { FeedWatch } from './feed-watch.ts';
import { noteChange, type Undo } from './snapshot.ts';

// A client needs seconds to come back from a lost connection or to read a long list page by page: at several hundred writes a second this is about ten.
const HISTORY_CHANGES = 8_192;
// Most documents are small and versions of one share what did not change; runs of hundreds of metrics must not fill the memory all the same.
const HISTORY_CHARACTERS = 64 * 1024 * 1024;

/**
 * The last changes of a store, in memory: what watches follow, and what takes a list back to the revision of its first page. Revisions are
 * consecutive. After a restart the history is empty, and everything older than the store's revision has expired.
 *
 * A watch is a place in the history and keeps nothing of its own: who reads too slowly finds that place gone.
 */
export class ChangeFeed {
  /** `#changes[i]` has revision `#start + i + 1`. */
  #changes: HistoryEntry[] = [];
  #characters = 0;
  #start: number;
  #end: StoreError | 'closed' | undefined;
  readonly #maxChanges: number;
  /** The watches that wait, by what they are about: a change is shown to those that it may concern. */
  readonly #sleeping = new Map<string, Set<FeedWatch>>();

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

  publish(change: HistoryEntry): void {
    if (change.revision !== this.revision + 1)
      throw new Error(`revision ${change.revision} published after ${this.revision}`);
    this.#changes.push(change);
    this.#characters += change.characters;
    // Cut in large steps, so that a change costs the same on average however long the history is.
    if (this.#changes.length >= 2 * this.#maxChanges) this.#forget(this.#changes.length - this.#maxChanges);
    if (this.#characters > HISTORY_CHARACTERS) this.#forget(Math.ceil(this.#changes.length / 2));
    const { kind, namespace } = change;
    for (const scope of [scopeOf(kind), scopeOf(kind, namespace)])
      for (const watch of this.#sleeping.get(scope) ?? []) watch.offer(change);
  }

  /** Ends all watches: quietly, or with an error. */
  close(error?: StoreError): void {
    this.#end ??= error ?? 'closed';
    for (const watches of this.#sleeping.values()) for (const watch of watches) watch.finish();
  }

  /** How the feed ended: with an error, or because its store was closed. */
  get end(): StoreError | 'closed' | undefined {
    return this.#end;
  }

  /** See Store.watch. */
  watch(selection: Selection, fromRevision: number, signal: AbortSignal): FeedWatch {
    return new FeedWatch(this, selection, fromRevision, signal);
  }

  /** The change after a revision, if it has happened. Throws StoreError `expired`. */
  after(revision: number): HistoryEntry | undefined {
    return this.#changes[this.#indexAfter(revision)];
  }

  /** From now on it is offered what may concern it. */
  startOffering(watch: FeedWatch): void {
    const scope = scopeOf(watch.selection.kind, watch.selection.namespace);
    const watches = this.#sleeping.get(scope);
    if (watches === undefined) this.#sleeping.set(scope, new Set([watch]));
    else watches.add(watch);
  }

  stopOffering(watch: FeedWatch): void {
    const scope = scopeOf(watch.selection.kind, watch.selection.namespace);
    const watches = this.#sleeping.get(scope);
    watches?.delete(watch);
    if (watches?.size === 0) this.#sleeping.delete(scope);
  }

  /** By position, the documents of a kind and namespace that changed after a revision, as they were at it. Throws StoreError `expired`. */
  undoTo(revision: number, selection: Selection): ReadonlyMap<string, Undo> {
    const undo = new Map<string, Undo>();
    for (let index = this.#indexAfter(revision); index < this.#changes.length; index += 1) {
      const entry = this.#changes[index]!;
      if (isAbout(selection, entry)) noteChange(undo, entry);
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
    for (const { characters } of this.#changes.slice(0, count)) this.#characters -= characters;
    this.#changes = this.#changes.slice(count);
    this.#start += count;
  }
}

/** A kind in one namespace, or in all. */
const scopeOf = (kind: string, namespace?: string): string =>
  namespace === undefined ? kind : `${kind}\0${namespace}`;
