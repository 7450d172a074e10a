/** Planners with connections of their own, as many worker processes have them, and one account that all of them ask. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPlanner, type Planner } from '../../../providers/planner.ts';
import { RedisLimits } from '../../../services/limits/redis-limits.ts';
import { systemClock } from '../../../services/queue/clock.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

let redis: RedisServer;
let prefixes = 0;
const closing: RedisLimits[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => {
  for (const limits of closing.splice(0)) limits.close();
});
afterAll(() => redis?.stop());

/** So many processes, and a source that keeps count of what is asked of it at once and when. */
function bench(processes: number, limits: { concurrency?: number; requestsPerSecond?: number }, url = redis.url) {
  const place = { url, prefix: `limits-${prefixes++}` };
  const starts: { readonly at: number; readonly by: number }[] = [];
  let active = 0;
  let most = 0;
  const open = () => {
    const shared = new RedisLimits({ ...place, clock: systemClock, log: keptLog() });
    closing.push(shared);
    const all = { concurrency: 20, requestsPerSecond: 0, retries: 0, ...limits };
    return { shared, planner: createPlanner(systemClock, { shareWindowMs: 0, limits: () => all, shared }) };
  };
  const opened = Array.from({ length: processes }, open);
  const call = (
    by: number,
    ms: number,
    signal = new AbortController().signal,
    planner: Planner = opened[by]!.planner,
  ) =>
    planner.run({
      ...{ account: 'prometheus prod', shareKey: undefined, consumer: 'run', signal },
      ask: async () => {
        starts.push({ at: Date.now(), by });
        active += 1;
        most = Math.max(most, active);
        await sleep(ms);
        active -= 1;
      },
    });
  const times = (count: number, each: (index: number) => Promise<unknown>): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, index) => each(index)));
  const busiestSecond = (): number =>
    Math.max(...starts.map(({ at }) => starts.filter((other) => other.at >= at && other.at < at + 1000).length));
  return { opened, call, times, starts, busiestSecond, most: () => most };
}

describe('limits of an account that several processes share', () => {
  it('let no more through at once than all may, and everybody gets a part', async () => {
    const { call, times, most, starts } = bench(3, { concurrency: 6 });
    // The first takes all there is before the others come.
    const first = times(60, () => call(0, 50));
    await sleep(100);
    await Promise.all([first, times(20, () => call(1, 50)), times(20, () => call(2, 50))]);
    expect(most()).toBe(6);
    const half = starts.slice(0, 70).map(({ by }) => by);
    for (const by of [0, 1, 2]) expect(half.filter((each) => each === by).length, `${by}`).toBeGreaterThan(10);
  });

  it('go round where there are fewer places than processes', async () => {
    const { call, times, most, starts } = bench(3, { concurrency: 1 });
    await times(3, (by) => times(30, () => call(by, 25)));
    expect(most()).toBe(1);
    expect(starts).toHaveLength(90);
    expect(new Set(starts.slice(0, 60).map(({ by }) => by))).toEqual(new Set([0, 1, 2]));
  });

  it('let no more through in a second than all may', async () => {
    const { call, times, busiestSecond, starts } = bench(3, { requestsPerSecond: 30 });
    await times(3, (by) => times(20, () => call(by, 1)));
    expect(busiestSecond()).toBeLessThanOrEqual(31);
    // And most of what they may: 60 calls take two seconds, and as much as one more until the parts are settled.
    expect(starts.at(-1)!.at - starts[0]!.at).toBeLessThan(4_500);
  });

  it('have the part of a process that died again when its lease is over', async () => {
    const { call, times, opened, most } = bench(2, { concurrency: 4 });
    const dead = times(4, () => call(0, 60_000));
    void dead;
    await sleep(100);
    opened[0]!.shared.close();
    const from = Date.now();
    await call(1, 1);
    expect(Date.now() - from).toBeGreaterThan(1_000);
    expect(Date.now() - from).toBeLessThan(4_000);
    // The calls of the dead one are still counted here.
    expect(most()).toBe(5);
  });

  it('hold all back when one was told to come later', async () => {
    const { call, opened, starts } = bench(2, {});
    await Promise.all([call(0, 1), call(1, 1)]);
    const until = Date.now() + 1_500;
    opened[0]!.planner.postpone('prometheus prod', until);
    await sleep(600);
    await call(1, 1);
    expect(starts.at(-1)!.at).toBeGreaterThanOrEqual(until - 5);
  });

  it('ask nothing of Redis for the single call', async () => {
    const { call } = bench(1, {});
    await call(0, 1);
    const admin = new Redis(redis.url);
    const commands = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/u.exec(await admin.info('stats'))![1]);
    const before = await commands();
    const from = Date.now();
    for (let count = 0; count < 400; count += 1) await call(0, 1);
    const asked = (await commands()) - before;
    const seconds = (Date.now() - from) / 1000;
    // Two renewals a second, of four commands each; the question itself is one.
    expect(asked).toBeLessThan(3 * 5 + seconds * 2 * 5);
    await admin.quit();
  });
});

describe('while Redis is away', () => {
  it('calls go on while the lease lasts, then wait, and go on when it is back', async () => {
    const own = await startRedis();
    const { call, starts } = bench(1, { concurrency: 2 }, own.url);
    await call(0, 1);
    await own.stop();
    await call(0, 1);
    await sleep(2_100);
    const giveUp = AbortSignal.timeout(500);
    await expect(call(0, 1, giveUp)).rejects.toThrow('timeout');
    expect(starts).toHaveLength(2);
    const again = call(0, 1);
    const back = await startRedis({ port: own.port });
    await again;
    expect(starts).toHaveLength(3);
    await back.stop();
  });

  it('a lease lasts no longer because the clock of the machine is set back', async () => {
    const own = await startRedis();
    let setBackMs = 0;
    const clock = { ...systemClock, now: () => Date.now() - setBackMs };
    const shared = new RedisLimits({ url: own.url, prefix: 'limits', clock, log: keptLog() });
    closing.push(shared);
    const places = (): number =>
      shared.share('prometheus', { concurrency: 2, requestsPerSecond: 0 }, { active: 1, waiting: 0 }, () => {}).places;
    while (places() === 0) await sleep(10);
    await own.stop();
    setBackMs = 60_000;
    expect(places()).toBe(2);
    await sleep(2_100);
    expect(places()).toBe(0);
  });
});
