import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BullmqQueue, bullmqQueue } from '../../../services/queue/bullmq.ts';
import { queueConformance } from '../../conformance/queue.ts';
import { freePort } from '../../support/free-port.ts';
import { keptLog } from '../../support/log.ts';
import { startNodeProgram } from '../../support/node-program.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

let redis: RedisServer;
let prefixes = 0;
const newPrefix = (): string => `test-${prefixes++}`;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

const open = (options: { prefix?: string; leaseMs?: number } = {}): BullmqQueue =>
  bullmqQueue({ url: redis.url, prefix: newPrefix(), log: keptLog(), ...options });

queueConformance('the BullMQ queue', async () => {
  const queue = open();
  return { queue, now: () => Date.now(), pass: (ms) => sleep(ms), close: () => queue.close() };
});

const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await sleep(10);
};

/** Starts it; resolves with the run of the first ticket. */
const firstHandedBy = (queue: BullmqQueue): Promise<string> =>
  new Promise((resolve) => {
    queue.start(
      async ({ runId }) => {
        resolve(runId);
        return undefined;
      },
      { concurrency: 1 },
    );
  });

describe('several processes over one Redis', () => {
  it('share the tickets: each comes once, and passes of one run overlap in no two of them', async () => {
    const prefix = newPrefix();
    const queues = [open({ prefix }), open({ prefix }), open({ prefix })];
    const inProgress = new Set<string>();
    const passes = new Map<string, number>();
    const helped = new Set<number>();
    for (const [index, queue] of queues.entries())
      queue.start(
        async ({ runId }) => {
          expect(inProgress).not.toContain(runId);
          inProgress.add(runId);
          helped.add(index);
          await sleep(5);
          inProgress.delete(runId);
          passes.set(runId, (passes.get(runId) ?? 0) + 1);
          return passes.get(runId)! < 3 ? { runId, dueAt: Date.now() } : undefined;
        },
        { concurrency: 5 },
      );
    const runs = Array.from({ length: 60 }, (_, index) => `default/run-${index}`);
    await Promise.all(runs.map((runId, index) => queues[index % 3]!.schedule({ runId, dueAt: Date.now() + 20 })));
    await until(() => [...passes.values()].reduce((sum, count) => sum + count, 0) === 180);
    expect(helped.size).toBe(3);
    expect(new Set(passes.values())).toEqual(new Set([3]));
    expect(await queues[0]!.depth()).toEqual({ waiting: 0, latenessMs: 0 });
    await Promise.all(queues.map((queue) => queue.close()));
  });

  it('keep tickets for a process that starts later', async () => {
    const prefix = newPrefix();
    const before = open({ prefix });
    await before.schedule({ runId: 'default/a', dueAt: Date.now() });
    await before.close();
    const after = open({ prefix });
    expect(await after.depth()).toMatchObject({ waiting: 1 });
    expect(await firstHandedBy(after)).toBe('default/a');
    await after.close();
  });

  it('find a ticket whose alarm was lost, and a pass whose alarm was lost', async () => {
    const prefix = newPrefix();
    const queue = open({ prefix });
    const admin = new Redis(redis.url);
    await admin.zadd(`{${prefix}}:tickets`, Date.now(), 'default/a');
    await admin.hset(`{${prefix}}:passing`, 'default/b', 'gone');
    await admin.hset(`{${prefix}}:claims`, 'gone', `token ${Date.now()} default/b`);
    const handed: string[] = [];
    queue.start(
      async ({ runId }) => {
        handed.push(runId);
        return undefined;
      },
      { concurrency: 1 },
    );
    await until(() => handed.length === 2);
    expect(handed.toSorted()).toEqual(['default/a', 'default/b']);
    await queue.close();
    await admin.quit();
  });

  it('set no alarm for a spare ticket: a run that is created has one alarm, and keeps it', async () => {
    const prefix = newPrefix();
    const queue = open({ prefix });
    const admin = new Redis(redis.url);
    const alarms = async (): Promise<number> => {
      const of = (state: string): string => `{${prefix}}:queue:passes:${state}`;
      return (await admin.llen(of('wait'))) + (await admin.llen(of('active'))) + (await admin.zcard(of('delayed')));
    };
    await queue.schedule({ runId: 'default/a', dueAt: Date.now() + 10_000 }, 'spare');
    expect(await alarms()).toBe(0);
    await queue.schedule({ runId: 'default/a', dueAt: Date.now() });
    expect(await alarms()).toBe(1);
    const handed = Promise.withResolvers<void>();
    queue.start(
      async ({ runId }) => {
        handed.resolve();
        return { runId, dueAt: Date.now() + 60_000 };
      },
      { concurrency: 1 },
    );
    await handed.promise;
    // One that is moved meanwhile is counted twice.
    await until(async () => (await queue.depth()).waiting === 1 && (await alarms()) === 1);
    await queue.close();
    await admin.quit();
  });

  it('find a spare ticket whose owner died before it scheduled another', async () => {
    const queue = open();
    await queue.schedule({ runId: 'default/a', dueAt: Date.now() }, 'spare');
    expect(await firstHandedBy(queue)).toBe('default/a');
    await queue.close();
  });

  it('take over the pass of one that was killed', async () => {
    const prefix = newPrefix();
    const worker = startNodeProgram(['test/support/hanging-worker.ts', redis.url, prefix]);
    const queue = open({ prefix, leaseMs: 1_000 });
    await queue.schedule({ runId: 'default/a', dueAt: Date.now() });
    await worker.says('took default/a');
    await worker.stop('SIGKILL');
    expect(await firstHandedBy(queue)).toBe('default/a');
    await until(async () => (await queue.depth()).waiting === 0);
    await queue.close();
  });
});

