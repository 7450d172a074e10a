/**
 * One process with thousands of live runs: engine, SQLite store, embedded queue and web provider as `assay serve` puts them together, without the API.
 * The source is a process of its own on loopback.
 */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { advanceRun } from '../../services/engine/advance-run.ts';
import { createRun } from '../../services/engine/create-run.ts';
import type { EngineDeps } from '../../services/engine/deps.ts';
import type { Ticket } from '../../services/engine/ports.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { embeddedQueue } from '../../services/queue/embedded.ts';
import { sqliteStore } from '../../services/store/sqlite.ts';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { servedProviders } from '../support/providers.ts';
import type { Bench, Figure } from './figure.ts';

/** As many passes at once as `assay serve` allows. */
const CONCURRENT_PASSES = 200;
const CONCURRENT_CREATIONS = 64;
const SATURATED_MS = 15_000;
const INTERVAL_S = 30;

const SCENARIOS = { saturated, atEase };

/** Each scenario in a process of its own, so that none meets the memory of another. */
export const benchLiveRuns: Bench = async () => {
  const figures: Figure[] = [];
  const plan = [
    ['saturated', 10_000],
    ['atEase', 1_000],
    ['atEase', 5_000],
    ['atEase', 10_000],
  ] as const;
  for (const [scenario, runs] of plan) {
    process.stderr.write(`live-runs: ${scenario}, ${runs} runs\n`);
    const args = [...process.execArgv, import.meta.filename, scenario, String(runs)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    figures.push(...(JSON.parse(stdout) as Figure[]));
  }
  return figures;
};

/** Passes per second when every run is always overdue. */
async function saturated(runs: number): Promise<Figure[]> {
  return onStage(async (stage) => {
    await stage.create(runs, 1000);
    const before = stage.passes();
    const beganAt = performance.now();
    await sleep(SATURATED_MS);
    const perSecond = ((stage.passes() - before) * 1000) / (performance.now() - beganAt);
    return [{ name: `passes of one process, ${runs} live runs, all overdue`, value: perSecond, unit: '/s' }];
  });
}

/** How late measurements start, and what a run costs in memory, when each run measures every 30 s and they are spread evenly. */
async function atEase(runs: number): Promise<Figure[]> {
  return onStage(async (stage) => {
    const before = stage.memory();
    await stage.create(runs, INTERVAL_S * 1000);
    await stage.arrivals();
    // The first measurements came with the creation; the second and third ones are those of steady work.
    await sleep(2 * INTERVAL_S * 1000);
    const lateness = stage.latenessOf(await stage.arrivals()).sort((a, b) => a - b);
    const after = stage.memory();
    const perSecond = runs / INTERVAL_S;
    return [
      {
        name: `lateness of measurements, p99, ${runs} live runs`,
        value: lateness[Math.floor(lateness.length * 0.99)]!,
        unit: 'ms',
        ratio: `median ${lateness[lateness.length >> 1]} ms of ${lateness.length}, ${perSecond.toFixed(0)} /s`,
      },
      { name: `heap of a live run, ${runs} live runs`, value: (after.heap - before.heap) / runs / 1000, unit: 'kB' },
      {
        name: `resident memory of a live run, ${runs} live runs`,
        value: (after.resident - before.resident) / runs / 1000,
        unit: 'kB',
      },
    ];
  });
}

interface Stage {
  /** Creates the runs, spread over the interval, and resolves when all have been measured once. */
  create(runs: number, intervalMs: number): Promise<void>;
  passes(): number;
  /** What the source was asked since the last call. */
  arrivals(): Promise<readonly Arrival[]>;
  /** For each arrival the time since the ticket's due time, in milliseconds. */
  latenessOf(arrivals: readonly Arrival[]): number[];
  /** In bytes, after a full garbage collection: what is held, and what the process keeps from the system. */
  memory(): { readonly heap: number; readonly resident: number };
}

type Arrival = readonly [run: number, epochMs: number];

async function onStage<Result>(play: (stage: Stage) => Promise<Result>): Promise<Result> {
  const target = startNodeProgram(['test/bench/web-target.ts']);
  const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  const store = await sqliteStore(folder);
  const queue = embeddedQueue(systemClock);
  const providers = servedProviders();
  try {
    const url = await urlOf(target);
    const nothing = () => undefined;
    let passes = 0;
    const handed = new Map<number, Ticket[]>();
    const deps: EngineDeps = {
      store,
      queue,
      clock: systemClock,
      secrets: { read: async () => undefined },
      measurer: providers,
      log: { debug: nothing, info: nothing, warn: nothing, error: console.error },
      observer: {
        measured: nothing,
        completed: nothing,
        passFailed: nothing,
        told: nothing,
        passed: () => {
          passes += 1;
        },
      },
      randomUuid: randomUUID,
      randomBytes,
    } as EngineDeps;
    queue.start(
      (ticket) => {
        const number = Number(ticket.runId.slice('default/run-'.length));
        const tickets = handed.get(number);
        if (tickets === undefined) handed.set(number, [ticket]);
        else tickets.push(ticket);
        return advanceRun(deps, ticket);
      },
      { concurrency: CONCURRENT_PASSES },
    );
    return await play({
      create: async (runs, intervalMs) => {
        let next = 0;
        const create = async () => {
          // Spread evenly over one interval, as runs are that people start at any time.
          for (let number = next++; number < runs; number = next++)
            await createRun(
              deps,
              liveRun(number, { delayMs: Math.floor((number / runs) * intervalMs), intervalMs, url }),
            );
        };
        await Promise.all(Array.from({ length: CONCURRENT_CREATIONS }, create));
        while (passes < 2 * runs) await sleep(100);
      },
      passes: () => passes,
      arrivals: async () => (await (await fetch(`${url}/arrivals`)).json()) as Arrival[],
      latenessOf: (arrivals) =>
        arrivals.flatMap(([run, at]) => {
          const due = handed.get(run)?.findLast(({ dueAt }) => dueAt <= at)?.dueAt;
          return due === undefined ? [] : [at - due];
        }),
      memory: () => {
        collectGarbage();
        const { heapUsed, rss } = process.memoryUsage();
        return { heap: heapUsed, resident: rss };
      },
    });
  } finally {
    await queue.stop();
    providers.close();
    await store.close();
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function urlOf(target: NodeProgram): Promise<string> {
  await target.says('.\n');
  return `http://127.0.0.1:${/listens on (\d+)/.exec(target.output())![1]}`;
}

/** A run without end; its first measurement comes after a delay, its own question each time, so that no answer is shared. */
export function liveRun(
  number: number,
  { delayMs, intervalMs, url }: { readonly delayMs: number; readonly intervalMs: number; readonly url: string },
): Parameters<typeof createRun>[1] {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: `run-${number}`, namespace: 'default' },
    spec: {
      metrics: [
        {
          name: 'is-ok',
          initialDelay: `${delayMs}ms`,
          interval: `${intervalMs}ms`,
          successCondition: 'result == true',
          provider: { web: { url: `${url}/?run=${number}`, jsonPath: '{$.ok}' } },
        },
      ],
    },
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

if (import.meta.main) {
  const [scenario, runs] = process.argv.slice(2) as [keyof typeof SCENARIOS, string];
  console.log(JSON.stringify(await SCENARIOS[scenario](Number(runs))));
}
