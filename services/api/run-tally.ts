import type { Phase } from '../domain/phase.ts';
import type { Resource } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { type Log, type Store, StoreError } from '../engine/ports.ts';

const PAGE = 500;

/** How many runs are in which phase. */
export interface RunTally {
  phases(): Promise<ReadonlyMap<Phase, number>>;
}

/** Counts the runs once, when first asked, and follows their changes from then on until the signal aborts. */
export function createRunTally(store: Store, log: Log, stopping: AbortSignal): RunTally {
  let counting: Promise<Map<Phase, number>> | undefined;

  async function count(): Promise<Map<Phase, number>> {
    const counts = new Map<Phase, number>();
    let page = await store.list({ kind: 'AnalysisRun' }, { limit: PAGE });
    for (;;) {
      for (const run of page.items) add(counts, run, 1);
      if (page.continue === undefined) break;
      page = await store.list({ kind: 'AnalysisRun' }, { limit: PAGE, continue: page.continue });
    }
    void follow(counts, page.revision);
    return counts;
  }

  async function follow(counts: Map<Phase, number>, revision: number): Promise<void> {
    try {
      for await (const change of store.watch({ kind: 'AnalysisRun' }, revision, stopping)) {
        if (change.previous !== undefined) add(counts, change.previous, -1);
        if (change.type !== 'DELETED') add(counts, change.document, 1);
      }
    } catch (error) {
      const fellBehind = error instanceof StoreError && error.code === 'expired';
      if (!fellBehind && !stopping.aborted) log.warn({ err: error }, 'counting runs stopped');
    }
    // Whoever asks next counts anew.
    counting = undefined;
  }

  return {
    phases() {
      counting ??= count().catch((error: unknown) => {
        counting = undefined;
        throw error;
      });
      return counting;
    },
  };
}

function add(counts: Map<Phase, number>, run: Resource, step: number): void {
  const phase = (run as AnalysisRun).status?.phase || 'Pending';
  counts.set(phase, (counts.get(phase) ?? 0) + step);
}
