import { planRun } from '../analysis/plan-run.ts';
import { reasonOf } from '../analysis/reason.ts';
import { type DatedEvent, eventsOf } from '../analysis/run-event.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { EVENT_LIFE_MS, type TellDeps, tellOnce } from './emit-events.ts';

/** Whoever wrote a status so recently may still be telling of it. */
const TELLS_WITHIN_MS = 30_000;

/**
 * Events are told after the status is written, and a process may die in between. What these runs have to tell follows from their documents, and the name of an
 * event from what it says: those of the last hour that are missing are told now, at the time of what they tell.
 */
export async function retellEvents(deps: TellDeps, runs: readonly AnalysisRun[]): Promise<void> {
  const now = deps.clock.now();
  const isOwed = ({ at }: DatedEvent): boolean => at <= now - TELLS_WITHIN_MS && at > now - EVENT_LIFE_MS;
  await Promise.all(
    runs.flatMap((run) =>
      eventsOf(run)
        .filter(isOwed)
        .map((event) => tellOnce(deps, run, event, () => sentenceOf(run))),
    ),
  );
}

function sentenceOf(run: AnalysisRun): string {
  const plan = planRun(run.spec);
  return reasonOf(run, 'fault' in plan ? undefined : plan.metrics).sentence;
}
