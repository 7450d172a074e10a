import type { Resource } from '../domain/resource.ts';
import {
  type Key,
  type Kind,
  type Log,
  type Page,
  type Selection,
  type Store,
  StoreError,
  type Watch,
} from '../engine/ports.ts';
import {
  connectRedis,
  keyPrefix,
  onOtherServer,
  type RedisClient,
  type RedisPlace,
  type RedisWatch,
  watchRedis,
} from '../redis/connection.ts';
import { RedisProblem, shownUrl } from '../redis/problem.ts';
import { readContinue, writeContinue } from './continue-token.ts';
import { isSelected, positionOf, type Refusal, refused, stamped, type Target, targetOf } from './document.ts';
import { DocumentCache } from './document-cache.ts';
import { LaterChanges, ListsUnderWay } from './later-changes.ts';
import { changesBetween, RedisHistory, storedDocument } from './redis-history.ts';
import * as scripts from './redis-scripts.ts';
import { type Entry, moreThen, takenBack } from './snapshot.ts';
import { walked } from './walk.ts';

// Rows that one script reads: others wait for it meanwhile.
const ROWS_AT_ONCE = 200;
// Of half the history; the whole one reaches back as far as the embedded store's, see change-feed.ts.
const HISTORY_CHANGES = 8_192;
const HISTORY_CHARACTERS = 32 * 1024 * 1024;

/** What a document kept here spares is small, its text on the way and reading it; and with runs by the ten thousand each process sees another one each time. */
const KEPT_DOCUMENTS = 5_000;

interface RedisStoreOptions extends RedisPlace {
  readonly log: Log;
  readonly historyChanges?: number;
  readonly historyCharacters?: number;
}

export interface RedisStore extends Store {
  /** Resolves after the first attempt to reach Redis: with what is wrong, if anything is. The store goes on trying by itself. */
  opened(): Promise<RedisProblem | undefined>;
}

