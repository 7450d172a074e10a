/** What a scrape of /metrics costs at thousands of live runs: time, size, memory, and how long it holds up the event loop. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createNumbers } from '../../services/api/numbers.ts';
import { followStore, type StoreSeries } from '../../services/api/series/exposition.ts';
import type { Resource } from '../../services/domain/resource.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { embeddedQueue } from '../../services/queue/embedded.ts';
import { memoryStore } from '../../services/store/memory.ts';
import type { Bench, Figure } from './figure.ts';

const DEFAULT_LIMIT = 1_000;

export const benchExposition: Bench = async () => [
  ...(await scrapes(5_000, DEFAULT_LIMIT)),
  ...(await scrapes(5_000, 5_000)),
  ...(await scrapes(50_000, DEFAULT_LIMIT)),
  ...(await scrapes(50_000, 10_000)),
];

async function scrapes(runs: number, limit: number): Promise<readonly Figure[]> {
  const store = memoryStore();
  for (let number = 0; number < runs; number += 1) await store.create(runOf(number, 0));
  const numbers = createNumbers({ runs: limit, completedForMs: 3_600_000, typeOf: () => 'Web' });
  const stopping = new AbortController();
  const log = { debug() {}, info() {}, warn() {}, error: console.error };
  const series = followStore({ store, log }, numbers.settings, stopping.signal);
  const heapBefore = heap();
  const scrape = async (): Promise<{ ms: number; size: number; heldUpMs: number }> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const began = performance.now();
    const size = await sizeOf(numbers, store, series);
    const ms = performance.now() - began;
    delay.disable();
    return { ms, size, heldUpMs: delay.max / 1e6 };
  };
  const first = await scrape();
  const again = await scrape();
  const kept = heap() - heapBefore;
  for (const { metadata } of (await store.list({ kind: 'AnalysisRun' })).items)
    await store.replace(runOf(Number(metadata.name.slice(4)), 1), metadata.resourceVersion!);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const changed = await scrape();
  stopping.abort();
  const name = `${runs} live runs, ${limit} with series`;
  return [
    { name: `${name}: first scrape`, value: first.ms, unit: 'ms' },
    { name: `${name}: scrape, nothing changed`, value: again.ms, unit: 'ms' },
    { name: `${name}: scrape, every run changed`, value: changed.ms, unit: 'ms' },
    { name: `${name}: event loop held up at most`, value: Math.max(again.heldUpMs, changed.heldUpMs), unit: 'ms' },
    { name: `${name}: event loop held up at most, first scrape`, value: first.heldUpMs, unit: 'ms' },
    { name: `${name}: text`, value: again.size / 1e6, unit: 'MB' },
    { name: `${name}: kept`, value: kept / 1e6, unit: 'MB' },
  ];
}

async function sizeOf(
  numbers: ReturnType<typeof createNumbers>,
  store: ReturnType<typeof memoryStore>,
  series: StoreSeries,
): Promise<number> {
  const clock = systemClock;
  const { pieces } = await numbers.exposition({ store, queue: embeddedQueue(clock), clock, series });
  let size = 0;
  for await (const piece of pieces) size += Buffer.byteLength(piece);
  return size;
}

/** Two metrics with a line and a value each, as most runs have. */
function runOf(number: number, value: number): Resource {
  const metric = (name: string) => ({
    name,
    successCondition: 'result[0] >= 0.95',
    provider: { web: {} },
    interval: '1m',
  });
  const result = (name: string) => ({
    ...{ name, phase: 'Running', count: 3, successful: 3 },
    measurements: [1, 2, 3].map((each) => ({ phase: 'Successful', value: `[0.${each}${value}]` })),
  });
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: `run-${number}`, namespace: 'default' },
    spec: { metrics: [metric('success-rate'), metric('latency')] },
    status: { phase: 'Running', metricResults: [result('success-rate'), result('latency')] },
  } as unknown as Resource;
}

function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}
