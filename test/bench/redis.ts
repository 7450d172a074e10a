/** What Assay does over one Redis: passes per second by workers, lateness and memory with many live runs, bytes and round trips in Redis. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { startRedis } from '../support/redis.ts';
import { type Bench, type Figure, under } from './figure.ts';
import { type Arrival, numbersOf, onRedisStage, type RedisStage } from './redis-stage.ts';

const ALL_OVERDUE = { runs: 4_000, intervalMs: 1_000, warmUpMs: 8_000, measuredMs: 12_000 };
const MINUTE_MS = 60_000;
const WORKERS_AT_EASE = 2;
/** All runs ask one source. At 833 requests a second the default of 20 at once would have each back within 24 ms, through event loops that are half busy. */
const AT_EASE = [
  { runs: 10_000, flags: [] },
  { runs: 50_000, flags: ['--planner-concurrency', '200'] },
] as const;
const ALONE = { runs: 200, intervalMs: 10_000, idleMs: 5_000, measuredMs: 10_000 };
const FINISHED_RUNS = 500;
const BARE_JOBS = { count: 250, everyMs: 20 };
const TARGET = { latenessMs: 1_000, megabytes: 1_500, trips: 6 };

type Part = readonly [name: string, play: () => Promise<readonly Figure[]>];

const PARTS: readonly Part[] = [
  ['bare BullMQ jobs', async () => [await bareJobs()]],
  ['round trips and bytes', () => onRedisStage(1, tripsAndBytes, ['--worker-concurrency', '1'])],
  ['embedded, all overdue', async () => [await embedded()]],
  ...[1, 2, 4].map(
    (workers): Part => [
      `workers: ${workers}, all overdue`,
      () => onRedisStage(workers, (stage) => allOverdue(stage, workers)),
    ],
  ),
  ...AT_EASE.map(
    ({ runs, flags }): Part => [
      `${runs} live runs at a minute`,
      () => onRedisStage(WORKERS_AT_EASE, (stage) => atEase(stage, runs), flags),
    ],
  ),
];

export const benchRedis: Bench = async () => {
  const figures: Figure[] = [];
  for (const [name, play] of PARTS) {
    process.stderr.write(`redis: ${name}\n`);
    figures.push(...(await play()));
  }
  return figures;
};

/** One pass at a time, so that none shares a trip with another: each read of Redis from a socket is a round trip then. */
async function tripsAndBytes(stage: RedisStage): Promise<Figure[]> {
  const idle = await stage.numbers();
  await sleep(ALONE.idleMs);
  const empty = await stage.numbers();
  await stage.create(ALONE.runs, ALONE.intervalMs);
  await sleep(ALONE.intervalMs);
  await stage.arrivals();
  const before = await stage.numbers();
  await sleep(ALONE.measuredMs);
  const passes = (await stage.arrivals()).length;
  const after = await stage.numbers();
  // A worker with nothing to do asks as well: for lost alarms, for stalled jobs, for the time.
  const asked = ((empty.trips - idle.trips) * ALONE.measuredMs) / ALONE.idleMs;
  const trips = (after.trips - before.trips - asked) / passes;

  const live = await stage.numbers();
  await stage.createFinishing(FINISHED_RUNS);
  while ((await stage.numbers()).tickets > ALONE.runs) await sleep(200);
  const finished = await stage.numbers();
  return [
    under('round trips of a pass, one at a time', trips, '', TARGET.trips),
    bytes('bytes in Redis of a live run, one or two measurements', (live.ownBytes - empty.ownBytes) / ALONE.runs),
    bytes('bytes in Redis of a finished run with its event', (finished.ownBytes - live.ownBytes) / FINISHED_RUNS),
    bytes('bytes in Redis of the history of changes, at most 67 MB', finished.historyBytes),
  ];
}

const bytes = (name: string, value: number): Figure => ({ name, value, unit: 'bytes' });

