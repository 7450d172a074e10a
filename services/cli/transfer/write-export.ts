import type { Resource } from '../../domain/resource.ts';
import { KINDS, type Kind, type Store } from '../../engine/ports.ts';
import { type Counts, type End, FORMAT, FORMAT_VERSION, type Header } from './format.ts';

export interface Exported {
  readonly counts: Counts;
  /** Whether nothing was written to the store meanwhile. If something was, documents show different moments. */
  readonly isOneMoment: boolean;
}

/** The lines of an export, read in portions. Throws StoreError. */
export async function* exportLines(store: Store, done: (exported: Exported) => void): AsyncGenerator<string> {
  const line = (value: Header | Resource | End): string => `${JSON.stringify(value)}\n`;
  const before = await store.revision();
  yield line({ format: FORMAT, version: FORMAT_VERSION });
  const counts: Partial<Record<Kind, number>> = {};
  for (const kind of KINDS) {
    for await (const documents of store.walk({ kind })) {
      for (const document of documents) yield line(withoutRevision(document));
      if (documents.length > 0) counts[kind] = (counts[kind] ?? 0) + documents.length;
    }
  }
  yield line({ end: counts });
  done({ counts, isOneMoment: (await store.revision()) === before });
}

/** A document without what only the store means that it came from: its revision, and in a mark how far another store was read. */
export function withoutRevision(document: Resource): Resource {
  const { resourceVersion: _, ...metadata } = document.metadata;
  return { ...document, metadata, ...(document.kind === 'Mark' && { revision: 0 }) };
}