describe('a process that finds many tickets due', () => {
  const RUNS = 300;

  it('begins with the first while the others still wait, and has all in progress when none ends', async () => {
    const prefix = newPrefix();
    const queue = open({ prefix });
    const admin = new Redis(redis.url);
    for (let run = 0; run < RUNS; run += 1) await queue.schedule({ runId: `default/${run}`, dueAt: Date.now() });
    const allBegan = Promise.withResolvers<void>();
    let takenAtFirst: Promise<number> | undefined;
    let begun = 0;
    queue.start(
      async () => {
        takenAtFirst ??= admin.llen(`{${prefix}}:queue:passes:active`);
        begun += 1;
        if (begun === RUNS) allBegan.resolve();
        await allBegan.promise;
        return undefined;
      },
      { concurrency: 1_000 },
    );
    await allBegan.promise;
    // Some more are taken until Redis answers.
    expect(await takenAtFirst).toBeLessThan(RUNS / 3);
    await queue.close();
    await admin.quit();
  });

  it('has as many in progress as it may, and no alarm in hand beyond', async () => {
    const prefix = newPrefix();
    const queue = open({ prefix });
    const admin = new Redis(redis.url);
    for (let run = 0; run < RUNS; run += 1) await queue.schedule({ runId: `default/${run}`, dueAt: Date.now() });
    const end = Promise.withResolvers<void>();
    let [inProgress, passes] = [0, 0];
    queue.start(
      async () => {
        inProgress += 1;
        passes += 1;
        await end.promise;
        inProgress -= 1;
        return undefined;
      },
      { concurrency: 50 },
    );
    await until(() => inProgress === 50);
    await sleep(100);
    expect(inProgress).toBe(50);
    expect(await admin.llen(`{${prefix}}:queue:passes:active`)).toBe(50);
    end.resolve();
    await until(() => passes === RUNS);
    await queue.close();
    await admin.quit();
  });
});

