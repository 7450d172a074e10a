import type { Resource } from '../domain/resource.ts';
import { type Change, type Selection, StoreError, type Watch } from '../engine/ports.ts';
import { onOtherServer, type RedisClient } from '../redis/connection.ts';
import { ChangeFeed } from './change-feed.ts';
import { type HistoryEntry, previousOf, selectedChange, stamped } from './document.ts';

/** Entries read at a time: few enough that a watch that reads at all is not overtaken by them. */
const CHANGES_AT_ONCE = 100;
/** How long Redis holds a question for changes before it says that there were none. */
const BLOCK_MS = 5_000;
const RETRY_MS = 200;
/** The watchers of an API process that has died come to another one together, and differ by what was told in their last moments. */
const HEAD_START = 1_000;

type Entry = readonly [id: string, fields: readonly string[]];

/** The changes after one revision, up to and with another. Throws StoreError `expired` when the history no longer has all of them. */
export async function* changesBetween(
  redis: RedisClient,
  key: string,
  after: number,
  upTo: number,
): AsyncGenerator<HistoryEntry> {
  for (let seen = after; seen < upTo; ) {
    const entries = await redis.xrange(key, `${seen + 1}-0`, `${upTo}-0`, 'COUNT', CHANGES_AT_ONCE);
    for (const entry of entries) {
      // Revisions are consecutive: what is missing was forgotten.
      if (revisionOf(entry) !== seen + 1) break;
      seen += 1;
      yield historyEntry(entry);
    }
    if (entries.length === 0 || seen < revisionOf(entries.at(-1)!)) throw tooOld(seen);
  }
}

/** What the history needs of the store; each question may throw StoreError `unavailable`. */
export interface HistorySource {
  /** For questions that are answered at once. */
  readonly redis: RedisClient;
  /** A connection of its own for the questions that Redis holds. */
  connect(): RedisClient;
  readonly key: string;
  revision(): Promise<number>;
  /** What a watch ends with; undefined while the store closes, when it ends in silence. */
  problem(error: unknown): StoreError | undefined;
}

/**
 * The history as watches see it. It follows Redis from the first watch on, and from a little before where that one begins: what any process writes is here
 * at once, and is read once for all watches. What happened still earlier is read from Redis for each watch.
 */
export class RedisHistory {
  readonly #source: HistorySource;
  readonly #maxChanges: number | undefined;
  #following: Promise<ChangeFeed> | undefined;
  #connection: RedisClient | undefined;
  /** Whether another server may answer now, which has not been asked yet for the change that was published last. */
  #inDoubt = false;
  #isClosed = false;

  constructor(source: HistorySource, maxChanges: number | undefined) {
    this.#source = source;
    this.#maxChanges = maxChanges;
  }

