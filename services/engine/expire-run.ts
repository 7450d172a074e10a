import { markedForDeletion } from '../admission/object-meta.ts';
import { expiresAt } from '../analysis/time-to-live.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import { expiryTicket } from './next-ticket.ts';
import { StoreError, type Ticket } from './ports.ts';
import { runIdOf, runKey } from './run-store.ts';

/** Deletes a completed run whose time to live is over; answers when to come again if it is not. */
export async function expireRun({ store, clock, log }: EngineDeps, run: AnalysisRun): Promise<Ticket | undefined> {
  const at = expiresAt(run);
  if (at === undefined || clock.now() < at) return expiryTicket(run);
  try {
    const { finalizers = [], resourceVersion = '' } = run.metadata;
    // Whoever set a finalizer takes it away, and the run with it, through the API.
    if (finalizers.length > 0) await store.replace(markedForDeletion(run, clock.now()), resourceVersion);
    else await store.remove(runKey(runIdOf(run)), resourceVersion);
    log.info({ run: runIdOf(run) }, 'run deleted, its time to live is over');
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === 'not-found') return undefined;
    if (error.code !== 'conflict') throw error;
    // Changed meanwhile, perhaps its time to live: look again.
    return { runId: runIdOf(run), dueAt: clock.now() };
  }
}