describe('a queue whose Redis restarts or fails', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('on %s, loses no ticket and goes on', async (signal) => {
    const own = await startRedis();
    const queue = bullmqQueue({ url: own.url, prefix: 'restarted', log: keptLog() });
    const passes = new Map<string, number>();
    queue.start(
      async ({ runId }) => {
        passes.set(runId, (passes.get(runId) ?? 0) + 1);
        return { runId, dueAt: Date.now() + 50 };
      },
      { concurrency: 10 },
    );
    for (let run = 0; run < 20; run += 1) await queue.schedule({ runId: `default/${run}`, dueAt: Date.now() });
    await until(() => passes.size === 20);
    await own.restart(signal);
    passes.clear();
    await until(() => passes.size === 20);
    await queue.close();
    await own.stop();
  });

  it.each([
    {
      name: 'has no memory left',
      fail: ['CONFIG', 'SET', 'maxmemory', '1'],
      mend: ['CONFIG', 'SET', 'maxmemory', '0'],
      says: /is out of memory: raise maxmemory or remove runs/,
    },
    {
      name: 'becomes a replica',
      fail: ['REPLICAOF', '127.0.0.1', '1'],
      mend: ['REPLICAOF', 'NO', 'ONE'],
      says: /is a read-only replica: name the primary/,
    },
  ] as const)('refuses tickets when it $name, loses none, and goes on afterwards', async ({ fail, mend, says }) => {
    const own = await startRedis();
    const admin = new Redis(own.url);
    const queue = bullmqQueue({ url: own.url, prefix: 'a', log: keptLog(), leaseMs: 1_000 });
    const passes = new Map<string, number>();
    queue.start(
      async ({ runId }) => {
        passes.set(runId, (passes.get(runId) ?? 0) + 1);
        return { runId, dueAt: Date.now() + 20 };
      },
      { concurrency: 10 },
    );
    for (let run = 0; run < 5; run += 1) await queue.schedule({ runId: `default/${run}`, dueAt: Date.now() });
    await until(() => passes.size === 5);
    await admin.call(fail[0], ...fail.slice(1));
    await expect(queue.schedule({ runId: 'default/5', dueAt: Date.now() })).rejects.toThrow(says);
    await sleep(200);
    await admin.call(mend[0], ...mend.slice(1));
    passes.clear();
    await queue.schedule({ runId: 'default/5', dueAt: Date.now() });
    await until(() => passes.size === 6);
    await queue.close();
    admin.disconnect();
    await own.stop();
  });

  it('goes on when the connection is lost while BullMQ asks what Redis this is', async () => {
    let losses = 0;
    const exchange = createServer((client) => {
      const server = connect(redis.port, '127.0.0.1');
      let questions = 0;
      client.on('data', (bytes) => {
        // The first on a connection is that of the client itself.
        if (bytes.toString().includes('info\r\n')) questions += 1;
        if (questions < 2 || losses > 0) return server.write(bytes);
        losses += 1;
        return client.resetAndDestroy();
      });
      server.on('data', (bytes) => client.write(bytes));
      for (const [socket, other] of [[client, server] as const, [server, client] as const])
        socket.on('error', () => undefined).on('close', () => other.destroy());
    }).listen(0, '127.0.0.1');
    await once(exchange, 'listening');
    const url = `redis://127.0.0.1:${(exchange.address() as AddressInfo).port}`;
    const queue = bullmqQueue({ url, prefix: newPrefix(), log: keptLog() });
    await until(() => losses === 1);
    await until(() =>
      queue.schedule({ runId: 'default/a', dueAt: Date.now() }).then(
        () => true,
        () => false,
      ),
    );
    expect(await firstHandedBy(queue)).toBe('default/a');
    await queue.close();
    exchange.close();
  });

  it('says so when it is away', async () => {
    const queue = bullmqQueue({ url: `redis://:secret@127.0.0.1:${await freePort()}`, prefix: 'a', log: keptLog() });
    await expect(queue.schedule({ runId: 'default/a', dueAt: Date.now() })).rejects.toMatchObject({
      name: 'StoreError',
      code: 'unavailable',
      message: expect.not.stringContaining('secret'),
    });
    await queue.close();
  });
});

describe('a queue that is stopped while its Redis is away', () => {
  it('ends when Redis is gone, though it waits for an alarm', async () => {
    const own = await startRedis();
    const queue = bullmqQueue({ url: own.url, prefix: 'a', log: keptLog() });
    await queue.schedule({ runId: 'default/a', dueAt: Date.now() });
    await firstHandedBy(queue);
    await own.stop();
    await untilReconnecting(queue);
    await queue.stop();
    await queue.close();
  });

  it('waits for the passes in progress', async () => {
    const own = await startRedis();
    const queue = bullmqQueue({ url: own.url, prefix: 'a', log: keptLog() });
    const [began, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    queue.start(
      async () => {
        began.resolve();
        await end.promise;
        return undefined;
      },
      { concurrency: 1 },
    );
    await queue.schedule({ runId: 'default/a', dueAt: Date.now() });
    await began.promise;
    await own.stop();
    await untilReconnecting(queue);
    let isStopped = false;
    const stopped = queue.stop().then(() => {
      isStopped = true;
    });
    await sleep(300);
    expect(isStopped).toBe(false);
    end.resolve();
    await stopped;
    await queue.close();
  });

  it('ends when Redis was never there, and hands out nothing when it comes', async () => {
    const port = await freePort();
    const queue = bullmqQueue({ url: `redis://127.0.0.1:${port}`, prefix: 'a', log: keptLog() });
    const handed: string[] = [];
    queue.start(
      async ({ runId }) => {
        handed.push(runId);
        return undefined;
      },
      { concurrency: 1 },
    );
    await untilReconnecting(queue);
    await queue.stop();
    const own = await startRedis({ port });
    await until(() =>
      queue.schedule({ runId: 'default/a', dueAt: Date.now() }).then(
        () => true,
        () => false,
      ),
    );
    await sleep(300);
    expect(handed).toEqual([]);
    expect(await firstHandedBy(queue)).toBe('default/a');
    await queue.close();
    await own.stop();
  });
});

/** Its connections have failed, and wait for their next attempt; each request fails with an attempt. */
async function untilReconnecting(queue: BullmqQueue): Promise<void> {
  for (let attempts = 0; attempts < 3; ) {
    const error: unknown = await queue.depth().catch((problem: unknown) => problem);
    if (error instanceof Error && error.message.includes('ECONNREFUSED')) attempts += 1;
  }
  await sleep(50);
}
