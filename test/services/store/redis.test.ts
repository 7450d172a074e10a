import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resource } from '../../../services/domain/resource.ts';
import type { Change, Store } from '../../../services/engine/ports.ts';
import { type RedisStore, redisStore } from '../../../services/store/redis.ts';
import { storeConformance } from '../../conformance/store.ts';
import { freePort } from '../../support/free-port.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { selfSigned } from '../../support/tls.ts';

let redis: RedisServer;
let prefixes = 0;
const newPrefix = (): string => `test-${prefixes++}`;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

const open = (
  options: { url?: string; prefix?: string; historyChanges?: number; historyCharacters?: number } = {},
): RedisStore => redisStore({ url: redis.url, prefix: newPrefix(), log: keptLog(), ...options });

storeConformance('the Redis store', async (options) => open(options));

const runKey = { kind: 'AnalysisRun', namespace: 'default', name: 'a' } as const;
function runOf(name: string, text = ''): Resource {
  const document = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'default' },
  };
  return { ...document, spec: { text } } as Resource;
}
const namesIn = async (store: Store): Promise<string[]> =>
  (await store.list({ kind: 'AnalysisRun' })).items.map(({ metadata }) => metadata.name);

async function firstChanges(store: Store, from: number, count: number): Promise<Change[]> {
  const control = new AbortController();
  const changes: Change[] = [];
  for await (const change of store.watch({ kind: 'AnalysisRun' }, from, control.signal)) {
    changes.push(change);
    if (changes.length === count) control.abort();
  }
  return changes;
}