/** A job that BullMQ delays, runs and removes: what the trips of a pass are held against. */
async function bareJobs(): Promise<Figure> {
  const redis = await startRedis();
  const admin = new Redis(redis.url);
  const connection = { url: redis.url, maxRetriesPerRequest: null };
  const queue = new Queue('bare', { connection });
  let done = 0;
  const worker = new Worker('bare', async () => void done++, { connection });
  await worker.waitUntilReady();
  const before = await numbersOf(admin);
  for (let job = 0; job < BARE_JOBS.count; job += 1) {
    await queue.add('job', {}, { delay: 500, removeOnComplete: true });
    await sleep(BARE_JOBS.everyMs);
  }
  while (done < BARE_JOBS.count) await sleep(20);
  const trips = ((await numbersOf(admin)).trips - before.trips) / BARE_JOBS.count;
  await worker.close();
  await queue.close();
  admin.disconnect();
  await redis.stop();
  return { name: 'round trips of a bare BullMQ delayed job, added and run', value: trips, unit: '' };
}

async function embedded(): Promise<Figure> {
  const args = [...process.execArgv, 'test/bench/live-runs.ts', 'saturated', String(ALL_OVERDUE.runs)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [figure] = JSON.parse(stdout) as Figure[];
  return { ...figure!, name: 'passes per second, embedded: one process, SQLite' };
}

async function allOverdue(stage: RedisStage, workers: number): Promise<Figure[]> {
  await stage.create(ALL_OVERDUE.runs, ALL_OVERDUE.intervalMs);
  await sleep(ALL_OVERDUE.warmUpMs);
  const { passes, seconds, shares } = await measured(stage, ALL_OVERDUE.measuredMs);
  const perSecond = passes.length / seconds;
  return [{ name: `passes per second over Redis, workers: ${workers}`, value: perSecond, unit: '/s', ratio: shares }];
}

/** The lateness of a measurement is what its distance from the one before has over the interval; so it contains the time that the source took. */
async function atEase(stage: RedisStage, runs: number): Promise<Figure[]> {
  await stage.create(runs, MINUTE_MS, 'calm');
  await sleep(MINUTE_MS);
  const earlier = await stage.arrivals();
  const { passes, seconds, shares } = await measured(stage, MINUTE_MS);
  const lateness = latenessOf([...earlier, ...passes], MINUTE_MS, passes.length).sort((a, b) => a - b);
  const numbers = await stage.numbers();
  const megabytes = stage.residentMegabytes();
  const listing = performance.now();
  const listed = await stage.list();
  return [
    {
      ...under(`lateness, p99, ${runs} live runs at a minute`, at(lateness, 0.99), 'ms', TARGET.latenessMs),
      ratio: `target ${TARGET.latenessMs} ms; median ${at(lateness, 0.5)} ms of ${lateness.length}, ${(passes.length / seconds).toFixed(0)} /s`,
    },
    under(`memory of API and ${WORKERS_AT_EASE} workers, ${runs} live runs`, megabytes, 'MB', TARGET.megabytes),
    { name: `a list of ${listed} live runs, page by page`, value: (performance.now() - listing) / 1000, unit: 's' },
    bytes(`bytes in Redis of a live run, ${runs} live runs`, numbers.ownBytes / runs),
    { name: `processor seconds a second, ${runs} live runs`, value: seconds, unit: 's', ratio: shares },
  ];
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

function latenessOf(arrivals: readonly Arrival[], intervalMs: number, counted: number): number[] {
  const last = new Map<number, number>();
  return arrivals.flatMap(([run, epochMs], index) => {
    const before = last.get(run);
    last.set(run, epochMs);
    return before === undefined || index < arrivals.length - counted ? [] : [epochMs - before - intervalMs];
  });
}

async function measured(stage: RedisStage, ms: number) {
  await stage.arrivals();
  const [before, beganAt] = [stage.processorSeconds(), performance.now()];
  await sleep(ms);
  const passes = await stage.arrivals();
  const [after, seconds] = [stage.processorSeconds(), (performance.now() - beganAt) / 1000];
  const share = (from: number, to: number): string => ((to - from) / seconds).toFixed(2);
  const shares = `processors: workers ${share(before.workers, after.workers)}, Redis ${share(before.redis, after.redis)}, source ${share(before.source, after.source)}`;
  return { passes, seconds, shares };
}
