import type { AnalysisRun } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import { ticketOf } from './next-ticket.ts';
import { runIdOf } from './run-store.ts';

const PAGE = 500;

/** A pass as soon as possible: after a change that did not come from the engine, as Argo's controller reacts to every event of a run. */
export async function scheduleRun(
  { queue, clock }: Pick<EngineDeps, 'queue' | 'clock'>,
  run: AnalysisRun,
): Promise<void> {
  await queue.schedule({ runId: runIdOf(run), dueAt: clock.now() });
}

/**
 * A ticket for every stored run that has something left to do: at the start of a queue that keeps nothing itself, and now and then against a ticket that was
 * lost (a crash between storing a run and scheduling it). Returns how many.
 */
export async function scheduleAllRuns({
  store,
  queue,
  clock,
}: Pick<EngineDeps, 'store' | 'queue' | 'clock'>): Promise<number> {
  let scheduled = 0;
  let next: string | undefined;
  do {
    const page = await store.list(
      { kind: 'AnalysisRun' },
      { limit: PAGE, ...(next !== undefined && { continue: next }) },
    );
    for (const run of page.items as readonly AnalysisRun[]) {
      const ticket = ticketOf(run, clock.now());
      if (ticket === undefined) continue;
      await queue.schedule(ticket);
      scheduled += 1;
    }
    next = page.continue;
  } while (next !== undefined);
  return scheduled;
}
