/** One Redis, some worker processes, one API process and a source, each a process of its own, as a company runs them; and live runs on them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
/** Where the runs are to be measured at ease: at full speed creation and passes would hold each other up, and the runs would come in clumps ever after. */
const CREATED_A_SECOND = 500;
const PREFIX = 'assay';
const RUNS = '/apis/argoproj.io/v1alpha1/analysisruns';
const KUBECTL_PAGE = 500;

export type Arrival = readonly [run: number, epochMs: number];

/** What Redis says of itself, as far as the bench reads it. */
export interface RedisNumbers {
  /** Reads from sockets, but for those of questions that Redis holds: commands that travel together are one. */
  readonly trips: number;
  /** Without the history of changes, whose size is bounded. */
  readonly ownBytes: number;
  readonly historyBytes: number;
  readonly tickets: number;
}

export interface RedisStage {
  /** Creates runs, spread over the interval, while the workers already pass over those that are there; calmly, or as fast as it goes. */
  create(runs: number, intervalMs: number, pace?: 'calm'): Promise<void>;
  /** Creates runs that end with their first measurement. */
  createFinishing(runs: number): Promise<void>;
  /** What the source was asked since the last call. */
  arrivals(): Promise<readonly Arrival[]>;
  numbers(): Promise<RedisNumbers>;
  /** So far; of all workers together. */
  processorSeconds(): { readonly workers: number; readonly redis: number; readonly source: number };
  /** Of API and workers together. */
  residentMegabytes(): number;
  /** All runs, as kubectl asks for them: page by page, of the API process. How many there were. */
  list(): Promise<number>;
}

/** One API process and some workers. */
export async function onRedisStage<Result>(
  workers: number,
  play: (stage: RedisStage) => Promise<Result>,
  workerFlags: readonly string[] = [],
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
    const flags = ['--redis', redis.url, '--data', folder, ...workerFlags];
    const started = Array.from({ length: workers }, () => startNodeProgram(['services/start.mjs', 'worker', ...flags]));
    open.defer(async () => void (await Promise.all(started.map((worker) => worker.stop()))));
    await Promise.all(started.map((worker) => worker.says('"msg":"working"')));
    const admin = new Redis(redis.url);
    open.defer(() => admin.disconnect());
    const pids = started.map(({ pid }) => pid);
    return await play({
      create: (runs, intervalMs, pace) => {
        const beganAt = Date.now();
        return create(
          redis.url,
          runs,
          (number) => {
            // The first measurements come evenly over the interval, however long the creation takes.
            const phase = (number / runs) * intervalMs - (Date.now() - beganAt);
            const delayMs = Math.round(((phase % intervalMs) + intervalMs) % intervalMs);
            return liveRun(number, { delayMs, intervalMs, url });
          },
          pace === 'calm' ? CREATED_A_SECOND : undefined,
        );
      },
      createFinishing: (runs) => create(redis.url, runs, (number) => finishingRun(number, url)),
      arrivals: async () => (await (await fetch(`${url}/arrivals`)).json()) as Arrival[],
      numbers: () => numbersOf(admin),
      processorSeconds: () => ({
        workers: pids.reduce((sum, pid) => sum + processorSeconds(pid), 0),
        redis: processorSeconds(redis.pid),
        source: processorSeconds(target.pid),
      }),
      list: () => listAll(`${api.url}${RUNS}`),
      residentMegabytes: () => [api.program.pid, ...pids].reduce((sum, pid) => sum + residentMegabytes(pid), 0),
    });
  } finally {
    await open.disposeAsync();
  }
}

async function listAll(url: string): Promise<number> {
  let seen = 0;
  for (let token: string | undefined = ''; token !== undefined; ) {
    const answer = await fetch(`${url}?limit=${KUBECTL_PAGE}&continue=${encodeURIComponent(token)}`);
    if (!answer.ok) throw new Error(`the list answers ${answer.status}: ${await answer.text()}`);
    const { items, metadata } = (await answer.json()) as { items: readonly object[]; metadata: { continue?: string } };
    seen += items.length;
    token = metadata.continue;
  }
  return seen;
}

type NewRun = Parameters<typeof createRun>[1];

/** It ends with its one measurement. */
function finishingRun(number: number, url: string): NewRun {
  const provider = { web: { url: `${url}/?run=${number}`, jsonPath: '{$.ok}' } };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: `finishing-${number}`, namespace: 'default' },
    spec: { metrics: [{ name: 'is-ok', successCondition: 'result == true', provider }] },
  };
}

/** As an API process does it. */
async function create(
  redisUrl: string,
  runs: number,
  runOf: (number: number) => NewRun,
  perSecond = Number.POSITIVE_INFINITY,
): Promise<void> {
  const nothing = () => undefined;
  const log: Log = { debug: nothing, info: nothing, warn: console.error, error: console.error };
  const place = { url: redisUrl, prefix: PREFIX, log };
  const store = redisStore(place);
  const queue = bullmqQueue(place);
  await store.opened();
  const beganAt = Date.now();
  let next = 0;
  const one = async (): Promise<void> => {
    for (let number = next++; number < runs; number = next++) {
      await systemClock.sleepUntil(beganAt + (number * 1000) / perSecond);
      await createRun({ store, queue, clock: systemClock }, runOf(number));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_CREATIONS }, one));
  await queue.close();
  await store.close();
}

export async function numbersOf(admin: Redis): Promise<RedisNumbers> {
  const [general, commands] = [await admin.info(), await admin.info('commandstats')];
  const field = (text: string, start: string): number =>
    Number(new RegExp(`^${start}(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const held = field(commands, 'cmdstat_bzpopmin:calls=') + field(commands, 'cmdstat_xread:calls=');
  const historyBytes = Number((await admin.memory('USAGE', `{${PREFIX}}:changes`)) ?? 0);
  return {
    trips: field(general, 'total_reads_processed:') - held,
    ownBytes: field(general, 'used_memory:') - historyBytes,
    historyBytes,
    tickets: await admin.zcard(`{${PREFIX}}:tickets`),
  };
}

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** User and system time of a process so far, as Linux tells it. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
