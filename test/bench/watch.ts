/** One API process with a thousand watchers, on each store: how long after a write its frames are there, and what that takes. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '../../services/domain/resource.ts';
import { redisStore } from '../../services/store/redis.ts';
import { startAssay } from '../support/assay-server.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { startRedis } from '../support/redis.ts';
import type { Bench, Figure } from './figure.ts';
import { residentMegabytes } from './resident-memory.ts';

const WATCHERS = 1_000;
const RUNS = 500;
const LASTS_MS = 4_000;
const ARRIVES_WITHIN_MS = 10_000;
const WRITERS = 16;
const RUNS_PATH = '/apis/argoproj.io/v1alpha1/namespaces/bench/analysisruns';
/** What `/proc/PID/stat` counts in. */
const TICKS_A_SECOND = 100;

/** Who is interested in what, and how much happens each second. */
const INTERESTS = [
  {
    name: 'each one run',
    selector: (watcher: number) => `&fieldSelector=metadata.name%3Drun-${watcher % RUNS}`,
    perChange: WATCHERS / RUNS,
    changes: 300,
  },
  {
    name: 'each one of 50 teams',
    selector: (watcher: number) => `&labelSelector=team%3Dteam-${watcher % 50}`,
    perChange: WATCHERS / 50,
    changes: 300,
  },
  { name: 'all everything', selector: () => '', perChange: WATCHERS, changes: 30 },
] as const;

export const benchWatch: Bench = async () => [...(await onSqlite()), ...(await onRedis())];

async function onSqlite(): Promise<Figure[]> {
  const assay = await startAssay({ env: { ...process.env, ASSAY_LOG_LEVEL: 'warn' } });
  try {
    const send = async (method: string, path: string, body: unknown, type: string): Promise<number> => {
      const answer = await fetch(assay.url + path, {
        method,
        headers: { 'content-type': type },
        body: JSON.stringify(body),
      });
      return Number(((await answer.json()) as Resource).metadata.resourceVersion);
    };
    return await play('SQLite', assay, {
      create: (run) => send('POST', RUNS_PATH, run, 'application/json'),
      change: (number, body) => send('PATCH', `${RUNS_PATH}/run-${number}`, body, 'application/merge-patch+json'),
    });
  } finally {
    await assay.stop();
  }
}

/** The writes come from another process, as a worker's do. */
async function onRedis(): Promise<Figure[]> {
  const redis = await startRedis();
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: console.error };
  const store = redisStore({ url: redis.url, prefix: 'assay', log });
  const assay = await startAssay({ command: 'api', flags: ['--redis', redis.url] });
  const stored = new Map<string, Resource>();
  const keep = (run: Resource): number => {
    stored.set(run.metadata.name, run);
    return Number(run.metadata.resourceVersion);
  };
  try {
    return await play('Redis', assay, {
      create: async (run) => keep(await store.create(run)),
      change: async (number, body) => {
        const run = stored.get(`run-${number}`)!;
        const next = { ...run, metadata: { ...run.metadata, annotations: body.metadata.annotations } };
        return keep(await store.replace(next, run.metadata.resourceVersion!));
      },
    });
  } finally {
    await store.close();
    await assay.stop();
    await redis.stop();
  }
}

interface Writer {
  /** Both resolve with the revision once it is acknowledged. */
  create(run: Resource): Promise<number>;
  change(number: number, body: { metadata: { annotations: Record<string, string> } }): Promise<number>;
}

