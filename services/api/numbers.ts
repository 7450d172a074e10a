import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PHASES } from '../domain/phase.ts';
import type { Observer, Queue } from '../engine/ports.ts';
import type { RunTally } from './run-tally.ts';

/** What operators count. Everybody tells it, `/metrics` shows it. */
export interface Numbers extends Observer {
  /** A request to a provider account was held back, and why: too many at once, too many a second, or the account asked for it. */
  plannerWaited(event: { readonly account: string; readonly reason: string; readonly ms: number }): void;
  /** The Prometheus exposition. */
  exposition(sources: {
    readonly tally: RunTally;
    readonly queue: Pick<Queue, 'depth'>;
  }): Promise<{ readonly type: string; readonly text: string }>;
}

interface Instruments {
  readonly registry: Registry;
  readonly runs: Gauge;
  readonly completed: Counter;
  readonly measurements: Counter;
  readonly latency: Histogram;
  readonly passes: Histogram;
  readonly lateness: Histogram;
  readonly plannerWaits: Histogram;
  readonly ticketsWaiting: Gauge;
  readonly queueLag: Gauge;
}

const SECOND_MS = 1000;
const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** prom-client is loaded when there is something to count; until it is there, events wait. */
export function createNumbers(): Numbers {
  let instruments: Instruments | undefined;
  let loading: Promise<Instruments> | undefined;
  const load = async (): Promise<Instruments> => {
    loading ??= createInstruments();
    instruments = await loading;
    return instruments;
  };
  const record = (how: (to: Instruments) => void): void => {
    if (instruments !== undefined) how(instruments);
    else void load().then(how);
  };
  return {
    measured: ({ provider, phase, durationMs }) =>
      record((to) => {
        to.measurements.inc({ provider, phase });
        to.latency.observe({ provider }, durationMs / SECOND_MS);
      }),
    passed: ({ durationMs, latenessMs }) =>
      record((to) => {
        to.passes.observe(durationMs / SECOND_MS);
        to.lateness.observe(latenessMs / SECOND_MS);
      }),
    completed: ({ phase }) => record((to) => to.completed.inc({ phase })),
    plannerWaited: ({ account, reason, ms }) =>
      record((to) => to.plannerWaits.observe({ account, reason }, ms / SECOND_MS)),
    async exposition({ tally, queue }) {
      const to = await load();
      const [phases, depth] = await Promise.all([tally.phases(), queue.depth()]);
      for (const phase of PHASES) to.runs.set({ phase }, phases.get(phase) ?? 0);
      to.ticketsWaiting.set(depth.waiting);
      to.queueLag.set(depth.latenessMs / SECOND_MS);
      return { type: to.registry.contentType, text: await to.registry.metrics() };
    },
  };
}

async function createInstruments(): Promise<Instruments> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    runs: new Gauge({
      registers,
      name: 'assay_runs',
      help: 'AnalysisRuns in the store by phase; a fresh run counts as Pending.',
      labelNames: ['phase'],
    }),
    completed: new Counter({
      registers,
      name: 'assay_runs_completed_total',
      help: 'Runs that got their verdict, by phase.',
      labelNames: ['phase'],
    }),
    measurements: new Counter({
      registers,
      name: 'assay_measurements_total',
      help: 'Measurements by provider and outcome.',
      labelNames: ['provider', 'phase'],
    }),
    latency: new Histogram({
      registers,
      name: 'assay_provider_duration_seconds',
      help: 'How long providers took to answer.',
      labelNames: ['provider'],
      buckets: LATENCY_SECONDS,
    }),
    passes: new Histogram({
      registers,
      name: 'assay_pass_duration_seconds',
      help: 'How long passes over a run took.',
      buckets: LATENCY_SECONDS,
    }),
    lateness: new Histogram({
      registers,
      name: 'assay_pass_lateness_seconds',
      help: 'How long after its due time a pass began.',
      buckets: LATENCY_SECONDS,
    }),
    plannerWaits: new Histogram({
      registers,
      name: 'assay_planner_wait_seconds',
      help: 'How long requests to a provider account were held back, by reason.',
      labelNames: ['account', 'reason'],
      buckets: LATENCY_SECONDS,
    }),
    ticketsWaiting: new Gauge({ registers, name: 'assay_queue_tickets', help: 'Runs that wait for their next pass.' }),
    queueLag: new Gauge({ registers, name: 'assay_queue_lag_seconds', help: 'How late the most overdue pass is.' }),
  };
}
