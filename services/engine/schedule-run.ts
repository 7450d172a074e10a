import type { AnalysisRun } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import type { TellDeps } from './emit-events.ts';
import { ticketOf } from './next-ticket.ts';
import { retellEvents } from './retell-events.ts';
import { runIdOf } from './run-store.ts';

/** A pass as soon as possible: after a change that did not come from the engine, as Argo's controller reacts to every event of a run. */
export async function scheduleRun(
  { queue, clock }: Pick<EngineDeps, 'queue' | 'clock'>,
  run: AnalysisRun,
): Promise<void> {
  await queue.schedule({ runId: runIdOf(run), dueAt: clock.now() });
}

/**
 * What a crash may have left undone: a ticket for every stored run that has something left to do, at the start of a queue that keeps nothing itself and now
 * and then against a ticket that was lost; and the events of the last hour that nobody has told. Returns how many tickets. A process that shuts down does not wait for
 * the rest of them: whoever starts next looks at all again.
 */
export async function scheduleAllRuns(
  deps: TellDeps & Pick<EngineDeps, 'queue'>,
  signal?: AbortSignal,
): Promise<number> {
  const { store, queue, clock } = deps;
  let scheduled = 0;
  for await (const portion of store.walk({ kind: 'AnalysisRun' })) {
    if (signal?.aborted) break;
    const runs = portion as readonly AnalysisRun[];
    const tickets = runs.flatMap((run) => ticketOf(run, clock.now()) ?? []);
    // Together: over Redis they share a trip.
    await Promise.all(tickets.map((ticket) => queue.schedule(ticket)));
    scheduled += tickets.length;
    await retellEvents(deps, runs);
  }
  return scheduled;
}
