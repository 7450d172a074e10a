import type { Resource } from '../domain/resource.ts';
import type { Key } from '../engine/ports.ts';
import { positionOf } from './document.ts';

/** All live runs of a busy process fit. */
const MAX_DOCUMENTS = 20_000;
// What a document takes in memory is at most a few times its text.
const MAX_CHARACTERS = 64 * 1024 * 1024;

interface Cached {
  readonly document: Resource;
  readonly characters: number;
}

/** The documents that were read or written last; the least recently used go first. */
export class DocumentCache {
  readonly #cached = new Map<string, Cached>();
  readonly #maxDocuments: number;
  #characters = 0;

  constructor(maxDocuments = MAX_DOCUMENTS) {
    this.#maxDocuments = maxDocuments;
  }

  get(key: Key): Resource | undefined {
    const place = placeOf(key);
    const found = this.#cached.get(place);
    if (found === undefined) return undefined;
    this.#cached.delete(place);
    this.#cached.set(place, found);
    return found.document;
  }

  set(key: Key, document: Resource, characters: number): void {
    this.delete(key);
    this.#cached.set(placeOf(key), { document, characters });
    this.#characters += characters;
    for (const place of this.#cached.keys()) {
      if (this.#cached.size <= this.#maxDocuments && this.#characters <= MAX_CHARACTERS) return;
      this.#drop(place);
    }
  }

  delete(key: Key): void {
    this.#drop(placeOf(key));
  }

  clear(): void {
    this.#cached.clear();
    this.#characters = 0;
  }

  #drop(place: string): void {
    this.#characters -= this.#cached.get(place)?.characters ?? 0;
    this.#cached.delete(place);
  }
}

const placeOf = (key: Key): string => `${key.kind}\0${positionOf(key)}`;
