import { dueTasks, nextDueAt } from '../analysis/due.ts';
import { planRun, type RunPlan } from '../analysis/plan-run.ts';
import { isTerminating } from '../analysis/terminating.ts';
import { expiresAt } from '../analysis/time-to-live.ts';
import { isCompleted } from '../domain/phase.ts';
import { epochMs } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { Ticket } from './ports.ts';
import { runIdOf } from './run-store.ts';

/** A measurement in flight that says no time of its own is looked at this often. */
const IN_FLIGHT_POLL_MS = 10_000;
/** Nothing is due, and the run is not complete: a look now and then, as often as Argo's resync. */
const RESYNC_MS = 15 * 60_000;

/**
 * When a run is to be looked at after a pass; undefined when never again. `exact` holds the milliseconds that stored times have lost (see `nextDueAt`).
 */
export function nextTicket(
  run: AnalysisRun,
  plan: RunPlan,
  now: number,
  exact?: ReadonlyMap<string, number>,
): Ticket | undefined {
  if (isCompleted(run.status?.phase)) return expiryTicket(run);
  // A metric that ended badly stops the others in the pass that follows at once.
  if (isTerminating(run)) return { runId: runIdOf(run), dueAt: now };
  const poll = isPolled(run) ? now + IN_FLIGHT_POLL_MS : now + RESYNC_MS;
  const due = nextDueAt(run, plan.metrics, now, exact);
  if (due === undefined) return { runId: runIdOf(run), dueAt: poll };
  // An interval is over only after its time: a look at the very millisecond would be one for nothing.
  const isDueThen = dueTasks(run, plan.metrics, due).length > 0;
  return { runId: runIdOf(run), dueAt: Math.min(poll, Math.max(now, isDueThen ? due : due + 1)) };
}

/** When a completed run is to be deleted, if ever. */
export function expiryTicket(run: AnalysisRun): Ticket | undefined {
  const dueAt = expiresAt(run);
  return dueAt === undefined ? undefined : { runId: runIdOf(run), dueAt };
}

/** When a stored run is due, from its document alone; undefined when nothing is left to do with it. */
export function ticketOf(run: AnalysisRun, now: number): Ticket | undefined {
  if (run.metadata.deletionTimestamp !== undefined) return undefined;
  if (isCompleted(run.status?.phase)) return expiryTicket(run);
  const plan = planRun(run.spec);
  const isDueNow =
    'fault' in plan || epochMs(run.status?.startedAt) === undefined || dueTasks(run, plan.metrics, now).length > 0;
  return isDueNow ? { runId: runIdOf(run), dueAt: now } : nextTicket(run, plan, now);
}

function isPolled(run: AnalysisRun): boolean {
  return (run.status?.metricResults ?? []).some(({ phase, measurements }) => {
    const last = measurements?.at(-1);
    return (
      !isCompleted(phase) &&
      last !== undefined &&
      epochMs(last.finishedAt) === undefined &&
      epochMs(last.resumeAt) === undefined
    );
  });
}
