/** Store and queue over a real Cluster: the same promises, and they last when another node takes over. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resource } from '../../../services/domain/resource.ts';
import { StoreError } from '../../../services/engine/ports.ts';
import { bullmqQueue } from '../../../services/queue/bullmq.ts';
import { systemClock } from '../../../services/queue/clock.ts';
import { redisClock } from '../../../services/redis/clock.ts';
import { isNodeOfCluster } from '../../../services/redis/connection.ts';
import { redisStore } from '../../../services/store/redis.ts';
import { queueConformance } from '../../conformance/queue.ts';
import { storeConformance } from '../../conformance/store.ts';
import { freePort } from '../../support/free-port.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisCluster, startRedisCluster } from '../../support/redis-cluster.ts';
import { selfSigned } from '../../support/tls.ts';

let cluster: RedisCluster;
let prefixes = 0;
const newPlace = () => ({ url: cluster.url, prefix: `test-${prefixes++}`, log: keptLog() });
beforeAll(async () => {
  cluster = await startRedisCluster();
}, 60_000);
afterAll(() => cluster?.stop());

storeConformance('the Redis store in a Cluster', async (options) => redisStore({ ...newPlace(), ...options }));

queueConformance('the BullMQ queue in a Cluster', async () => {
  const queue = bullmqQueue(newPlace());
  return { queue, now: () => Date.now(), pass: (ms) => sleep(ms), close: () => queue.close() };
});

describe('a Cluster', () => {
  it('is known from one of its nodes, too', async () => {
    const one = { url: cluster.oneUrl, prefix: 'one' };
    expect(await isNodeOfCluster(one)).toBe(true);
    const store = redisStore({ ...one, isCluster: true, log: keptLog() });
    expect(await store.opened()).toBeUndefined();
    await store.create(documentOf('a', 0));
    await store.close();
    const unaware = redisStore({ ...one, log: keptLog() });
    expect(await unaware.opened()).toMatchObject({
      isLasting: true,
      message: expect.stringContaining('this is a node of a Cluster'),
    });
    await unaware.close();
  });

  it('that is not there is said to be away, at the start and at each request', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const store = redisStore({ ...newPlace(), url: `redis://127.0.0.1:${one},127.0.0.1:${two}` });
    const away = `Redis at redis://127.0.0.1:${one},127.0.0.1:${two} cannot be reached: start it, or set another address`;
    expect((await store.opened())?.message).toContain(away);
    await expect(store.create(documentOf('a', 0))).rejects.toThrow(away);
    await store.close();
  });

  it('tells the time of the node that has the keys', async () => {
    const clock = await redisClock(newPlace(), systemClock);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    clock.close();
  });

  it.each([
    { name: 'whose keys move to another node', happens: (key: string) => cluster.moveAway(key) },
    { name: 'in which another node takes over', happens: () => cluster.failOver() },
  ])(
    '$name loses no acknowledged write and no ticket; store, watch and queue go on',
    {
      timeout: 60_000,
    },
    async ({ happens }) => {
      let place = newPlace();
      while (!(await cluster.isOnFirst(`{${place.prefix}}:meta`))) place = newPlace();
      const store = redisStore(place);
      const queue = bullmqQueue(place);
      const control = new AbortController();
      let last = await store.create(documentOf('a', 0));
      const seen: number[] = [];
      const watching = (async () => {
        for await (const { document } of store.watch({ kind: 'AnalysisRun' }, 2, control.signal))
          seen.push(countOf(document));
      })();
      const passes = new Map<string, number>();
      queue.start(
        async ({ runId }) => {
          passes.set(runId, (passes.get(runId) ?? 0) + 1);
          return { runId, dueAt: Date.now() + 50 };
        },
        { concurrency: 10 },
      );
      for (let run = 0; run < 10; run += 1) await queue.schedule({ runId: `default/${run}`, dueAt: Date.now() });

      let isOver = false;
      let acknowledged = 0;
      const writing = (async () => {
        while (!isOver || acknowledged < 50) {
          try {
            last = await store.replace(documentOf('a', countOf(last) + 1), last.metadata.resourceVersion!);
            acknowledged = countOf(last);
          } catch (error) {
            // Its answer was lost, and it may have been done.
            if (!(error instanceof StoreError)) throw error;
            last = (await store.get(key).catch(() => undefined)) ?? last;
            expect(countOf(last)).toBeGreaterThanOrEqual(acknowledged);
          }
        }
      })();
      await happens(`{${place.prefix}}:meta`);
      isOver = true;
      await writing;
      expect(countOf(await store.get(key))).toBe(acknowledged);
      passes.clear();
      while (passes.size < 10) await sleep(20);
      while (seen.at(-1) !== acknowledged) await sleep(20);
      expect(seen).toEqual(Array.from({ length: acknowledged }, (_, index) => index + 1));
      control.abort();
      await watching;
      await queue.close();
      await store.close();
    },
  );
});

describe('a Cluster behind TLS and a password', () => {
  let folder: string;
  let secured: RedisCluster;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await Promise.all([writeFile(key, selfSigned.key), writeFile(cert, selfSigned.cert)]);
    secured = await startRedisCluster({ key, cert, password: 'right' });
  }, 60_000);
  afterAll(async () => {
    await secured?.stop();
    await rm(folder, { recursive: true });
  });
  const place = () => ({ url: secured.url, prefix: `test-${prefixes++}`, log: keptLog() });

  it('is not spoken to when nobody vouches for its certificate', async () => {
    const store = redisStore(place());
    expect((await store.opened())?.message).toContain('certificate');
    await store.close();
  });

  it('is used when its certificate is trusted: store, watch, clock and queue', async () => {
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, selfSigned.cert]);
    try {
      const own = place();
      expect(await isNodeOfCluster({ ...own, url: secured.oneUrl })).toBe(true);
      const [store, queue] = [redisStore(own), bullmqQueue(own)];
      expect(await store.opened()).toBeUndefined();
      const control = new AbortController();
      const watch = store.watch({ kind: 'AnalysisRun' }, await store.revision(), control.signal);
      const created = await store.create(documentOf('a', 1));
      for await (const { document } of watch) {
        expect(document).toEqual(created);
        control.abort();
      }
      const clock = await redisClock(own, systemClock);
      const pass = Promise.withResolvers<string>();
      queue.start(
        async ({ runId }) => {
          pass.resolve(runId);
          return undefined;
        },
        { concurrency: 1 },
      );
      await queue.schedule({ runId: 'default/a', dueAt: clock.now() });
      expect(await pass.promise).toBe('default/a');
      await queue.close();
      clock.close();
      await store.close();
    } finally {
      setDefaultCACertificates(trusted);
    }
  });

  it('says so when the password is wrong', async () => {
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, selfSigned.cert]);
    const store = redisStore({ ...place(), url: secured.url.replace('right', 'wrong') });
    const problem = await store.opened();
    expect(problem?.message).toMatch(/password/);
    expect(problem?.message).not.toContain('wrong@');
    await store.close();
    setDefaultCACertificates(trusted);
  });
});

const key = { kind: 'AnalysisRun', namespace: 'default', name: 'a' } as const;
function documentOf(name: string, count: number): Resource {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata, spec: { count } } as Resource;
}
const countOf = (document: Resource | undefined): number =>
  (document as unknown as { spec: { count: number } }).spec.count;