describe('two processes on one Redis', () => {
  it("see each other's writes at once, in reads and in watches, with the document before", async () => {
    const prefix = newPrefix();
    const [one, two] = [open({ prefix }), open({ prefix })];
    const start = await two.revision();
    const seen = firstChanges(two, start, 2);
    const created = await one.create(runOf('a', 'old'));
    expect(await two.get(runKey)).toEqual(created);
    const replaced = await one.replace(runOf('a', 'new'), created.metadata.resourceVersion!);
    expect(await two.get(runKey)).toEqual(replaced);
    expect(await one.get(runKey)).toEqual(replaced);
    expect(await seen).toEqual([
      { type: 'ADDED', document: created, revision: start + 1 },
      { type: 'MODIFIED', document: replaced, previous: created, revision: start + 2 },
    ]);
    await Promise.all([one.close(), two.close()]);
  });

  it('let one writer win, whichever process it is in', async () => {
    const prefix = newPrefix();
    const stores = [open({ prefix }), open({ prefix })];
    const created = await stores[0]!.create(runOf('a'));
    const writes = Array.from({ length: 40 }, (_, writer) =>
      stores[writer % 2]!.replace(runOf('a', String(writer)), created.metadata.resourceVersion!),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('resume each other: a watch and a list in pages go on in a process that was not there when they began', async () => {
    const prefix = newPrefix();
    const one = open({ prefix });
    for (const name of ['a', 'b', 'c']) await one.create(runOf(name));
    const page = await one.list({ kind: 'AnalysisRun' }, { limit: 1 });
    await one.create(runOf('aa'));
    await one.close();

    const two = open({ prefix });
    const rest = await two.list({ kind: 'AnalysisRun' }, { continue: page.continue! });
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['b', 'c']);
    const [change] = await firstChanges(two, page.revision, 1);
    expect(change!.document.metadata.name).toBe('aa');
    await two.close();
  });

  it('read each change once for all pages of a list, whichever of them answers', async () => {
    const prefix = newPrefix();
    const stores = [open({ prefix }), open({ prefix })];
    const names = Array.from({ length: 400 }, (_, index) => `run-${String(index).padStart(3, '0')}`);
    await Promise.all(names.map((name) => stores[0]!.create(runOf(name))));
    const questions = async (): Promise<number> =>
      Number(/cmdstat_xrange:calls=(\d+)/u.exec(await admin.info('commandstats'))?.[1] ?? 0);
    const admin = new Redis(redis.url);
    const before = await questions();
    let token: string | undefined;
    const seen: string[] = [];
    for (let page = 0; page < 40; page += 1) {
      const { items, continue: next } = await stores[page % 2]!.list(
        { kind: 'AnalysisRun' },
        { limit: 10, ...(token !== undefined && { continue: token }) },
      );
      seen.push(...items.map(({ metadata }) => metadata.name));
      token = next;
      for (let count = 0; count < 30; count += 1) await stores[0]!.create(runOf(`new-${page}-${count}`));
    }
    expect(seen).toEqual(names);
    expect(token).toBeUndefined();
    // 60 changes at each page, a hundred at a time. Read from the beginning of the list, those of the last page alone would be twelve.
    expect((await questions()) - before).toBeLessThanOrEqual(2 * 40);
    await admin.quit();
    await Promise.all(stores.map((store) => store.close()));
  });

  it('know nothing of those with another prefix', async () => {
    const [one, two] = [open(), open()];
    await one.create(runOf('a'));
    expect(await namesIn(two)).toEqual([]);
    expect(await two.revision()).toBe(1);
    await Promise.all([one.close(), two.close()]);
  });
});

describe('a history that is full of large documents', () => {
  it('forgets the oldest, however few they are', async () => {
    const store = open({ historyCharacters: 400_000 });
    const start = await store.revision();
    const large = 'x'.repeat(60_000);
    for (let run = 0; run < 16; run += 1) await store.create(runOf(`run-${run}`, large));
    await expect(firstChanges(store, start, 1)).rejects.toMatchObject({ code: 'expired' });
    const newest = await store.revision();
    expect(await firstChanges(store, newest - 2, 2)).toHaveLength(2);
    await store.close();
  });
});

describe('a Redis that restarts', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'on %s, has every acknowledged write; store and watches go on',
    async (signal) => {
      const own = await startRedis();
      const store = open({ url: own.url });
      const seen = firstChanges(store, await store.revision(), 3);
      const acknowledged = [await store.create(runOf('a')), await store.create(runOf('b'))];
      await own.restart(signal);
      expect((await store.list({ kind: 'AnalysisRun' })).items).toEqual(acknowledged);
      await store.create(runOf('c'));
      expect((await seen).map(({ document }) => document.metadata.name)).toEqual(['a', 'b', 'c']);
      await store.close();
      await own.stop();
    },
  );

  it('without its newest writes, ends watches that have seen them: clients list again', async () => {
    const own = await startRedis({ settings: { appendonly: 'no' } });
    const store = open({ url: own.url });
    await store.create(runOf('a'));
    const watch = store.watch({ kind: 'AnalysisRun' }, 2, new AbortController().signal)[Symbol.asyncIterator]();
    const next = watch.next();
    await store.create(runOf('b'));
    expect((await next).value).toMatchObject({ document: { metadata: { name: 'b' } } });
    const ended = expect(watch.next()).rejects.toMatchObject({ code: 'expired' });
    await own.restart('SIGKILL');
    await ended;
    expect(await namesIn(store)).toEqual([]);
    await store.close();
    await own.stop();
  });
});

describe('a Redis that came back without its newest writes, and has given their revisions to others', () => {
  it('ends watches that have seen the lost ones, and answers with what there is', async () => {
    const own = await startRedis({ settings: { appendonly: 'no' } });
    const place = { url: own.url, prefix: newPrefix() };
    const [store, other] = [open(place), open(place)];
    const labelled = (name: string, of: string): Resource => {
      const run = runOf(name);
      return { ...run, metadata: { ...run.metadata, labels: { of } } };
    };
    await store.create(labelled('a', 'lost'));
    const watch = store.watch({ kind: 'AnalysisRun' }, 2, new AbortController().signal)[Symbol.asyncIterator]();
    const next = watch.next();
    const lost = await store.create(labelled('b', 'lost'));
    expect((await next).value).toMatchObject({ document: { metadata: { name: 'b' } } });
    const ended = expect(watch.next()).rejects.toMatchObject({ code: 'expired' });
    await own.restart('SIGKILL');
    await other.create(labelled('c', 'kept'));
    const kept = await other.create(labelled('b', 'kept'));
    await other.create(labelled('d', 'kept'));
    await ended;
    expect(kept.metadata.resourceVersion).toBe(lost.metadata.resourceVersion);
    expect(await store.get({ kind: 'AnalysisRun', namespace: 'default', name: 'b' })).toEqual(kept);
    await Promise.all([store.close(), other.close()]);
    await own.stop();
  });
});