/**
 * Documents in one Redis, for any number of processes. Each write is one script: it happens as a whole or not at all, and is acknowledged when Redis
 * answers. That it then survives the loss of the machine takes `appendonly yes` and `appendfsync always`; whoever has less is warned. A write whose answer
 * is lost with the connection is `unavailable` and may have happened.
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  return new StoreInRedis(options);
}

type Scripts = Readonly<
  Record<
    'assayGet' | 'assayWrite' | 'assayRows' | 'assayCount' | 'assayRevision' | 'assayProbe',
    (...args: (string | number)[]) => Promise<readonly string[]>
  >
>;

class StoreInRedis implements RedisStore {
  readonly #url: string;
  readonly #keys: string;
  readonly #redis: RedisClient;
  readonly #scripts: Scripts;
  readonly #watch: RedisWatch;
  readonly #history: RedisHistory;
  readonly #historyLimits: readonly [changes: number, characters: number];
  readonly #cache = new DocumentCache(KEPT_DOCUMENTS);
  readonly #lists = new ListsUnderWay();
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor({ log, historyChanges, historyCharacters, ...place }: RedisStoreOptions) {
    this.#url = place.url;
    this.#keys = keyPrefix(place);
    this.#historyLimits = [historyChanges ?? HISTORY_CHANGES, historyCharacters ?? HISTORY_CHARACTERS];
    this.#redis = connectRedis(place, 'assay-store');
    // ioredis sends the text of a script once to each Redis, and its hash from then on.
    const define = (name: keyof Scripts, numberOfKeys: number, lua: string): void =>
      this.#redis.defineCommand(name, { numberOfKeys, lua });
    define('assayGet', 2, scripts.GET);
    define('assayWrite', 4, scripts.WRITE);
    define('assayRows', 3, scripts.ROWS);
    define('assayCount', 2, scripts.COUNT);
    define('assayRevision', 1, scripts.REVISION);
    define('assayProbe', 2, scripts.PROBE);
    this.#scripts = this.#redis as unknown as Scripts;
    this.#watch = watchRedis(this.#redis, place, log);
    onOtherServer(this.#redis, () => {
      this.#lists.clear();
      this.#cache.clear();
    });
    this.#history = new RedisHistory(
      {
        redis: this.#redis,
        connect: () => connectRedis(place, 'assay-watch', 'blocking'),
        key: this.#key('changes'),
        revision: () => this.revision(),
        problem: (error) => {
          if (this.#closing !== undefined) return undefined;
          return error instanceof StoreError ? error : this.#watch.problem(error);
        },
      },
      historyChanges,
    );
  }

  opened(): Promise<RedisProblem | undefined> {
    return this.#watch.first;
  }

  async get(key: Key): Promise<Resource | undefined> {
    const cached = this.#cache.get(key);
    const known = cached?.metadata.resourceVersion ?? '';
    const [is, stored = ''] = await this.#ask('assayGet', 'meta', `documents:${key.kind}`)(positionOf(key), known);
    if (is === 'same') return cached;
    if (is === 'absent') return undefined;
    const document = storedDocument(stored);
    this.#cache.set(key, document, stored.length);
    return document;
  }

  async list(selection: Selection, page: { readonly limit?: number; readonly continue?: string } = {}): Promise<Page> {
    const limit = page.limit ?? Number.POSITIVE_INFINITY;
    const start = page.continue === undefined ? undefined : readContinue(page.continue);
    const taken: Entry[] = [];
    const later = (start && this.#lists.take(selection, start)) ?? this.#laterChanges(selection, start?.revision);
    let after = start?.after ?? '';
    for (;;) {
      // One more than is wanted tells whether more is left.
      const count = Math.min(ROWS_AT_ONCE, limit - taken.length + 1);
      const { revision: readAt, entries } = await this.#rows(selection, after, count);
      const upTo = entries.length < count ? undefined : entries.at(-1)![0];
      const undo = await this.#told(later.upTo(readAt));
      for (const entry of takenBack(entries, undo, { after, upTo })) {
        if (!isSelected(selection, entry[1])) continue;
        if (taken.length === limit) return this.#cutPage(selection, later, taken, start?.after ?? '');
        taken.push(entry);
      }
      if (upTo === undefined) return { items: taken.map(([, document]) => document), revision: later.since };
      after = upTo;
    }
  }

  #laterChanges(selection: Selection, since: number | undefined): LaterChanges {
    const key = this.#key('changes');
    return new LaterChanges((after, upTo) => changesBetween(this.#redis, key, after, upTo), selection, since);
  }

  walk(selection: Selection): AsyncIterable<readonly Resource[]> {
    return walked(selection, async (after, count) => (await this.#rows(selection, after, count)).entries);
  }

  async #rows(selection: Selection, after: string, count: number) {
    const { kind } = selection;
    const ask = this.#ask('assayRows', 'meta', `documents:${kind}`, `index:${kind}`);
    const [, revision, ...rows] = await ask(...stretchAfter(selection, after), count);
    const entries: Entry[] = [];
    for (let at = 0; at < rows.length; at += 2)
      entries.push([rows[at]!, this.#documentOf(kind, rows[at + 1]!, rows[at]!)]);
    return { revision: Number(revision), entries };
  }

  async #cutPage(selection: Selection, later: LaterChanges, taken: readonly Entry[], start: string): Promise<Page> {
    const after = taken.at(-1)?.[0] ?? start;
    const revision = later.since;
    const items = taken.map(([, document]) => document);
    const page = { items, revision, continue: writeContinue({ revision, after }) };
    later.letGo(after);
    // With a predicate only reading everything could tell.
    const remaining = selection.matches === undefined ? await this.#remaining(selection, later, after) : undefined;
    this.#lists.keep(later);
    return remaining === undefined ? page : { ...page, remaining };
  }

  async #remaining(selection: Selection, later: LaterChanges, after: string): Promise<number> {
    const ask = this.#ask('assayCount', 'meta', `index:${selection.kind}`);
    const [, countedAt, count] = await ask(...stretchAfter(selection, after));
    return Number(count) + moreThen(await this.#told(later.upTo(Number(countedAt))), after);
  }

  create(document: Resource): Promise<Resource> {
    return this.#put('create', document, targetOf(document));
  }

  replace(document: Resource, expected: string): Promise<Resource> {
    return this.#put('replace', document, { ...targetOf(document), expected });
  }

  async #put(action: 'create' | 'replace', document: Resource, target: Target): Promise<Resource> {
    const text = JSON.stringify(document);
    const [revision] = await this.#write(action, target, text);
    const stored = stamped(document, Number(revision));
    this.#cache.set(target, stored, text.length);
    return stored;
  }

  async remove(key: Key, expected?: string): Promise<Resource> {
    const target: Target = expected === undefined ? key : { ...key, expected };
    const [revision, old = ''] = await this.#write('remove', target, '');
    this.#cache.delete(key);
    return stamped(storedDocument(old), Number(revision));
  }

  async #write(action: string, target: Target, text: string): Promise<readonly string[]> {
    const { kind } = target;
    const ask = this.#ask('assayWrite', 'meta', `documents:${kind}`, `index:${kind}`, 'changes');
    const expected = target.expected ?? '';
    const [is, ...rest] = await ask(action, kind, positionOf(target), expected, text, ...this.#historyLimits);
    if (is !== 'written') throw refused(is as Refusal, target);
    return rest;
  }

  watch(selection: Selection, fromRevision: number, signal: AbortSignal): Watch {
    return this.#history.watch(selection, fromRevision, signal);
  }

  async revision(): Promise<number> {
    const [, revision] = await this.#ask('assayRevision', 'meta')();
    return Number(revision);
  }

  async check(): Promise<void> {
    await this.#ask('assayProbe', 'meta', 'probe')();
  }

  /** What was asked before is still answered. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#redis.disconnect();
    await this.#history.close();
  }

  #key(name: string): string {
    return this.#keys + name;
  }

  /** A script on some of the keys. Its answer begins with a word; that of another schema is an error here. */
  #ask(script: keyof Scripts, ...keys: string[]): (...args: (string | number)[]) => Promise<readonly string[]> {
    return async (...args) => {
      if (this.#closing !== undefined) throw new StoreError('unavailable', 'the store is closed');
      const mistake = this.#watch.mistake();
      if (mistake !== undefined) throw mistake;
      const names = keys.map((name) => this.#key(name));
      const asked = this.#scripts[script](...names, ...args);
      this.#underWay.add(asked);
      const answer = await this.#told(asked).finally(() => this.#underWay.delete(asked));
      if (answer[0] === 'schema') throw this.#otherSchema(answer[1]!);
      return answer;
    };
  }

  async #told<Answer>(asked: Promise<Answer>): Promise<Answer> {
    try {
      return await asked;
    } catch (error) {
      throw error instanceof StoreError ? error : this.#watch.problem(error);
    }
  }

  #otherSchema(version: string): StoreError {
    const what = `Redis at ${shownUrl(this.#url)} has schema version ${version} under ${this.#keys}`;
    return new RedisProblem(
      `${what}, this Assay knows ${scripts.SCHEMA_VERSION}: use the Assay that wrote it or a newer one, or another prefix`,
      true,
    );
  }

  /** Spares reading text again that is still known as a document. */
  #documentOf(kind: Kind, stored: string, position: string): Resource {
    const [namespace = '', name = ''] = position.split('\0');
    const cached = this.#cache.get({ kind, namespace, name });
    const known = cached?.metadata.resourceVersion;
    return cached !== undefined && stored.startsWith(`${known} `) ? cached : storedDocument(stored);
  }
}

/** The bounds of ZRANGEBYLEX: after a position, in a namespace or in all. */
function stretchAfter({ namespace }: Selection, position: string): readonly [least: string, greatest: string] {
  if (namespace === undefined) return [position === '' ? '-' : `(${position}`, '+'];
  const first = `${namespace}\0`;
  return [position > first ? `(${position}` : `[${first}`, `(${namespace}\u0001`];
}