async function play(
  where: string,
  assay: { readonly url: string; readonly program: { readonly pid: number } },
  writer: Writer,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const { pid } = assay.program;
  let revision = 0;
  for (let number = 0; number < RUNS; number += 1) revision = await writer.create(runOf(number));
  for (const interest of INTERESTS) {
    process.stderr.write(`watch: ${where}, ${interest.name}\n`);
    const crowd = await openCrowd();
    const idle = residentMegabytes(pid);
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${revision}`;
    const paths = Array.from({ length: WATCHERS }, (_, at) => `${RUNS_PATH}?${query}${interest.selector(at)}`);
    await crowd.watch(Number(new URL(assay.url).port), paths);
    const perWatcher = ((residentMegabytes(pid) - idle) * 1000) / WATCHERS;

    const cpuBefore = cpuSeconds(pid);
    const beganAt = performance.now();
    const acknowledged = await changeRuns(writer, interest.changes);
    const seconds = (performance.now() - beganAt) / 1000;
    revision = Math.max(...acknowledged.map(([written]) => written));
    const { frames, median, p99 } = await crowd.lateness(acknowledged, acknowledged.length * interest.perChange);
    const cpu = cpuSeconds(pid) - cpuBefore;
    await crowd.stop();

    const rate = (acknowledged.length / seconds).toFixed(0);
    const name = `${where}, ${WATCHERS} watchers, ${interest.name}`;
    figures.push({
      name: `${name}: acknowledged to received, p99`,
      value: p99,
      unit: 'ms',
      ratio: `median ${median.toFixed(1)} ms of ${frames} frames, ${rate} changes/s`,
    });
    figures.push({ name: `${name}: processor time of the API`, value: (100 * cpu) / seconds, unit: '%' });
    // Later ones find memory that earlier ones have left.
    if (interest === INTERESTS[0])
      figures.push({ name: `${where}: resident memory of a watcher`, value: perWatcher, unit: 'kB' });
  }
  return figures;
}

/** At the agreed rate, and no more at once than a few: what cannot keep up gets slower. Answers which revision was acknowledged when. */
async function changeRuns(writer: Writer, perSecond: number): Promise<[revision: number, epochMs: number][]> {
  const acknowledged: [number, number][] = [];
  const beganAt = performance.now();
  let change = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const dueMs = (change * 1000) / perSecond;
      if (dueMs >= LASTS_MS) return;
      const annotations = { 'bench/change': String(change) };
      const number = change % RUNS;
      change += 1;
      await sleep(Math.max(0, dueMs - (performance.now() - beganAt)));
      const written = await writer.change(number, { metadata: { annotations } });
      acknowledged.push([written, performance.timeOrigin + performance.now()]);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return acknowledged;
}

interface Lateness {
  readonly frames: number;
  readonly median: number;
  readonly p99: number;
  readonly disorder: number;
}

async function openCrowd() {
  const clients = startNodeProgram(['test/bench/watchers.ts']);
  await clients.says('.\n');
  const control = `http://127.0.0.1:${/listens on (\d+)/.exec(clients.output())![1]}`;
  const tell = async (path: string, body: unknown): Promise<unknown> =>
    (await fetch(control + path, { method: 'POST', body: JSON.stringify(body) })).json();
  return {
    watch: (port: number, paths: readonly string[]) => tell('/watch', { port, paths }),
    stop: () => clients.stop(),
    /** Once all frames are there. Throws when some are missing, or came out of order. */
    async lateness(acknowledged: readonly (readonly [number, number])[], expected: number): Promise<Lateness> {
      const deadline = performance.now() + ARRIVES_WITHIN_MS;
      for (;;) {
        const seen = (await tell('/lateness', acknowledged)) as Lateness;
        const isWhole = seen.frames === expected && seen.disorder === 0;
        if (isWhole) return seen;
        if (performance.now() > deadline) throw new Error(`${expected} frames expected: ${JSON.stringify(seen)}`);
        await sleep(100);
      }
    },
  };
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Completed, so that no worker has anything to do with it, and of the usual size. */
function runOf(number: number): Resource {
  const at = '2026-01-01T00:00:00Z';
  const measurements = Array.from({ length: 5 }, (_, index) => ({
    phase: 'Successful',
    value: `[0.9${index}]`,
    startedAt: at,
    finishedAt: at,
  }));
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: `run-${number}`, namespace: 'bench', labels: { team: `team-${number % 50}` } },
    spec: {
      metrics: [
        {
          name: 'success-rate',
          interval: '10s',
          count: 5,
          successCondition: 'result[0] >= 0.95',
          provider: { prometheus: { address: 'http://127.0.0.1:9/', query: 'sum(rate(requests_total[1m]))' } },
        },
      ],
    },
    status: {
      phase: 'Successful',
      startedAt: at,
      completedAt: at,
      metricResults: [{ name: 'success-rate', phase: 'Successful', count: 5, successful: 5, measurements }],
    },
  } as Resource;
}
