import type { Resource } from '../domain/resource.ts';
import { type Change, type Kind, type Page, type Store, StoreError } from '../engine/ports.ts';
import { ChangeFeed } from './change-feed.ts';
import { readContinue, writeContinue } from './continue-token.ts';
import { entryOf, isSelected, positionOf, refused, stamped, type Target, targetOf } from './document.ts';
import { type Entry, takenBack } from './snapshot.ts';

interface Documents {
  readonly byPosition: Map<string, Resource>;
  /** Undefined: positions came or went since they were sorted. */
  sorted: string[] | undefined;
}

/** An empty store's, as the port says: clients take version 0 for "any". */
const FIRST_REVISION = 1;

/** Everything in this process' memory, gone with it: for `assay run`, tests and trying things out. */
export function memoryStore(options: { readonly historyChanges?: number } = {}): Store {
  const feed = new ChangeFeed(FIRST_REVISION, options.historyChanges);
  const kinds = new Map<Kind, Documents>();
  let isClosed = false;

  function documentsOf(kind: Kind): Documents {
    if (isClosed) throw new StoreError('unavailable', 'the store is closed');
    let documents = kinds.get(kind);
    if (documents === undefined) {
      documents = { byPosition: new Map(), sorted: undefined };
      kinds.set(kind, documents);
    }
    return documents;
  }

  function* entriesAfter(kind: Kind, after: string): Generator<Entry> {
    const documents = documentsOf(kind);
    documents.sorted ??= [...documents.byPosition.keys()].sort();
    for (const position of documents.sorted)
      if (position > after) yield [position, documents.byPosition.get(position) as Resource];
  }

  function present(target: Target): Resource {
    const found = documentsOf(target.kind).byPosition.get(positionOf(target));
    if (found === undefined) throw refused('not-found', target);
    if (target.expected !== undefined && found.metadata.resourceVersion !== target.expected)
      throw refused('conflict', target);
    return found;
  }

  function publish(type: Change['type'], document: Resource, previous?: Resource): Resource {
    const revision = feed.revision + 1;
    const published = stamped(document, revision);
    const change = { type, document: published, revision, ...(previous === undefined ? {} : { previous }) };
    feed.publish(entryOf(change, JSON.stringify(published).length));
    return published;
  }

  return {
    async get(key) {
      return documentsOf(key.kind).byPosition.get(positionOf(key));
    },

    async list(selection, page = {}): Promise<Page> {
      const { revision, after } =
        page.continue === undefined ? { revision: feed.revision, after: '' } : readContinue(page.continue);
      const undo = feed.undoTo(revision, selection);
      const rest = takenBack([...entriesAfter(selection.kind, after)], undo, { after, upTo: undefined });
      const selected = rest.filter(([, document]) => isSelected(selection, document));
      const taken = selected.slice(0, page.limit ?? selected.length);
      const items = taken.map(([, document]) => document);
      const remaining = selected.length - taken.length;
      if (remaining === 0) return { items, revision };
      return { items, revision, continue: writeContinue({ revision, after: taken.at(-1)?.[0] ?? after }), remaining };
    },

    async *walk(selection) {
      const documents = [...entriesAfter(selection.kind, '')].map(([, document]) => document);
      yield documents.filter((document) => isSelected(selection, document));
    },

    async create(document) {
      const target = targetOf(document);
      const documents = documentsOf(target.kind);
      if (documents.byPosition.has(positionOf(target))) throw refused('already-exists', target);
      const created = publish('ADDED', document);
      documents.byPosition.set(positionOf(target), created);
      documents.sorted = undefined;
      return created;
    },

    async replace(document, expected) {
      const target = { ...targetOf(document), expected };
      const replaced = publish('MODIFIED', document, present(target));
      documentsOf(target.kind).byPosition.set(positionOf(target), replaced);
      return replaced;
    },

    async remove(key, expected) {
      const previous = present(expected === undefined ? key : { ...key, expected });
      const documents = documentsOf(key.kind);
      documents.byPosition.delete(positionOf(key));
      documents.sorted = undefined;
      return publish('DELETED', previous, previous);
    },

    watch: (selection, fromRevision, signal) => feed.watch(selection, fromRevision, signal),

    async revision() {
      return feed.revision;
    },

    async check() {
      if (isClosed) throw new StoreError('unavailable', 'the store is closed');
    },

    async close() {
      isClosed = true;
      feed.close();
    },
  };
}
