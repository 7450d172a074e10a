import type { Deferred, Reading } from '../../../providers/contract.ts';
import { resultOfJson } from '../../../services/domain/result.ts';
import type { AnalysisRun, AnalysisRunSpec, Measurement, MetricResult } from '../../../services/domain/run.ts';
import { advanceRun } from '../../../services/engine/advance-run.ts';
import { createRun } from '../../../services/engine/create-run.ts';
import type { EngineDeps } from '../../../services/engine/deps.ts';
import type { EventDocument } from '../../../services/engine/emit-events.ts';
import type { Log, MeasureCall, Measurer, Store, Ticket } from '../../../services/engine/ports.ts';
import { loadRun } from '../../../services/engine/run-store.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { TestClock } from '../../support/clock.ts';

export const START = Date.parse('2026-01-01T00:00:00Z');

type Answer = Reading | Deferred | undefined;

/** Sources that answer what the test says; a call without an answer fails the test's run with a plain Error. */
export class ScriptedMeasurer implements Measurer {
  readonly calls: { readonly verb: string; readonly call: MeasureCall }[] = [];
  readonly collected: { readonly metric: string; readonly limit: number; readonly kept: number }[] = [];
  onMeasure: (call: MeasureCall) => Answer | Promise<Answer> = () => reading(1);
  onResume: (call: MeasureCall, inFlight: Measurement) => Answer | Promise<Answer> = () => undefined;
  onCancel: (call: MeasureCall, inFlight: Measurement) => Answer | Promise<Answer> = () => undefined;
  notes: Readonly<Record<string, string>> | undefined;

  async measure(call: MeasureCall): Promise<Reading | Deferred> {
    this.calls.push({ verb: 'measure', call });
    return (await this.onMeasure(call)) as Reading | Deferred;
  }

  async resume(call: MeasureCall, inFlight: Measurement): Promise<Answer> {
    this.calls.push({ verb: 'resume', call });
    return this.onResume(call, inFlight);
  }

  async cancel(call: MeasureCall, inFlight: Measurement): Promise<Answer> {
    this.calls.push({ verb: 'cancel', call });
    return this.onCancel(call, inFlight);
  }

  async collect(call: MeasureCall, result: MetricResult, limit: number): Promise<void> {
    this.collected.push({ metric: call.metric.name, limit, kept: result.measurements?.length ?? 0 });
  }

  async metadata(): Promise<Readonly<Record<string, string>> | undefined> {
    return this.notes;
  }
}

export function reading(value: number): Reading {
  return { result: resultOfJson(value), value: String(value) };
}

/** A reading whose source decided itself. */
export function verdict(phase: 'Successful' | 'Failed' | 'Error' | 'Inconclusive', message?: string): Reading {
  return { value: '1', verdict: { phase, ...(message && { message }) } };
}

export interface Bench {
  readonly deps: EngineDeps;
  readonly store: Store;
  readonly clock: TestClock;
  readonly measurer: ScriptedMeasurer;
  readonly secrets: Map<string, Record<string, string>>;
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  /** The ticket that waits for a run. */
  readonly tickets: Map<string, Ticket>;
  create(spec: Partial<AnalysisRunSpec>, name?: string): Promise<AnalysisRun>;
  run(name?: string): Promise<AnalysisRun>;
  /** Takes the run's ticket at its due time, or now when it is overdue. False: there is none. */
  step(name?: string): Promise<boolean>;
  /** Steps until no ticket is due by then, and leaves the clock there. */
  runUntil(epochMs: number, name?: string): Promise<AnalysisRun>;
  events(): Promise<readonly EventDocument[]>;
}

/** An engine over a store, a set clock and scripted sources. */
export function engineBench(options: { readonly store?: Store; readonly shutdown?: AbortSignal } = {}): Bench {
  const store = options.store ?? memoryStore();
  const clock = new TestClock(START);
  const measurer = new ScriptedMeasurer();
  const secrets = new Map<string, Record<string, string>>();
  const tickets = new Map<string, Ticket>();
  const logged: { level: string; fields: object; message: string }[] = [];
  const level = (name: string) => (fields: object, message: string) =>
    void logged.push({ level: name, fields, message });
  const log: Log = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
  const deps: EngineDeps = {
    store,
    queue: {
      async schedule(ticket) {
        const waiting = tickets.get(ticket.runId);
        if (waiting === undefined || ticket.dueAt < waiting.dueAt) tickets.set(ticket.runId, ticket);
      },
    },
    clock,
    secrets: { read: async (_namespace, name) => secrets.get(name) },
    measurer,
    log,
    ...(options.shutdown && { shutdown: options.shutdown }),
  };

  const bench: Bench = {
    deps,
    store,
    clock,
    measurer,
    secrets,
    logged,
    tickets,
    create: (spec, name = 'run') =>
      createRun(deps, {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AnalysisRun',
        metadata: { name, namespace: 'default' },
        spec: { metrics: [], ...spec },
      }),
    async run(name = 'run') {
      const run = await loadRun(store, { runId: `default/${name}` });
      if (run === undefined) throw new Error(`no run ${name}`);
      return run;
    },
    async step(name = 'run') {
      const ticket = tickets.get(`default/${name}`);
      if (ticket === undefined) return false;
      tickets.delete(ticket.runId);
      await clock.advanceTo(Math.max(clock.now(), ticket.dueAt));
      const next = await advanceRun(deps, ticket);
      if (next !== undefined) await deps.queue.schedule(next);
      return true;
    },
    async runUntil(epochMs, name = 'run') {
      for (;;) {
        const ticket = tickets.get(`default/${name}`);
        if (ticket === undefined || ticket.dueAt > epochMs) break;
        await bench.step(name);
      }
      await clock.advanceTo(epochMs);
      return bench.run(name);
    },
    events: async () => (await store.list({ kind: 'Event' })).items as readonly EventDocument[],
  };
  return bench;
}

/** Counters of a metric, absent ones as 0. */
export function tally(run: AnalysisRun, name: string) {
  const result = run.status?.metricResults?.find((each) => each.name === name);
  const { count = 0, successful = 0, failed = 0, inconclusive = 0, error = 0 } = result ?? {};
  return { count, successful, failed, inconclusive, error };
}
