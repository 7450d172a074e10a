/** One Redis, some worker processes, one API process and a source, each a process of its own, as a company runs them; and live runs on them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createRun } from '../../services/engine/create-run.ts';
import type { Log } from '../../services/engine/ports.ts';
import { bullmqQueue } from '../../services/queue/bullmq.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { redisStore } from '../../services/store/redis.ts';
import { startAssay } from '../support/assay-server.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { startRedis } from '../support/redis.ts';
import { liveRun, urlOf } from './live-runs.ts';
import { residentMegabytes } from './resident-memory.ts';

const CONCURRENT_CREATIONS = 256;

export type Arrival = readonly [run: number, epochMs: number];

/** What Redis says of itself, as far as the bench reads it. */
export interface RedisNumbers {
  readonly usedBytes: number;
  /** Reads from sockets: commands that travel together are one. */
  readonly reads: number;
  readonly commands: number;
}

export interface RedisStage {
  /** Creates runs, spread over the interval, while the workers already pass over those that are there. */
  create(runs: number, intervalMs: number): Promise<void>;
  /** What the source was asked since the last call. */
  arrivals(): Promise<readonly Arrival[]>;
  numbers(): Promise<RedisNumbers>;
  /** Processor seconds so far: of all workers together, and of Redis. */
  processorSeconds(): { readonly workers: number; readonly redis: number };
  /** Of API and workers together, in megabytes. */
  residentMegabytes(): number;
  readonly admin: Redis;
  each(): number[];
}

export async function onRedisStage<Result>(
  workers: number,
  play: (stage: RedisStage) => Promise<Result>,
): Promise<Result> {
  const open = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
    open.defer(() => rm(folder, { recursive: true, force: true }));
    const redis = await startRedis();
    open.defer(() => redis.stop());
    const target = startNodeProgram(['test/bench/web-target.ts']);
    open.defer(async () => void (await target.stop()));
    const url = await urlOf(target);
    const api = await startAssay({ command: 'api', data: folder, flags: ['--redis', redis.url] });
    open.defer(() => api.stop());
    const flags = ['--redis', redis.url, '--data', folder];
    const started = Array.from({ length: workers }, () =>
      startNodeProgram([...execArgvOf(), 'services/start.mjs', 'worker', ...flags]),
    );
    open.defer(async () => void (await Promise.all(started.map((worker) => worker.stop()))));
    await Promise.all(started.map((worker) => worker.says('"msg":"working"')));
    const admin = new Redis(redis.url);
    open.defer(() => admin.disconnect());
    const pids = started.map(({ pid }) => pid);
    const secondsOf = (of: readonly number[]) => of.reduce((sum, pid) => sum + processorSeconds(pid), 0);
    return await play({
      create: (runs, intervalMs) => create(redis.url, url, runs, intervalMs),
      arrivals: async () => (await (await fetch(`${url}/arrivals`)).json()) as Arrival[],
      numbers: () => numbersOf(admin),
      processorSeconds: () => ({ workers: secondsOf(pids), redis: secondsOf([redis.pid]) }),
      residentMegabytes: () => [api.program.pid, ...pids].reduce((sum, pid) => sum + residentMegabytes(pid), 0),
      admin,
      each: () => [api.program.pid, ...pids].map(residentMegabytes),
    });
  } finally {
    await open.disposeAsync();
  }
}

/** For `BENCH_WORKER="--cpu-prof --cpu-prof-dir=…"`. */
const execArgvOf = (): readonly string[] => (process.env['BENCH_WORKER'] ?? '').split(' ').filter(Boolean);

/** As an API process does it. The first measurements come evenly over the interval, however long the creation takes. */
async function create(redisUrl: string, sourceUrl: string, runs: number, intervalMs: number): Promise<void> {
  const nothing = () => undefined;
  const log: Log = { debug: nothing, info: nothing, warn: console.error, error: console.error };
  const place = { url: redisUrl, prefix: 'assay', log };
  const store = redisStore(place);
  const queue = bullmqQueue(place);
  await store.opened();
  const beganAt = Date.now();
  let next = 0;
  const one = async (): Promise<void> => {
    for (let number = next++; number < runs; number = next++) {
      const phase = (number / runs) * intervalMs - (Date.now() - beganAt);
      const delayMs = Math.round(((phase % intervalMs) + intervalMs) % intervalMs);
      await createRun({ store, queue, clock: systemClock }, liveRun(number, { delayMs, intervalMs, url: sourceUrl }));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_CREATIONS }, one));
  await queue.close();
  await store.close();
}

async function numbersOf(admin: Redis): Promise<RedisNumbers> {
  const info = await admin.info();
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return {
    usedBytes: field('used_memory'),
    reads: field('total_reads_processed'),
    commands: field('total_commands_processed'),
  };
}

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** User and system time of a process so far, as Linux tells it. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

if (import.meta.main) {
  const [workers = 1, runs = 1000, intervalMs = 1000, seconds = 10] = process.argv.slice(2).map(Number);
  await onRedisStage(workers, async (stage) => {
    const from = Date.now();
    await stage.create(runs, intervalMs);
    console.log('created in', Date.now() - from, 'ms');
    await sleep(Number(process.env['WARM'] ?? 5000));
    await stage.arrivals();
    const [n0, c0, t0] = [await stage.numbers(), stage.processorSeconds(), Date.now()];
    await sleep(seconds * 1000);
    const arrivals = await stage.arrivals();
    const [n1, c1, t1] = [await stage.numbers(), stage.processorSeconds(), Date.now()];
    const passes = arrivals.length;
    const last = new Map<number, number>();
    const late: number[] = [];
    for (const [run, at] of arrivals) {
      const before = last.get(run);
      if (before !== undefined) late.push(at - before - intervalMs);
      last.set(run, at);
    }
    late.sort((a, b) => a - b);
    console.log({
      perSecond: (passes * 1000) / (t1 - t0),
      readsPerPass: (n1.reads - n0.reads) / passes,
      commandsPerPass: (n1.commands - n0.commands) / passes,
      workerCpuMsPerPass: ((c1.workers - c0.workers) * 1000) / passes,
      redisCpuMsPerPass: ((c1.redis - c0.redis) * 1000) / passes,
      p50: late[late.length >> 1],
      p99: late[Math.floor(late.length * 0.99)],
      each: stage.each(),
      megabytes: stage.residentMegabytes(),
      redisMb: n1.usedBytes / 1e6,
    });
    if (process.env['STATS'])
      console.log(
        (await stage.admin.info('commandstats'))
          .split('\r\n')
          .map((l) => l.slice(0, 90))
          .join('\n'),
      );
  });
}
