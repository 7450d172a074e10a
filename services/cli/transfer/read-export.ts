import { equalJson } from '../../admission/equal-json.ts';
import type { Resource } from '../../domain/resource.ts';
import { KINDS, type Kind, type Store, StoreError } from '../../engine/ports.ts';
import { UsageError } from '../command.ts';
import { type Counts, FORMAT, FORMAT_VERSION } from './format.ts';
import { withoutRevision } from './write-export.ts';

/** Written together: they share a transaction, or a trip to Redis. */
const MOST_AT_ONCE = 200;
const MOST_CHARACTERS_AT_ONCE = 4 * 1024 * 1024;

export interface Imported {
  readonly stored: Counts;
  /** They were there and said the same. */
  readonly present: Counts;
}

/**
 * Stores the documents of an export. Whatever breaks off leaves some of them stored, and the same import again goes on: what is there and says the same is passed over.
 * Throws UsageError for what is no export, for one that was cut off, and without `overwrite` for a document that is there and says something else.
 */
export async function importLines(
  store: Store,
  lines: AsyncIterable<string>,
  { overwrite }: { readonly overwrite: boolean },
): Promise<Imported> {
  const stored: Partial<Record<Kind, number>> = {};
  const present: Partial<Record<Kind, number>> = {};
  let waiting: Resource[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    const together = waiting;
    waiting = [];
    characters = 0;
    // All are awaited, so that nothing is written any more once one has failed.
    const outcomes = await Promise.allSettled(together.map((document) => put(store, document, overwrite)));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') throw outcome.reason;
      const counts = outcome.value === 'stored' ? stored : present;
      const kind = together[index]!.kind as Kind;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  };
  for await (const { document, size } of documentsIn(lines)) {
    waiting.push(document);
    characters += size;
    if (waiting.length >= MOST_AT_ONCE || characters >= MOST_CHARACTERS_AT_ONCE) await flush();
  }
  await flush();
  return { stored, present };
}

async function put(store: Store, document: Resource, overwrite: boolean): Promise<'stored' | 'present'> {
  const { name, namespace = '' } = document.metadata;
  const kind = document.kind as Kind;
  for (;;) {
    const there = await store.get({ kind, namespace, name });
    if (there !== undefined && equalJson(withoutRevision(there), document)) return 'present';
    // Whoever has worked there has marks of their own.
    if (there !== undefined && kind === 'Mark') return 'present';
    if (there !== undefined && !overwrite) throw different(document);
    try {
      if (there === undefined) await store.create(document);
      else await store.replace(document, there.metadata.resourceVersion ?? '');
      return 'stored';
    } catch (error) {
      const isRaced = error instanceof StoreError && ['already-exists', 'conflict', 'not-found'].includes(error.code);
      if (!isRaced) throw error;
    }
  }
}

async function* documentsIn(lines: AsyncIterable<string>): AsyncGenerator<{ document: Resource; size: number }> {
  let number = 0;
  let hasEnded = false;
  for await (const text of lines) {
    number += 1;
    const value = readLine(text, number);
    if (number === 1) checkHeader(value);
    else if (hasEnded) throw new UsageError(`line ${number}: something follows the end of the export`);
    else if (value['end'] !== undefined) hasEnded = true;
    else yield { document: documentOf(value, number), size: text.length };
  }
  if (number === 0) throw new UsageError('the export is empty', 'a file that "assay export" wrote');
  if (!hasEnded)
    throw new UsageError(
      `the export breaks off after line ${number}; what came before is stored`,
      'export again and import that: what is there already is passed over',
    );
}

type Fields = Readonly<Record<string, unknown>>;

function readLine(text: string, number: number): Fields {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // Told below: of the line, since its text may be long.
  }
  throw new UsageError(`line ${number} is no JSON object`, 'a file that "assay export" wrote, uncut');
}

function checkHeader({ format, version }: Fields): void {
  if (format !== FORMAT) throw new UsageError('line 1 is no header of an export', 'a file that "assay export" wrote');
  if (version !== FORMAT_VERSION)
    throw new UsageError(
      `the export has format version ${JSON.stringify(version)}, this Assay knows ${FORMAT_VERSION}`,
      'import it with the Assay that wrote it or a newer one',
    );
}

function documentOf(value: Fields, number: number): Resource {
  const { kind, apiVersion } = value;
  const { name, namespace } = (value['metadata'] ?? {}) as Fields;
  if (!(KINDS as readonly unknown[]).includes(kind))
    throw new UsageError(`line ${number}: this Assay stores no ${JSON.stringify(kind)}`, `one of ${KINDS.join(', ')}`);
  const isNamed = typeof name === 'string' && name !== '' && ['string', 'undefined'].includes(typeof namespace);
  if (typeof apiVersion !== 'string' || !isNamed)
    throw new UsageError(`line ${number}: a ${kind} needs apiVersion and metadata.name as text`);
  return withoutRevision(value as unknown as Resource);
}

function different({ kind, metadata: { namespace, name } }: Resource): UsageError {
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  return new UsageError(
    `${kind} "${place}" is there and says something else; nothing of it was changed`,
    'import into an empty place, or replace what is there with --overwrite',
  );
}
