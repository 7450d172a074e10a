import { planRun, type RunPlan, type SpecFault } from '../analysis/plan-run.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { Store } from './ports.ts';
import { runIdOf } from './run-store.ts';

/** Runs whose plans are kept: the live runs that one process is built for, at a few kilobytes each. */
const KEPT_PLANS = 10_000;

interface Entry {
  readonly resourceVersion: string | undefined;
  readonly plan: RunPlan | SpecFault;
}

/**
 * Plans follow from the spec, and a pass changes the status only: whoever writes a pass' status says so with `keep`, and the next pass of the same document finds
 * its plan. Any other change has another version (one counter for the whole store), and is planned anew.
 */
export class PlanCache {
  readonly #entries = new Map<string, Entry>();

  of(run: AnalysisRun): RunPlan | SpecFault {
    const { resourceVersion } = run.metadata;
    const entry = this.#entries.get(runIdOf(run));
    if (entry !== undefined && resourceVersion !== undefined && entry.resourceVersion === resourceVersion)
      return entry.plan;
    const plan = planRun(run.spec);
    this.#set(runIdOf(run), { resourceVersion, plan });
    return plan;
  }

  /** `stored` has the spec that `plan` was made of. */
  keep(stored: AnalysisRun, plan: RunPlan | SpecFault): void {
    this.#set(runIdOf(stored), { resourceVersion: stored.metadata.resourceVersion, plan });
  }

  drop(run: AnalysisRun): void {
    this.#entries.delete(runIdOf(run));
  }

  #set(runId: string, entry: Entry): void {
    // The oldest goes first: a Map keeps the order of insertion.
    this.#entries.delete(runId);
    this.#entries.set(runId, entry);
    if (this.#entries.size <= KEPT_PLANS) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest as string);
  }
}

const caches = new WeakMap<Store, PlanCache>();

/** The plans of a store's runs: derived from its documents, never truth, so that every process may have its own and lose it. */
export function plansOf(store: Store): PlanCache {
  let cache = caches.get(store);
  if (cache === undefined) {
    cache = new PlanCache();
    caches.set(store, cache);
  }
  return cache;
}