describe('a Redis that cannot be used says why, and what to do', () => {
  const cases: {
    name: string;
    settings: Record<string, string>;
    url?: (port: number) => string;
    says: RegExp;
    isLasting: boolean;
  }[] = [
    {
      name: 'a password that is missing',
      settings: { requirepass: 'right' },
      says: /refuses the password: set the right one in the URL/,
      isLasting: true,
    },
    {
      name: 'a wrong password, which no message shows',
      settings: { requirepass: 'right' },
      url: (port) => `redis://:wr0ng@127.0.0.1:${port}`,
      says: /^(?!.*wr0ng)Redis at redis:\/\/127\.0\.0\.1:\d+ refuses the password/,
      isLasting: true,
    },
    {
      name: 'a replica',
      settings: { replicaof: '127.0.0.1 1' },
      says: /this is a read-only replica: name the primary/,
      isLasting: true,
    },
    {
      name: 'a node of a Cluster',
      settings: { 'cluster-enabled': 'yes' },
      says: /this is a node of a Cluster, which it could not tell when Assay started/,
      isLasting: true,
    },
  ];
  it.each(cases)('$name', async ({ settings, url, says, isLasting }) => {
    const own = await startRedis({ settings });
    const store = open({ url: url?.(own.port) ?? own.url });
    const problem = await store.opened();
    expect(problem).toMatchObject({ code: 'unavailable', isLasting });
    expect(problem!.message).toMatch(says);
    await expect(store.check()).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
    await store.close();
    await own.stop();
  });

  it('one that is too old', async () => {
    // A real Redis, but for the version that it tells.
    const older = createServer((socket) => {
      const upstream = connect(redis.port, '127.0.0.1');
      socket.pipe(upstream);
      upstream.on('data', (data) =>
        socket.write(data.toString('latin1').replace(/(redis_version:)\d/u, '$15'), 'latin1'),
      );
      for (const [one, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const)
        one.on('close', () => other.destroy()).on('error', () => undefined);
    });
    await once(older.listen(0, '127.0.0.1'), 'listening');
    const store = open({ url: `redis://127.0.0.1:${(older.address() as AddressInfo).port}` });
    expect(await store.opened()).toMatchObject({
      isLasting: true,
      message: expect.stringMatching(/this is Redis 5\.\d+\.\d+, Assay needs 6\.2 or newer: update it/),
    });
    await expect(store.create(runOf('a'))).rejects.toThrow('Assay needs 6.2 or newer');
    await store.close();
    older.close();
  });

  it('one that is not there: every request is told soon, and all is well once it is', async () => {
    const port = await freePort();
    const log = keptLog();
    const store = redisStore({ url: `redis://127.0.0.1:${port}`, prefix: 'absent', log });
    expect(await store.opened()).toMatchObject({
      isLasting: false,
      message: expect.stringContaining('cannot be reached: start it'),
    });
    await expect(store.check()).rejects.toThrow('cannot be reached: start it, or set another address');
    await expect(store.create(runOf('a'))).rejects.toMatchObject({ code: 'unavailable' });
    const own = await startRedis({ port });
    while (
      await store.check().then(
        () => false,
        () => true,
      )
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
    await store.create(runOf('b'));
    expect(await namesIn(store)).toEqual(['b']);
    expect(log.lines).toContainEqual(expect.stringMatching(/^error .*cannot be reached.*trying again$/));
    await store.close();
    await own.stop();
  });

  it('one that is out of memory: nothing is written half, reading goes on, and writing once there is room', async () => {
    const own = await startRedis();
    const store = open({ url: own.url });
    const a = await store.create(runOf('a'));
    const revision = await store.revision();
    const admin = new Redis(own.url);
    await admin.config('SET', 'maxmemory', '1');
    for (const write of [
      () => store.create(runOf('b')),
      () => store.replace(runOf('a', 'new'), a.metadata.resourceVersion!),
      () => store.remove(runKey),
      () => store.check(),
    ])
      await expect(write()).rejects.toThrow(/is out of memory: raise maxmemory or remove runs/);
    expect(await store.list({ kind: 'AnalysisRun' })).toEqual({ items: [a], revision });
    await admin.config('SET', 'maxmemory', '0');
    await store.create(runOf('b'));
    expect(await namesIn(store)).toEqual(['a', 'b']);
    await store.close();
    await admin.quit();
    await own.stop();
  });

  it('one that becomes a replica while it is used', async () => {
    const own = await startRedis();
    const store = open({ url: own.url });
    await store.create(runOf('a'));
    const admin = new Redis(own.url);
    await admin.replicaof('127.0.0.1', '1');
    await expect(store.create(runOf('b'))).rejects.toThrow(/is a read-only replica: name the primary/);
    await store.close();
    await admin.quit();
    await own.stop();
  });

  it('one with documents of another schema version, which stay as they are', async () => {
    const prefix = newPrefix();
    const store = open({ prefix });
    await store.create(runOf('a'));
    const admin = new Redis(redis.url);
    await admin.hset(`{${prefix}}:meta`, 'schema', '99');
    for (const act of [
      () => store.check(),
      () => store.get(runKey),
      () => store.create(runOf('b')),
      () => store.list({ kind: 'AnalysisRun' }),
    ])
      await expect(act()).rejects.toThrow(
        /has schema version 99 under \{test-\d+\}:, this Assay knows 1: use the Assay that wrote it or a newer one/,
      );
    await admin.hset(`{${prefix}}:meta`, 'schema', '1');
    expect(await namesIn(store)).toEqual(['a']);
    await store.close();
    await admin.quit();
  });
});

describe('a Redis behind TLS', () => {
  let folder: string;
  let own: RedisServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-tls-'));
    writeFileSync(join(folder, 'key.pem'), selfSigned.key);
    writeFileSync(join(folder, 'cert.pem'), selfSigned.cert);
    const settings = {
      'tls-port': String(await freePort()),
      'tls-key-file': join(folder, 'key.pem'),
      'tls-cert-file': join(folder, 'cert.pem'),
      'tls-auth-clients': 'no',
      requirepass: 'right',
    };
    own = await startRedis({ settings });
    url = `rediss://:right@localhost:${settings['tls-port']}`;
  });
  afterAll(async () => {
    await own?.stop();
    rmSync(folder, { recursive: true });
  });
  let url: string;

  it('is not spoken to when nobody vouches for its certificate', async () => {
    const store = open({ url });
    const problem = await store.opened();
    expect(problem).toMatchObject({
      isLasting: true,
      message: expect.stringContaining('check scheme (rediss), port and certificate'),
    });
    await store.close();
  });

  it('is used when its certificate is trusted, with the password', async () => {
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, selfSigned.cert]);
    const store = open({ url });
    expect(await store.opened()).toBeUndefined();
    await store.create(runOf('a'));
    expect(await namesIn(store)).toEqual(['a']);
    await store.close();
    setDefaultCACertificates(trusted);
  });
});

describe('a Redis that would lose acknowledged writes', () => {
  it.each([
    { name: 'without an append-only file', settings: { appendonly: 'no' }, says: ['keeps no append-only file'] },
    { name: 'that syncs once a second', settings: { appendfsync: 'everysec' }, says: ['has appendfsync everysec'] },
    {
      name: 'that evicts keys',
      settings: { 'maxmemory-policy': 'allkeys-lru' },
      says: ['has maxmemory-policy allkeys-lru'],
    },
    {
      name: 'that does not show its settings',
      settings: { user: 'default on nopass ~* &* +@all -config' },
      says: ['does not show its settings'],
    },
    { name: 'never, is not warned of', settings: {}, says: [] },
  ])('$name', async ({ settings, says }) => {
    const own = await startRedis({ settings });
    const log = keptLog();
    const store = redisStore({ url: own.url, prefix: 'warned', log });
    expect(await store.opened()).toBeUndefined();
    expect(log.lines).toEqual(says.map((text) => expect.stringMatching(new RegExp(`^warn Redis ${text}`))));
    await store.check();
    await store.close();
    await own.stop();
  });
});
