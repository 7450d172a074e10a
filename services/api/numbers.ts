import { setTimeout as sleep } from 'node:timers/promises';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PHASES } from '../domain/phase.ts';
import { type Clock, type Observer, type Queue, type Store, StoreError } from '../engine/ports.ts';
import { expositionOf, type StoreSeries, seriesOf } from './series/exposition.ts';
import { PassSeries } from './series/pass-series.ts';
import type { RunSeriesSettings } from './series/run-series.ts';

/** What operators count. Everybody tells it, `/metrics` shows it. */
export interface Numbers extends Observer {
  /** A request to a provider account was held back, and why: too many at once, too many a second, or the account asked for it. */
  plannerWaited(event: { readonly account: string; readonly reason: string; readonly ms: number }): void;
  /** An attempt to deliver a notification ended. */
  deliverySettled(event: { readonly target: string; readonly outcome: 'delivered' | 'failed' | 'dead' }): void;
  /** How many deliveries are dead is asked there, at each exposition. */
  countDeadDeliveriesBy(count: () => Promise<number>): void;
  readonly settings: RunSeriesSettings;
  /** The Prometheus exposition, in pieces; without what the store holds while it does not answer. */
  exposition(sources: ExpositionSources): Promise<{ readonly type: string; readonly pieces: AsyncIterable<string> }>;
}

interface ExpositionSources {
  readonly store: Store;
  readonly queue: Pick<Queue, 'depth' | 'workers'>;
  readonly clock: Clock;
  /** Absent in a process that only works: those with an API show the runs. */
  readonly series?: StoreSeries | undefined;
}

const DEFAULTS: RunSeriesSettings = {
  runs: 1_000,
  completedForMs: 3_600_000,
  typeOf: (provider) => Object.keys(provider ?? {})[0] ?? 'Unknown Provider',
};

interface Instruments {
  readonly registry: Registry;
  readonly runs: Gauge;
  readonly unexported: Gauge;
  readonly storeReady: Gauge;
  readonly workers: Gauge;
  readonly events: Counter;
  readonly completed: Counter;
  readonly measurements: Counter;
  readonly latency: Histogram;
  readonly passes: Histogram;
  readonly lateness: Histogram;
  readonly plannerWaits: Histogram;
  readonly deliveries: Counter;
  readonly deadDeliveries: Gauge;
  readonly ticketsWaiting: Gauge;
  readonly queueLag: Gauge;
}

const SECOND_MS = 1000;
/** Prometheus waits ten seconds. */
const ANSWER_WITHIN_MS = 5_000;
const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** prom-client is loaded when there is something to count; until it is there, events wait. */
export function createNumbers(settings: RunSeriesSettings = DEFAULTS): Numbers {
  const passes = new PassSeries(settings);
  let instruments: Instruments | undefined;
  let countDead = async (): Promise<number> => 0;
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
    settings,
    passed: ({ durationMs, endedAt, latenessMs, run }) => {
      passes.passed(run, durationMs / SECOND_MS, endedAt);
      record((to) => {
        to.passes.observe(durationMs / SECOND_MS);
        to.lateness.observe(latenessMs / SECOND_MS);
      });
    },
    passFailed: ({ endedAt, run }) => passes.failed(run, endedAt),
    told: ({ reason, type }) => record((to) => to.events.inc({ reason, type })),
    completed: ({ phase }) => record((to) => to.completed.inc({ phase })),
    plannerWaited: ({ account, reason, ms }) =>
      record((to) => to.plannerWaits.observe({ account, reason }, ms / SECOND_MS)),
    deliverySettled: ({ target, outcome }) => record((to) => to.deliveries.inc({ target, outcome })),
    countDeadDeliveriesBy(count) {
      countDead = count;
    },
    async exposition({ clock, queue, series, store }) {
      const to = await load();
      const [depth, workers, dead, ready, stored] = await Promise.all([
        answerOf(queue.depth()),
        answerOf(queue.workers()),
        answerOf(countDead()),
        answerOf(store.check().then(() => true)),
        series === undefined ? undefined : answerOf(seriesOf(series, store, clock)),
      ]);
      to.storeReady.set(ready === undefined ? 0 : 1);
      if (dead !== undefined) to.deadDeliveries.set(dead);
      if (workers !== undefined) to.workers.set(workers);
      if (depth !== undefined) {
        to.ticketsWaiting.set(depth.waiting);
        to.queueLag.set(depth.latenessMs / SECOND_MS);
      }
      if (stored !== undefined) {
        for (const phase of PHASES) to.runs.set({ phase }, stored.phases.get(phase) ?? 0);
        for (const [what, count] of Object.entries(stored.omitted)) to.unexported.set({ what }, count);
      }
      const pieces = expositionOf(await to.registry.metrics(), passes, clock.now(), stored);
      return { type: to.registry.contentType, pieces };
    },
  };
}

/** Whoever cannot answer in time is left out: operators want the other numbers all the more. */
async function answerOf<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  const late = new AbortController();
  const tooLate = sleep(ANSWER_WITHIN_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined);
  try {
    return await Promise.race([asked, tooLate]);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  } finally {
    late.abort();
  }
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
    unexported: new Gauge({
      registers,
      name: 'assay_series_omitted',
      help: 'What /metrics shows no series of: live and completed runs beyond metrics.runs and metrics.completedFor, templates, and samples of runs that have too many numbers.',
      labelNames: ['what'],
    }),
    storeReady: new Gauge({ registers, name: 'assay_store_ready', help: 'Whether the store takes writes.' }),
    workers: new Gauge({
      registers,
      name: 'assay_workers',
      help: 'Processes that take passes from the queue, as far as the queue knows.',
    }),
    events: new Counter({
      registers,
      name: 'assay_events_total',
      help: 'Events of runs and metrics that this process told, by reason and type.',
      labelNames: ['reason', 'type'],
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
    deliveries: new Counter({
      registers,
      name: 'assay_deliveries_total',
      help: 'Attempts to deliver notifications by service and outcome: delivered, failed (tried again), dead (given up).',
      labelNames: ['target', 'outcome'],
    }),
    deadDeliveries: new Gauge({
      registers,
      name: 'assay_deliveries_dead',
      help: 'Notifications that were given up and that nobody has retried or dismissed.',
    }),
    ticketsWaiting: new Gauge({ registers, name: 'assay_queue_tickets', help: 'Runs that wait for their next pass.' }),
    queueLag: new Gauge({ registers, name: 'assay_queue_lag_seconds', help: 'How late the most overdue pass is.' }),
  };
}