  /** See Store.watch. */
  watch(selection: Selection, fromRevision: number, signal: AbortSignal): Watch {
    return new HistoryWatch(selection, fromRevision, signal, {
      feed: () => this.#feed(fromRevision),
      earlier: (after, upTo) => changesBetween(this.#source.redis, this.#source.key, after, upTo),
      isClosed: () => this.#isClosed,
      problem: (error) => (this.#isClosed ? undefined : this.#source.problem(error)),
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection?.disconnect();
    (await this.#following?.catch(() => undefined))?.close();
  }

  #feed(from: number): Promise<ChangeFeed> {
    this.#following ??= this.#follow(from).catch((error: unknown) => {
      this.#following = undefined;
      throw error;
    });
    return this.#following;
  }

  async #follow(from: number): Promise<ChangeFeed> {
    const { redis, key } = this.#source;
    const [revision, oldest] = await Promise.all([this.#source.revision(), redis.xrange(key, '-', '+', 'COUNT', 1)]);
    const known = oldest[0] === undefined ? revision : revisionOf(oldest[0]) - 1;
    const start = Math.max(known, Math.min(from, revision) - HEAD_START);
    const feed = new ChangeFeed(start, this.#maxChanges);
    this.#connection ??= this.#connect();
    void this.#publishTo(feed, this.#connection);
    return feed;
  }

  #connect(): RedisClient {
    const connection = this.#source.connect();
    // A question that was under way is asked again behind our back.
    onOtherServer(connection, () => {
      this.#inDoubt = true;
    });
    return connection;
  }

  /** Until the store closes, or the history has a gap: then all watches end, and the next one begins anew. */
  async #publishTo(feed: ChangeFeed, connection: RedisClient): Promise<void> {
    let last: Entry | undefined;
    while (!this.#isClosed) {
      try {
        const entries = await this.#nextEntries(feed, connection, last);
        if (entries === undefined) break;
        for (const entry of entries) feed.publish(historyEntry(entry));
        last = entries.at(-1) ?? last;
      } catch {
        // Redis is away, and whoever reads or writes is told so; watches wait until it is back.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    if (this.#isClosed) return;
    this.#following = undefined;
    feed.close(tooOld(feed.revision));
  }

  /**
   * Undefined: Redis no longer has the change that comes next. A Redis that came back without its newest writes counts on from an older revision, and gives their
   * revisions to others: nothing known here holds any more.
   */
  async #nextEntries(
    feed: ChangeFeed,
    connection: RedisClient,
    last: Entry | undefined,
  ): Promise<readonly Entry[] | undefined> {
    const count = Math.min(CHANGES_AT_ONCE, Math.ceil((this.#maxChanges ?? CHANGES_AT_ONCE) / 4));
    const { key, redis } = this.#source;
    const found = (await connection.xread('COUNT', count, 'BLOCK', BLOCK_MS, 'STREAMS', key, `${feed.revision}-0`)) as
      | readonly (readonly [string, readonly Entry[]])[]
      | null;
    const entries = found?.[0]?.[1] ?? [];
    if (entries.length === 0 && (await this.#source.revision()) < feed.revision) return undefined;
    if (entries.some((entry, index) => revisionOf(entry) !== feed.revision + 1 + index)) return undefined;
    if (this.#inDoubt && last !== undefined) {
      this.#inDoubt = false;
      const [id] = last;
      const [now] = await redis.xrange(key, id, id);
      if (JSON.stringify(now) !== JSON.stringify(last)) return undefined;
    }
    return entries;
  }
}

/** What one watch needs of the history. */
interface WatchSource {
  feed(): Promise<ChangeFeed>;
  earlier(after: number, upTo: number): AsyncIterable<HistoryEntry>;
  isClosed(): boolean;
  problem(error: unknown): StoreError | undefined;
}

/** A watch that reads for itself what the feed no longer has, and then goes on with all others. */
class HistoryWatch implements Watch {
  readonly #selection: Selection;
  readonly #signal: AbortSignal;
  readonly #source: WatchSource;
  #seen: number;
  #joined: Watch | undefined;

  constructor(selection: Selection, from: number, signal: AbortSignal, source: WatchSource) {
    this.#selection = selection;
    this.#seen = from;
    this.#signal = signal;
    this.#source = source;
  }

  get revision(): number {
    return this.#joined?.revision ?? this.#seen;
  }

  poll(): Change | undefined {
    return this.#joined?.poll();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change, void, void> {
    try {
      if (this.#isOver()) return;
      const feed = await this.#source.feed();
      while (this.#seen < feed.start) {
        for await (const entry of this.#source.earlier(this.#seen, feed.start)) {
          if (this.#isOver()) return;
          const change = selectedChange(this.#selection, entry);
          if (change !== undefined) yield change;
          this.#seen = entry.revision;
        }
      }
      this.#joined = feed.watch(this.#selection, this.#seen, this.#signal);
      yield* this.#joined;
    } catch (error) {
      const problem = this.#source.problem(error);
      if (problem !== undefined) throw problem;
    }
  }

  #isOver(): boolean {
    return this.#signal.aborted || this.#source.isClosed();
  }
}

const tooOld = (revision: number): StoreError =>
  new StoreError('expired', `revision ${revision} is too old: the changes after it are forgotten`);

const revisionOf = ([id]: Entry): number => Number.parseInt(id, 10);

/** Stays text until somebody wants it: a process that follows a quiet kind must not read every run for that. */
function historyEntry(entry: Entry): HistoryEntry {
  const fields = new Map<string, string>();
  for (let at = 0; at < entry[1].length; at += 2) fields.set(entry[1][at]!, entry[1][at + 1]!);
  let [text, old] = [fields.get('d'), fields.get('o')];
  const revision = revisionOf(entry);
  const position = fields.get('p') ?? '';
  let change: Change | undefined;
  return {
    revision,
    type: text === undefined ? 'DELETED' : old === undefined ? 'ADDED' : 'MODIFIED',
    kind: fields.get('k') ?? '',
    namespace: position.split('\0')[0] ?? '',
    position,
    characters: (text?.length ?? 0) + (old?.length ?? 0),
    read() {
      change ??= changeOf(revision, text, old);
      text = undefined;
      old = undefined;
      return change;
    },
    previous() {
      if (change !== undefined) return previousOf(change);
      const stored = old;
      return stored === undefined ? undefined : { characters: stored.length, read: () => storedDocument(stored) };
    },
  };
}

/** `text` is absent for a removal, `old` for a creation. */
function changeOf(revision: number, text: string | undefined, old: string | undefined): Change {
  const previous = old === undefined ? undefined : storedDocument(old);
  if (text === undefined)
    return { type: 'DELETED', document: stamped(previous!, revision), previous: previous!, revision };
  const document = stamped(JSON.parse(text) as Resource, revision);
  if (previous === undefined) return { type: 'ADDED', document, revision };
  return { type: 'MODIFIED', document, previous, revision };
}

/** A document as it stands in Redis: `REVISION TEXT`. */
export function storedDocument(stored: string): Resource {
  const space = stored.indexOf(' ');
  return stamped(JSON.parse(stored.slice(space + 1)) as Resource, Number(stored.slice(0, space)));
}
