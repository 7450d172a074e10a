import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Resource } from '../../../services/domain/resource.ts';
import type { Store } from '../../../services/engine/ports.ts';
import { redisStore } from '../../../services/store/redis.ts';
import { sqliteStore } from '../../../services/store/sqlite.ts';
import { ANALYSIS, type TestApi, testApi } from '../../support/api.ts';
import { TestClock } from '../../support/clock.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;
const WATCHERS = 1_000;
const CHANGES = 10;
/** More than the socket of a reader that does not read takes, on both sides of the wire. */
const LARGE_RUNS = 24;
const LARGE_BYTES = 1024 * 1024;
/** What one watch may hold: the buffer of its socket, and a piece with a large frame at its end. */
const HELD_BYTES = 2 * LARGE_BYTES;

const runOf = (name: string, text = ''): Resource =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'shop' },
    spec: { metrics: [], text },
  }) as Resource;

interface Frame {
  readonly type: string;
  readonly object: Resource & { readonly code?: number; readonly reason?: string };
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

describe.each(['SQLite', 'Redis'])('watchers of one API process over %s', (kind) => {
  let folder: string;
  let store: Store;
  let clock: TestClock;
  let api: TestApi;
  let server: string;
  const sockets = new Set<Socket>();
  const readers: IncomingMessage[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-watchers-'));
    store =
      kind === 'SQLite' ? await sqliteStore(folder) : redisStore({ url: redis.url, prefix: folder, log: keptLog() });
    clock = new TestClock();
    api = await testApi({ clock, store });
    server = await api.app.listen({ host: '127.0.0.1', port: 0 });
    api.app.server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.destroy();
    await api.app.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function watch(resourceVersion: string | undefined): Promise<IncomingMessage> {
    const query = `watch=true&resourceVersion=${resourceVersion}`;
    const request = get(`${server}${RUNS}?${query}`, { agent: false });
    const [reader] = (await once(request, 'response')) as [IncomingMessage];
    reader.on('error', () => undefined);
    readers.push(reader);
    return reader;
  }

  async function* framesOf(reader: IncomingMessage): AsyncGenerator<Frame> {
    for await (const line of createInterface({ input: reader })) yield JSON.parse(line) as Frame;
  }

  async function take(reader: IncomingMessage, count: number): Promise<string[]> {
    const seen: string[] = [];
    for await (const { object } of framesOf(reader)) {
      seen.push(object.metadata.resourceVersion!);
      if (seen.length === count) break;
    }
    return seen;
  }

  it(`see every change in order and once, ${WATCHERS} of them`, { timeout: 60_000 }, async () => {
    const from = String(await store.revision());
    const opened = await Promise.all(Array.from({ length: WATCHERS }, () => watch(from)));
    const seen = Promise.all(opened.map((reader) => take(reader, CHANGES)));
    let run = await store.create(runOf('a'));
    const versions = [run.metadata.resourceVersion!];
    for (let change = 1; change < CHANGES; change += 1) {
      run = await store.replace(runOf('a', String(change)), run.metadata.resourceVersion!);
      versions.push(run.metadata.resourceVersion!);
    }
    const distinct = new Set((await seen).map((each) => each.join()));
    expect([...distinct]).toEqual([versions.join()]);
  });

  it('are dropped with 410 when they do not read, hold little meanwhile, and go on without a gap; others notice nothing', {
    timeout: 60_000,
  }, async () => {
    const from = String(await store.revision());
    const [late, never, quick] = [await watch(from), await watch(from), await watch(from)];
    const quickSees = take(quick, LARGE_RUNS);
    const versions: string[] = [];
    for (let index = 0; index < LARGE_RUNS; index += 1) {
      const run = await store.create(runOf(`run-${index}`, 'x'.repeat(LARGE_BYTES)));
      versions.push(run.metadata.resourceVersion!);
    }
    expect(await quickSees).toEqual(versions);
    for (const socket of sockets) expect(socket.writableLength).toBeLessThan(HELD_BYTES);

    await clock.advance(30_000);
    const seen: string[] = [];
    let last: Frame['object'] | undefined;
    for await (const { type, object } of framesOf(late)) {
      last = object;
      if (type === 'ADDED') seen.push(object.metadata.resourceVersion!);
    }
    expect(late.complete).toBe(true);
    expect(last).toMatchObject({ kind: 'Status', reason: 'Expired', code: 410 });
    expect(seen.length).toBeLessThan(LARGE_RUNS);
    const rest = await take(await watch(seen.at(-1)), LARGE_RUNS - seen.length);
    expect([...seen, ...rest]).toEqual(versions);

    // Whoever does not even take the last words is cut off.
    await clock.advance(10_000);
    never.resume();
    await new Promise((resolve) => never.once('close', resolve));
    expect(never.complete).toBe(false);
  });
});
