import { setImmediate as nextTurn } from 'node:timers/promises';
import { isCompleted, type Phase } from '../../domain/phase.ts';
import type { Resource } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { Store } from '../../engine/ports.ts';
import { loadRun, runIdOf } from '../../engine/run-store.ts';
import type { Fold } from './follow.ts';
import { type RunLines, runLines, type TypeOf } from './run-lines.ts';

export interface RunSeriesSettings {
  /** At most so many runs have series of their own. */
  readonly runs: number;
  /** A completed run has them this long. */
  readonly completedForMs: number;
  readonly typeOf: TypeOf;
}

/** After so many runs whoever else waits for the event loop comes first. */
const SLICE = 20;

interface Entry {
  readonly id: string;
  /** When it completed, in epoch milliseconds; absent while it is live. */
  completedAt: number | undefined;
  /** The newest state of a run that has series, until its lines are made of it. */
  document?: AnalysisRun | undefined;
  lines?: RunLines | undefined;
  hasSeries: boolean;
}

export interface Shown {
  readonly lines: readonly RunLines[];
  readonly omitted: { readonly live: number; readonly completed: number; readonly samples: number };
}

/**
 * How many runs are in which phase, and which of them have series: live ones before completed ones, and of these the latest. A live run keeps its place, so that series do not
 * come and go. What is kept of a run without series is its name; of one with them, their text.
 */
export class RunSeries implements Fold {
  readonly phases = new Map<Phase, number>();
  readonly #settings: RunSeriesSettings;
  readonly #live = new Map<string, Entry>();
  readonly #completed = new Map<string, Entry>();
  #showing: Promise<Shown> | undefined;

  constructor(settings: RunSeriesSettings) {
    this.#settings = settings;
  }

  apply(before: Resource | undefined, after: Resource | undefined): void {
    if (before !== undefined) this.#count(before as AnalysisRun, -1);
    if (after === undefined) {
      if (before !== undefined) this.#forget(runIdOf(before as AnalysisRun));
      return;
    }
    const run = after as AnalysisRun;
    this.#count(run, 1);
    const id = runIdOf(run);
    const known = this.#live.get(id) ?? this.#completed.get(id);
    const entry = known ?? { id, completedAt: undefined, hasSeries: false };
    if (entry.hasSeries) entry.document = run;
    if (!isCompleted(run.status?.phase)) {
      this.#live.set(id, entry);
      return;
    }
    entry.completedAt = completionOf(run);
    this.#live.delete(id);
    this.#completed.set(id, entry);
    if (this.#completed.size > 2 * this.#settings.runs) this.#keepLatest(this.#settings.runs);
  }

  /** The lines of every run that has series at this moment. Who asks while they are being made gets the same. */
  shown(store: Store, now: number): Promise<Shown> {
    this.#showing ??= this.#show(store, now).finally(() => {
      this.#showing = undefined;
    });
    return this.#showing;
  }

  async #show(store: Store, now: number): Promise<Shown> {
    const { completedForMs, runs } = this.#settings;
    for (const { completedAt, id } of this.#completed.values())
      if (completedAt! <= now - completedForMs) this.#completed.delete(id);
    this.#keepLatest(runs);
    const live = [...this.#live.values().take(runs)];
    const completed = [...this.#completed.values().take(runs - live.length)];
    for (const entry of this.#completed.values().drop(completed.length)) without(entry);
    const chosen = [...live, ...completed];
    const changed = chosen.filter(({ document, lines }) => document !== undefined || lines === undefined);
    for (let begin = 0; begin < changed.length; begin += SLICE) {
      await Promise.all(changed.slice(begin, begin + SLICE).map((entry) => this.#update(entry, store)));
      await nextTurn();
    }
    const lines = chosen.flatMap((entry) => entry.lines ?? []);
    const total = this.phases.values().reduce((sum, count) => sum + count, 0);
    return {
      lines,
      omitted: {
        live: this.#live.size - live.length,
        completed: Math.max(0, total - this.#live.size - completed.length),
        samples: lines.reduce((sum, { omitted }) => sum + omitted, 0),
      },
    };
  }

  async #update(entry: Entry, store: Store): Promise<void> {
    entry.hasSeries = true;
    if (entry.document === undefined) {
      const stored = await loadRun(store, { runId: entry.id });
      // A change that came meanwhile is newer.
      entry.document ??= stored;
    }
    if (entry.document === undefined) return;
    entry.lines = runLines(entry.document, this.#settings.typeOf);
    entry.document = undefined;
  }

  #keepLatest(count: number): void {
    const latest = [...this.#completed.values()].sort((a, b) => b.completedAt! - a.completedAt!);
    this.#completed.clear();
    for (const entry of latest.slice(0, count)) this.#completed.set(entry.id, entry);
  }

  #forget(id: string): void {
    this.#live.delete(id);
    this.#completed.delete(id);
  }

  #count({ status }: AnalysisRun, step: number): void {
    const phase = status?.phase || 'Pending';
    this.phases.set(phase, (this.phases.get(phase) ?? 0) + step);
  }
}

/** A run that could not be begun says no time of its own. */
function completionOf({ metadata, status }: AnalysisRun): number {
  return Date.parse(status?.completedAt ?? status?.startedAt ?? metadata.creationTimestamp ?? '') || 0;
}

function without(entry: Entry): void {
  entry.hasSeries = false;
  entry.lines = undefined;
  entry.document = undefined;
}
