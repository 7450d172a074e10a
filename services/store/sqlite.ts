import { Worker } from 'node:worker_threads';
import type { Resource } from '../domain/resource.ts';
import {
  type Change,
  type Key,
  type Kind,
  type Page,
  type Selection,
  type Store,
  StoreError,
  type Watch,
} from '../engine/ports.ts';
import { ChangeFeed } from './change-feed.ts';
import { readContinue, writeContinue } from './continue-token.ts';
import { entryOf, isSelected, positionOf, refused, stamped, type Target, targetOf } from './document.ts';
import { DocumentCache } from './document-cache.ts';
import { type Entry, moreThen, takenBack } from './snapshot.ts';
import type { Found, Read, Row, Write, Written } from './sqlite-database.ts';
import type { Answers, Batch, Opening, Outcome } from './sqlite-thread.ts';
import { walked } from './walk.ts';

// Rows read from the thread at a time: long lists neither block it nor pile up as text.
const ROWS_AT_ONCE = 500;
// A tick with more becomes several transactions: the copy that the thread gets must not fill the memory.
const OPERATIONS_AT_ONCE = 1_000;

/**
 * Documents in one SQLite file, `folder/assay.db`, made when there is none. Throws StoreError `unavailable` that says what to do when the file is in
 * use, damaged, not Assay's, newer than this Assay, or not writable.
 */
export async function sqliteStore(folder: string, options: { readonly historyChanges?: number } = {}): Promise<Store> {
  // Flags of the process, such as those of a test runner, are not the thread's.
  const thread = new Worker(new URL('./sqlite-thread.ts', import.meta.url), {
    workerData: folder,
    name: 'sqlite',
    execArgv: [],
  });
  const opening = await new Promise<Opening>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  if ('problem' in opening) {
    await thread.terminate();
    throw new StoreError('unavailable', opening.problem);
  }
  return new SqliteStore(thread, new ChangeFeed(opening.revision, options.historyChanges));
}

/** Something asked of the thread. Exactly one of `answer` and `fail` is called, while the thread's message is being handled. */
type Pending = { readonly fail: (error: StoreError) => void } & (
  | { readonly write: Write; readonly answer: (written: Written) => void }
  | { readonly read: Read; readonly answer: (found: Found) => void }
);

/**
 * One batch is with the thread at a time; what arrives meanwhile becomes the next one. So the writes of one tick, and all that come while the disk is
 * busy, share one transaction. When the answer to a read arrives, exactly the changes it shows have been published.
 */
class SqliteStore implements Store {
  readonly #thread: Worker;
  readonly #exited: Promise<void>;
  readonly #feed: ChangeFeed;
  readonly #cache = new DocumentCache();
  #pending: Pending[] = [];
  #underWay: readonly Pending[] = [];
  #isSendPlanned = false;
  #ended: StoreError | undefined;
  readonly #drained = Promise.withResolvers<void>();

