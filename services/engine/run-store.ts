import type { AnalysisRun, AnalysisRunStatus } from '../domain/run.ts';
import { type Key, type Store, StoreError, type Ticket } from './ports.ts';

/** Somebody else's writes that one of ours gives way to before the queue's back-off is the better wait. */
const MOST_ATTEMPTS = 10;

/** A run's place in the store, and its name on tickets. Names and namespaces hold no slash. */
export function runKey(runId: string): Key {
  const slash = runId.indexOf('/');
  return { kind: 'AnalysisRun', namespace: runId.slice(0, slash), name: runId.slice(slash + 1) };
}

export function runIdOf(run: AnalysisRun): string {
  return `${run.metadata.namespace ?? ''}/${run.metadata.name}`;
}

export async function loadRun(store: Store, { runId }: Pick<Ticket, 'runId'>): Promise<AnalysisRun | undefined> {
  return (await store.get(runKey(runId))) as AnalysisRun | undefined;
}

/**
 * Writes a new status for the run that was read. Somebody may have changed labels or the spec meanwhile: their change stays, and the status goes on top, as Argo's
 * merge patch of the status does. Undefined when the status itself has moved on, or the run is gone: then nothing is written.
 */
export async function saveStatus(
  store: Store,
  read: AnalysisRun,
  status: AnalysisRunStatus,
): Promise<AnalysisRun | undefined> {
  let base = read;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    try {
      return (await store.replace(changed({ ...base, status }), base.metadata.resourceVersion ?? '')) as AnalysisRun;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'not-found') return undefined;
      if (error.code !== 'conflict') throw error;
    }
    const fresh = await loadRun(store, { runId: runIdOf(read) });
    if (fresh === undefined || fresh.metadata.uid !== read.metadata.uid) return undefined;
    if (JSON.stringify(fresh.status) !== JSON.stringify(read.status)) return undefined;
    base = fresh;
  }
  throw new StoreError('conflict', `run "${runIdOf(read)}" changes faster than its status can be written`);
}

/** As with every kind without a status subresource, the generation counts each change outside metadata, status included. */
export function changed(run: AnalysisRun): AnalysisRun {
  const { generation } = run.metadata;
  return generation === undefined ? run : { ...run, metadata: { ...run.metadata, generation: generation + 1 } };
}
