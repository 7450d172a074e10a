import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startAssay } from '../support/assay-server.ts';
import { freePort } from '../support/free-port.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { startRedis } from '../support/redis.ts';
import { type Level, levels, liveHeapOf, memoryOfRedis, residentOf, type Sample, tellingHeap } from './memory.ts';
import { SoakLoad, type SoakShape } from './soak-load.ts';

export interface SoakOptions extends SoakShape {
  readonly minutes: number;
  /** As a ratio: 0.1 is ten percent. */
  readonly mostGrowth: number;
  readonly say: (line: string) => void;
}

export interface SoakReport {
  readonly levels: readonly Level[];
  /** Seen by the source while memory was sampled, beside what the runs ask for. */
  readonly measurementsPerSecond: number;
  readonly expectedPerSecond: number;
  /** At the end: those that are live, and those that completed within the last interval. */
  readonly storedRuns: number;
}

const WORKERS = 2;
/** At least four for each third. */
const SAMPLES = 12;
const SAMPLE_EVERY_MS = 10_000;
/** Seldom enough that collecting the heaps leaves their growth to themselves. */
const SAMPLES_FOR_A_HEAP = 4;

/** Holds so many live runs for so long over one Redis: runs complete, others are created, completed ones are removed; memory is sampled meanwhile. */
export async function holdLoad(options: SoakOptions): Promise<SoakReport> {
  await using open = new AsyncDisposableStack();
  const data = await mkdtemp(join(tmpdir(), 'assay-soak-'));
  open.defer(() => rm(data, { recursive: true, force: true }));
  const redis = await startRedis();
  open.defer(() => redis.stop());
  const target = startNodeProgram(['test/bench/web-target.ts']);
  open.defer(async () => void (await target.stop()));
  await target.says('.\n');
  const source = `http://127.0.0.1:${/listens on (\d+)/.exec(target.output())![1]}`;
  const flags = ['--redis', redis.url, '--log-level', 'warn'];
  const env = tellingHeap(data);
  const api = await startAssay({ command: 'api', data, flags, env });
  open.defer(() => api.stop());
  const processes = [{ name: 'api', pid: api.program.pid }];
  const shows = [`${api.url}/metrics`];
  for (let worker = 1; worker <= WORKERS; worker += 1) {
    const listen = `127.0.0.1:${await freePort()}`;
    const args = ['services/start.mjs', 'worker', '--data', data, ...flags, '--metrics-listen', listen];
    const program = startNodeProgram(args, env);
    open.defer(async () => void (await program.stop()));
    await untilUp(`http://${listen}/readyz`);
    processes.push({ name: `worker ${worker}`, pid: program.pid });
    shows.push(`http://${listen}/metrics`);
  }

  const client = new Redis(redis.url);
  open.defer(() => client.disconnect());
  const load = new SoakLoad(api.url, source, options);
  const filledIn = await timed(() => load.fill());
  options.say(
    `${load.created} runs created in ${filledIn.toFixed(0)} s; from now on ${load.perSecond.toFixed(1)} complete in a second`,
  );
  load.start();
  open.defer(() => load.stop());
  // The first runs begin together and without measurements. When the last of them is completed and removed, runs are of all ages, and stay so.
  await sleep((options.measurements + 1) * options.intervalSeconds * 1000);

  const takeSample = async (number: number): Promise<Sample> => {
    const sample: Record<string, number> = {};
    for (const { name, pid } of processes) sample[`${name}, resident`] = residentOf(pid);
    if (number % SAMPLES_FOR_A_HEAP === 0)
      for (const { name, pid } of processes) sample[`${name}, heap`] = await liveHeapOf(pid, data);
    // As whoever watches over them does.
    await Promise.all(shows.map(async (url) => (await fetch(url)).arrayBuffer()));
    return { ...sample, ...(await memoryOfRedis(client, 'assay')) };
  };
  const lastsMs = options.minutes * 60_000;
  const everyMs = Math.min(SAMPLE_EVERY_MS, lastsMs / SAMPLES);
  const samples: Sample[] = [];
  await arrivalsAt(source);
  let arrivals = 0;
  const lasted = await timed(async () => {
    for (const end = Date.now() + lastsMs; Date.now() < end; ) {
      await sleep(everyMs * irregular(samples.length));
      const sample = await takeSample(samples.length);
      samples.push(sample);
      arrivals += await arrivalsAt(source);
      if (samples.length % SAMPLES === 0)
        options.say(`${Math.round((samples.length * everyMs) / 1000)} s: ${shown(sample)}`);
    }
  });
  return {
    levels: levels(samples, options.mostGrowth),
    measurementsPerSecond: arrivals / lasted,
    expectedPerSecond: options.runs / options.intervalSeconds,
    storedRuns: await load.stored(),
  };
}

/**
 * Around 1, spread evenly whatever the number: the golden ratio's multiples. The history of changes fills and is emptied every quarter of a minute; samples in step met it
 * at a place that moved slowly, so that a third of the time saw it full and another empty.
 */
const irregular = (number: number): number => 0.5 + ((number * 0.618034) % 1);

async function timed(work: () => Promise<void>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return (performance.now() - beganAt) / 1000;
}

async function untilUp(url: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50))
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
  throw new Error(`${url} does not answer`);
}

async function arrivalsAt(source: string): Promise<number> {
  return ((await (await fetch(`${source}/arrivals`)).json()) as unknown[]).length;
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function shown(sample: Sample): string {
  return Object.entries(sample)
    .map(([of, bytes]) => `${of} ${megabytes(bytes)}`)
    .join(', ');
}