  constructor(thread: Worker, feed: ChangeFeed) {
    this.#thread = thread;
    this.#feed = feed;
    thread.on('message', (answers: Answers) => this.#receive(answers));
    thread.on('error', (cause) => this.#lose(`the database thread failed: ${String(cause)}`));
    this.#exited = new Promise((resolve) =>
      thread.once('exit', () => {
        this.#lose('the database thread ended');
        resolve();
      }),
    );
  }

  async get(key: Key): Promise<Resource | undefined> {
    this.#checkOpen();
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const { rows } = await this.#read({ do: 'get', target: key });
    const row = rows[0];
    if (row === undefined) return undefined;
    const document = documentOf(row);
    this.#cache.set(key, document, row[3].length);
    return document;
  }

  async list(selection: Selection, page: { readonly limit?: number; readonly continue?: string } = {}): Promise<Page> {
    const limit = page.limit ?? Number.POSITIVE_INFINITY;
    const start = page.continue === undefined ? undefined : readContinue(page.continue);
    const taken: Entry[] = [];
    let revision = start?.revision;
    let after = start?.after ?? '';
    for (;;) {
      // One more than is wanted tells whether more is left.
      const count = Math.min(ROWS_AT_ONCE, limit - taken.length + 1);
      const present = await this.#rows(selection, after, count);
      revision ??= this.#feed.revision;
      const upTo = present.length < count ? undefined : present.at(-1)![0];
      const undo = this.#feed.undoTo(revision, selection);
      for (const entry of takenBack(present, undo, { after, upTo })) {
        if (!isSelected(selection, entry[1])) continue;
        if (taken.length === limit) return this.#cutPage(selection, revision, taken, start?.after ?? '');
        taken.push(entry);
      }
      if (upTo === undefined) return { items: taken.map(([, document]) => document), revision };
      after = upTo;
    }
  }

  walk(selection: Selection): AsyncIterable<readonly Resource[]> {
    return walked(selection, (after, count) => this.#rows(selection, after, count));
  }

  async #rows(selection: Selection, after: string, count: number): Promise<readonly Entry[]> {
    const { rows } = await this.#read({ do: 'rows', ...stretchAfter(selection, after), limit: count });
    return rows.map((row): Entry => [positionOfRow(row), this.#documentOf(selection.kind, row)]);
  }

  async #cutPage(selection: Selection, revision: number, taken: readonly Entry[], start: string): Promise<Page> {
    const after = taken.at(-1)?.[0] ?? start;
    const page = {
      items: taken.map(([, document]) => document),
      revision,
      continue: writeContinue({ revision, after }),
    };
    // With a predicate only reading everything could tell.
    if (selection.matches !== undefined) return page;
    const { count } = await this.#read({ do: 'count', ...stretchAfter(selection, after) });
    return { ...page, remaining: count + moreThen(this.#feed.undoTo(revision, selection), after) };
  }

  create(document: Resource): Promise<Resource> {
    return this.#put('create', document, targetOf(document));
  }

  replace(document: Resource, expected: string): Promise<Resource> {
    return this.#put('replace', document, { ...targetOf(document), expected });
  }

  async #put(action: 'create' | 'replace', document: Resource, target: Target): Promise<Resource> {
    const text = JSON.stringify(document);
    const cached = action === 'replace' ? this.#cache.get(target) : undefined;
    const known = cached?.metadata.resourceVersion === target.expected ? cached : undefined;
    const wantsPrevious = action === 'replace' && known === undefined;
    return this.#write({ do: action, target, text, wantsPrevious }, target, (revision, row) => {
      const stored = stamped(document, revision);
      const previous = row === undefined ? known : documentOf(row);
      const change: Change =
        previous === undefined
          ? { type: 'ADDED', document: stored, revision }
          : { type: 'MODIFIED', document: stored, previous, revision };
      this.#feed.publish(entryOf(change, text.length));
      this.#cache.set(target, stored, text.length);
      return stored;
    });
  }

  async remove(key: Key, expected?: string): Promise<Resource> {
    const target: Target = expected === undefined ? key : { ...key, expected };
    return this.#write({ do: 'remove', target }, target, (revision, row) => {
      const previous = documentOf(row!);
      const removed = stamped(previous, revision);
      this.#feed.publish(entryOf({ type: 'DELETED', document: removed, previous, revision }, row![3].length));
      this.#cache.delete(target);
      return removed;
    });
  }

  watch(selection: Selection, fromRevision: number, signal: AbortSignal): Watch {
    return this.#feed.watch(selection, fromRevision, signal);
  }

  async revision(): Promise<number> {
    return this.#feed.revision;
  }

  async check(): Promise<void> {
    this.#checkOpen();
    await new Promise<void>((resolve, fail) => this.#ask({ write: { do: 'probe' }, answer: () => resolve(), fail }));
  }

  /** What was asked before is still answered. */
  async close(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = new StoreError('unavailable', 'the store is closed');
      this.#feed.close();
      if (this.#underWay.length + this.#pending.length === 0) this.#drained.resolve();
      await this.#drained.promise;
      this.#thread.postMessage('close');
    }
    await this.#exited;
  }

  #read(read: Read): Promise<Found> {
    return new Promise((answer, fail) => this.#ask({ read, answer, fail }));
  }

  /** `published` runs in the order of revisions, before anything that was written later is known. */
  #write(
    write: Write,
    target: Target,
    published: (revision: number, previous: Row | undefined) => Resource,
  ): Promise<Resource> {
    return new Promise((resolve, fail) => {
      const answer = (written: Written): void => {
        if (written.is === 'refused') fail(refused(written.refusal, target));
        else resolve(published(written.revision, written.previous));
      };
      this.#ask({ write, answer, fail });
    });
  }

  #ask(pending: Pending): void {
    if (this.#ended !== undefined) {
      pending.fail(this.#ended);
      return;
    }
    this.#pending.push(pending);
    if (this.#isSendPlanned || this.#underWay.length > 0) return;
    this.#isSendPlanned = true;
    setImmediate(() => {
      this.#isSendPlanned = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#underWay.length > 0 || this.#pending.length === 0) return;
    this.#underWay = this.#pending.splice(0, OPERATIONS_AT_ONCE);
    const batch: Batch = {
      writes: this.#underWay.flatMap((pending) => ('write' in pending ? [pending.write] : [])),
      reads: this.#underWay.flatMap((pending) => ('read' in pending ? [pending.read] : [])),
    };
    this.#thread.postMessage(batch);
  }

  #receive(answers: Answers): void {
    const answered = this.#underWay;
    this.#underWay = [];
    const writes = answers.writes.values();
    const reads = answers.reads.values();
    // The thread reads after it has written: so do we.
    for (const pending of answered) if ('write' in pending) settle(pending, writes.next().value);
    for (const pending of answered) if ('read' in pending) settle(pending, reads.next().value);
    this.#send();
    if (this.#underWay.length === 0 && this.#ended !== undefined) this.#drained.resolve();
  }

  /** The thread is gone, and with it what was asked of it: it may have been written or not. */
  #lose(what: string): void {
    const error = new StoreError('unavailable', `${what}: restart Assay`);
    this.#ended ??= error;
    this.#feed.close(error);
    for (const pending of [...this.#underWay, ...this.#pending]) pending.fail(error);
    this.#underWay = [];
    this.#pending = [];
    this.#drained.resolve();
  }

  #checkOpen(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Spares reading text again that is still known as a document. */
  #documentOf(kind: Kind, row: Row): Resource {
    const [namespace, name, revision] = row;
    const cached = this.#cache.get({ kind, namespace, name });
    return cached?.metadata.resourceVersion === String(revision) ? cached : documentOf(row);
  }
}

function settle<Success extends object>(
  pending: { readonly answer: (success: Success) => void; readonly fail: (error: StoreError) => void },
  outcome: Outcome<Success> | undefined,
): void {
  if (outcome === undefined) throw new Error('the database thread left a request unanswered');
  if ('message' in outcome) pending.fail(new StoreError('unavailable', outcome.message));
  else pending.answer(outcome);
}

function documentOf([, , revision, text]: Row): Resource {
  return stamped(JSON.parse(text) as Resource, revision);
}

const positionOfRow = ([namespace, name]: Row): string => positionOf({ namespace, name });

function stretchAfter({ kind, namespace }: Selection, position: string) {
  const [afterNamespace = '', afterName = ''] = position.split('\0');
  return { kind, namespace, after: [afterNamespace, afterName] as const };
}
