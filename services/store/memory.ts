import type { Resource } from '../domain/resource.ts';
import { type Change, type Kind, type Page, type Selection, type Store, StoreError } from '../engine/ports.ts';

/**
 * Changes that can be read back, for watches that start in the past and lists that go on page by page. At a few hundred writes a second that is
 * half a minute, longer than a client needs to come back.
 */
const HISTORY_CHANGES = 10_000;

type Documents = Map<string, Resource>;

/** Everything in this process' memory, gone with it: for `assay run`, tests and trying things out. */
export function memoryStore(options: { readonly historyChanges?: number } = {}): Store {
  const historyChanges = options.historyChanges ?? HISTORY_CHANGES;
  const kinds = new Map<Kind, { documents: Documents; sortedKeys: string[] | undefined }>();
  /** `history[i]` is the change with revision `historyStart + i + 1`. */
  let history: Change[] = [];
  let historyStart = 0;
  let revision = 0;
  let closed = false;
  let waiting: (() => void)[] = [];

  function kindOf(kind: Kind) {
    if (closed) throw new StoreError('unavailable', 'the store is closed');
    let found = kinds.get(kind);
    if (found === undefined) {
      found = { documents: new Map(), sortedKeys: undefined };
      kinds.set(kind, found);
    }
    return found;
  }

  function stamped(document: Resource): Resource {
    revision += 1;
    return { ...document, metadata: { ...document.metadata, resourceVersion: String(revision) } };
  }

  function record(type: Change['type'], document: Resource, previous?: Resource): void {
    history.push({ type, document, revision, ...(previous === undefined ? {} : { previous }) });
    // Cut in large steps, so that a write costs the same on average however long the history is.
    if (history.length >= 2 * historyChanges) {
      historyStart += history.length - historyChanges;
      history = history.slice(-historyChanges);
    }
    wakeWatchers();
  }

  function wakeWatchers(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  /** Where the change after `from` stands in the history. */
  function indexAfter(from: number): number {
    if (from < historyStart)
      throw new StoreError('expired', `revision ${from} is too old: the history begins at ${historyStart}`);
    return from - historyStart;
  }

  /** The documents of a kind as they were at an earlier revision, in order: the present ones with later changes undone. */
  function documentsAt(kind: Kind, at: number): Iterable<readonly [string, Resource]> {
    const entry = kindOf(kind);
    const undone = new Map<string, Resource | undefined>();
    for (let index = history.length - 1; index >= indexAfter(at); index -= 1) {
      const change = history[index] as Change;
      if (change.document.kind === kind) undone.set(positionOf(change.document), change.previous);
    }
    entry.sortedKeys ??= [...entry.documents.keys()].sort();
    const keys = undone.size === 0 ? entry.sortedKeys : [...new Set([...entry.sortedKeys, ...undone.keys()])].sort();
    return keys
      .values()
      .map((key) => [key, undone.has(key) ? undone.get(key) : entry.documents.get(key)] as const)
      .filter((pair): pair is readonly [string, Resource] => pair[1] !== undefined);
  }

  return {
    async get(key) {
      return kindOf(key.kind).documents.get(position(key));
    },

    async list(selection, page = {}): Promise<Page> {
      const from = page.continue === undefined ? { revision, after: '' } : readContinue(page.continue);
      const matching: [string, Resource][] = [];
      for (const [key, document] of documentsAt(selection.kind, from.revision)) {
        if (key > from.after && isSelected(selection, document)) matching.push([key, document]);
      }
      const limit = page.limit ?? matching.length;
      const items = matching.slice(0, limit).map(([, document]) => document);
      if (matching.length <= limit) return { items, revision: from.revision };
      const after = matching[limit - 1]?.[0] ?? from.after;
      return {
        items,
        revision: from.revision,
        continue: JSON.stringify([from.revision, after]),
        remaining: matching.length - limit,
      };
    },

    async create(document) {
      const entry = kindOf(document.kind as Kind);
      const key = positionOf(document);
      if (entry.documents.has(key))
        throw new StoreError('already-exists', `${document.kind} "${document.metadata.name}" already exists`);
      const created = stamped(document);
      entry.documents.set(key, created);
      entry.sortedKeys = undefined;
      record('ADDED', created);
      return created;
    },

    async replace(document, expected) {
      const { documents } = kindOf(document.kind as Kind);
      const key = positionOf(document);
      const previous = presentAt(documents.get(key), document, expected);
      const replaced = stamped(document);
      documents.set(key, replaced);
      record('MODIFIED', replaced, previous);
      return replaced;
    },

    async remove(key, expected) {
      const entry = kindOf(key.kind);
      const previous = presentAt(entry.documents.get(position(key)), { kind: key.kind, metadata: key }, expected);
      const removed = stamped(previous);
      entry.documents.delete(position(key));
      entry.sortedKeys = undefined;
      record('DELETED', removed, previous);
      return removed;
    },

    async *watch(selection, fromRevision, signal) {
      let seen = fromRevision;
      signal.addEventListener('abort', wakeWatchers);
      try {
        while (!closed && !signal.aborted) {
          const change = history[indexAfter(seen)];
          if (change === undefined) {
            await new Promise<void>((resolve) => waiting.push(resolve));
            continue;
          }
          seen = change.revision;
          if (isSelected(selection, change.document) || (change.previous && isSelected(selection, change.previous)))
            yield change;
        }
      } finally {
        signal.removeEventListener('abort', wakeWatchers);
      }
    },

    async revision() {
      return revision;
    },

    async check() {
      if (closed) throw new StoreError('unavailable', 'the store is closed');
    },

    async close() {
      closed = true;
      wakeWatchers();
    },
  };
}

// NUL sorts before every character of a name, so that keys sort by namespace, then by name.
const position = (key: { readonly namespace?: string; readonly name: string }): string =>
  `${key.namespace ?? ''}\0${key.name}`;
const positionOf = (document: Resource): string => position(document.metadata);

function isSelected(selection: Selection, document: Resource): boolean {
  if (document.kind !== selection.kind) return false;
  if (selection.namespace !== undefined && selection.namespace !== (document.metadata.namespace ?? '')) return false;
  return selection.matches === undefined || selection.matches(document);
}

function presentAt(
  present: Resource | undefined,
  wanted: { readonly kind: string; readonly metadata: { readonly name: string } },
  expected: string | undefined,
): Resource {
  if (present === undefined) throw new StoreError('not-found', `${wanted.kind} "${wanted.metadata.name}" not found`);
  if (expected !== undefined && present.metadata.resourceVersion !== expected)
    throw new StoreError('conflict', `${wanted.kind} "${wanted.metadata.name}" was changed since revision ${expected}`);
  return present;
}

function readContinue(token: string): { revision: number; after: string } {
  try {
    const [revision, after] = JSON.parse(token) as [unknown, unknown];
    if (typeof revision === 'number' && typeof after === 'string') return { revision, after };
  } catch {
    // Falls through: not a token of this store.
  }
  throw new StoreError('expired', 'the continue token is not one of this store');
}
