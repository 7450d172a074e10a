import { type Selection, StoreError } from '../engine/ports.ts';
import type { Continuation } from './continue-token.ts';
import { type HistoryEntry, isAbout } from './document.ts';
import { noteChange, type Undo } from './snapshot.ts';

/** What lists keep between their pages in all, in characters. */
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** What a list counts beside its texts. */
const CHARACTERS_OF_A_LIST = 4_096;

/** The changes after one revision, up to and with another. Throws StoreError `expired`. */
type ReadChanges = (after: number, upTo: number) => AsyncIterable<HistoryEntry>;

/** What changed since the moment that a list shows; read from the history as far as each part of the list needs it. */
export class LaterChanges {
  readonly selection: Selection;
  readonly #read: ReadChanges;
  readonly #undo = new Map<string, Undo>();
  #characters = 0;
  #since: number | undefined;
  #seen: number;
  /** What stands before it was let go. */
  #from = '';

  /** `since` undefined: the moment of the first part. */
  constructor(read: ReadChanges, selection: Selection, since: number | undefined) {
    this.#read = read;
    this.selection = selection;
    this.#since = since;
    this.#seen = since ?? 0;
  }

  /** The revision that the list shows. */
  get since(): number {
    return this.#since!;
  }

  /** After which position this tells of everything. */
  get from(): string {
    return this.#from;
  }

  get characters(): number {
    return this.#characters + CHARACTERS_OF_A_LIST;
  }

  /** By position, the documents after `from` that changed up to a revision, as they were at that moment. Throws StoreError `expired`. */
  async upTo(revision: number): Promise<ReadonlyMap<string, Undo>> {
    if (this.#since === undefined) {
      this.#since = revision;
      this.#seen = revision;
    }
    if (revision < this.#seen)
      throw new StoreError('expired', `revision ${this.#seen} was lost: the store is at ${revision}`);
    for await (const entry of this.#read(this.#seen, revision)) {
      if (isAbout(this.selection, entry) && entry.position > this.#from)
        this.#characters += noteChange(this.#undo, entry);
      this.#seen = entry.revision;
    }
    return this.#undo;
  }

  /** The list has come so far, and goes on from there. */
  letGo(upTo: string): void {
    this.#from = upTo;
    for (const [position, { earlier }] of this.#undo)
      if (position <= upTo) {
        this.#undo.delete(position);
        this.#characters -= earlier?.characters ?? 0;
      }
  }
}

/**
 * What lists know between their pages, so that the next page reads only what has changed since the one before it: else a list would cost the square of its
 * pages. Nothing depends on it; the next page may come to another process, or not at all.
 */
export class ListsUnderWay {
  readonly #kept = new Map<string, LaterChanges>();
  #characters = 0;

  /** Of the list that goes on at this place; whoever has it is the only one. */
  take(selection: Selection, { revision, after }: Continuation): LaterChanges | undefined {
    const place = placeOf(selection, revision);
    const later = this.#kept.get(place);
    // A page that is asked for once more needs what was let go.
    if (later === undefined || later.from > after) return undefined;
    this.#drop(place);
    return later;
  }

  keep(later: LaterChanges): void {
    const place = placeOf(later.selection, later.since);
    this.#drop(place);
    this.#kept.set(place, later);
    this.#characters += later.characters;
    for (const oldest of this.#kept.keys()) {
      if (this.#characters <= MOST_CHARACTERS) return;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#kept.clear();
    this.#characters = 0;
  }

  #drop(place: string): void {
    this.#characters -= this.#kept.get(place)?.characters ?? 0;
    this.#kept.delete(place);
  }
}

const placeOf = ({ kind, namespace }: Selection, revision: number): string =>
  JSON.stringify([kind, namespace, revision]);
