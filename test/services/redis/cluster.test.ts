/** Store and queue over a real Cluster: the same promises, and they last when another node takes over. */
import { setTimeout as sleep } from 'node:timers/promises';
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
import { keptLog } from '../../support/log.ts';
import { type RedisCluster, startRedisCluster } from '../../support/redis-cluster.ts';

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

  it('tells the time of the node that has the keys', async () => {
    const clock = await redisClock(newPlace(), systemClock);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    clock.close();
  });

  it('in which another node takes over loses no acknowledged write and no ticket; store, watch and queue go on', {
    timeout: 60_000,
  }, async () => {
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
    await cluster.failOver();
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
  });
});

const key = { kind: 'AnalysisRun', namespace: 'default', name: 'a' } as const;
function documentOf(name: string, count: number): Resource {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata, spec: { count } } as Resource;
}
const countOf = (document: Resource | undefined): number =>
  (document as unknown as { spec: { count: number } }).spec.count;
