import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Resource } from '../../services/domain/resource.ts';
import { rfc3339 } from '../../services/domain/resource.ts';
import type { Measurement } from '../../services/domain/run.ts';
import type { Store } from '../../services/engine/ports.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { embeddedQueue } from '../../services/queue/embedded.ts';
import { memoryStore } from '../../services/store/memory.ts';
import { sqliteStore } from '../../services/store/sqlite.ts';
import type { Bench, Figure } from './figure.ts';

const LIVE = 10_000;
const SECONDS_A_FIGURE = 2;
const NOW = Date.parse('2026-01-01T00:00:00Z');

/** How many writes a second the embedded store acknowledges, what a live run takes in memory, and how late the embedded queue hands out tickets. */
export const benchStore: Bench = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    const figures: Figure[] = [];
    for (const writers of [1, 10, 100, 1_000]) {
      const store = await sqliteStore(join(folder, `writers-${writers}`));
      const perSecond = await writesPerSecond(store, writers);
      figures.push(compared(`SQLite: acknowledged writes, writers at once: ${writers}`, perSecond, '/s', figures[0]));
      await store.close();
    }
    figures.push({
      name: 'memory store: writes, writers at once: 100',
      value: await writesPerSecond(memoryStore(), 100),
      unit: '/s',
    });
    figures.push(...(await memoryFigures(await sqliteStore(join(folder, 'memory')))));
    for (const tickets of [1_000, 5_000, LIVE]) figures.push(await latenessFigure(tickets));
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

function compared(name: string, value: number, unit: string, first: Figure | undefined): Figure {
  if (first === undefined) return { name, value, unit };
  return { name, value, unit, ratio: `${(value / first.value).toFixed(1)}x one writer: a tick's writes share a sync` };
}

async function writesPerSecond(store: Store, writers: number): Promise<number> {
  const end = performance.now() + SECONDS_A_FIGURE * 1_000;
  let writes = 0;
  const write = async (_: unknown, writer: number): Promise<void> => {
    let last = await store.create(runOf(`run-${writer}`, 0));
    for (let count = 1; performance.now() < end; count += 1) {
      last = await store.replace(runOf(`run-${writer}`, Math.min(count, 10)), last.metadata.resourceVersion!);
      writes += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return Math.round(writes / SECONDS_A_FIGURE);
}

/** Live runs grow by a measurement at a time, as the engine writes them; the history of changes is full then, and counted with them. */
async function memoryFigures(store: Store): Promise<Figure[]> {
  const before = heapUsed();
  let runs: Resource[] = [];
  for (let measurements = 0; measurements <= 10; measurements += 1) {
    runs = await Promise.all(
      Array.from({ length: LIVE }, (_, index) => {
        if (measurements === 0) return store.create(runOf(`run-${index}`, 0));
        return store.replace(grown(runs[index]!, measurements), runs[index]!.metadata.resourceVersion!);
      }),
    );
  }
  const asText = JSON.stringify(runs[0]).length;
  runs = [];
  const bytes = (heapUsed() - before) / LIVE;
  const start = performance.now();
  let token: string | undefined;
  do {
    const page = await store.list(
      { kind: 'AnalysisRun' },
      { limit: 500, ...(token === undefined ? {} : { continue: token }) },
    );
    token = page.continue;
  } while (token !== undefined);
  const listMs = performance.now() - start;
  await store.close();
  return [
    {
      name: `SQLite: memory per live run at ${LIVE}`,
      value: bytes,
      unit: 'bytes',
      ratio: `${(bytes / asText).toFixed(1)}x its ${asText} characters of JSON`,
    },
    { name: `SQLite: list of ${LIVE} runs in pages of 500`, value: listMs, unit: 'ms' },
  ];
}

/** Every ticket is due once a second and its handler takes no time: what is left is the queue's own lateness. */
async function latenessFigure(tickets: number): Promise<Figure> {
  const queue = embeddedQueue(systemClock);
  const lateness: number[] = [];
  const start = Date.now() + 200;
  for (let index = 0; index < tickets; index += 1)
    await queue.schedule({ runId: `default/run-${index}`, dueAt: start + Math.floor((index * 1_000) / tickets) });
  queue.start(
    async ({ runId, dueAt }) => {
      lateness.push(Date.now() - dueAt);
      return { runId, dueAt: dueAt + 1_000 };
    },
    { concurrency: 64 },
  );
  await sleep((SECONDS_A_FIGURE + 1) * 1_000);
  const { waiting } = await queue.depth();
  await queue.stop();
  lateness.sort((a, b) => a - b);
  const p99 = lateness[Math.floor((lateness.length - 1) * 0.99)]!;
  return { name: `embedded queue: p99 lateness, ${waiting} tickets each second`, value: p99, unit: 'ms' };
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function measurement(index: number): Measurement {
  const at = NOW + index * 1_000;
  return { phase: 'Successful', value: `[0.9${index}]`, startedAt: rfc3339(at), finishedAt: rfc3339(at + 400) };
}

function runOf(name: string, measurements: number): Resource {
  const metric = {
    name: 'success-rate',
    interval: '10s',
    count: 100,
    failureLimit: 3,
    successCondition: 'result[0] >= 0.95',
    provider: { web: { url: `http://127.0.0.1:8080/metrics/${name}?service={{args.service}}`, jsonPath: '{$.rate}' } },
  };
  const run = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name,
      namespace: 'default',
      uid: '0b2f7c1e-0000-4000-8000-000000000000',
      generation: measurements + 1,
      creationTimestamp: rfc3339(NOW),
      labels: { app: 'shop', rollout: name },
    },
    spec: { args: [{ name: 'service', value: 'shop' }], metrics: [metric] },
    status: statusOf(Array.from({ length: measurements }, (_, index) => measurement(index))),
  };
  return run as Resource;
}

function statusOf(measurements: readonly Measurement[]) {
  const counts = {
    count: measurements.length,
    successful: measurements.length,
    consecutiveSuccess: measurements.length,
  };
  const result = { name: 'success-rate', phase: 'Running', ...counts, measurements };
  return { phase: 'Running', startedAt: rfc3339(NOW), runSummary: { count: 1 }, metricResults: [result] };
}

/** The next version of a run shares with the one before what did not change. */
function grown(run: Resource, measurements: number): Resource {
  const { status } = run as Resource & { status: ReturnType<typeof statusOf> };
  const earlier = status.metricResults[0]!.measurements;
  return { ...run, status: statusOf([...earlier, measurement(measurements)]) } as Resource;
}
