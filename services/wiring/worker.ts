import type { Config } from '../config/read-config.ts';
import type { EngineDeps } from '../engine/deps.ts';
import type { Log, Queue } from '../engine/ports.ts';
import type { IntakeOptions } from '../intake/intake.ts';

/** As often as Argo's resync: against a ticket that was lost. */
const RESYNC_MS = 15 * 60_000;
const EVENTS_SWEEP_MS = 5 * 60_000;
/** A pass that waits costs next to nothing, and the planner bounds what reaches each source: one slow source must not hold back the passes of others. */
const CONCURRENT_PASSES = 10_000;
/** What a worker that dies has in progress waits until its leases are over; and there are other workers. */
const CONCURRENT_SHARED_PASSES = 1_000;
const TRY_AGAIN_MS = 2_000;

/** Passes over every unfinished run, the sweeps that come now and then, and over Redis the jobs of the intake queue. */
export async function startWorker(
  own: EngineDeps & { readonly queue: Queue; readonly log: Log },
  limits: Pick<Config['worker'], 'concurrency' | 'passesPerSecond'>,
  isShared: boolean,
  intakeOptions?: IntakeOptions,
): Promise<{ stop(): Promise<void> }> {
  const intake = intakeOptions && new (await import('../intake/intake.ts')).Intake(own, intakeOptions);
  const deps = intake === undefined ? own : { ...own, listeners: [...(own.listeners ?? []), intake] };
  const [{ advanceRun }, { scheduleAllRuns }, { removeOldEvents }, { removeOrphanJudgements }, { takeTurn }] =
    await Promise.all([
      import('../engine/advance-run.ts'),
      import('../engine/schedule-run.ts'),
      import('../engine/emit-events.ts'),
      import('../engine/keep-judgement.ts'),
      import('../engine/take-turn.ts'),
    ]);
  const { queue, log } = deps;
  // Each reads everything: one worker of all is enough.
  const sweep = (everyMs: number, name: string, work: () => Promise<unknown>): NodeJS.Timeout =>
    setInterval(() => {
      takeTurn(deps, name, everyMs)
        .then((isOurs) => isOurs && work())
        .catch((error: unknown) => log.error({ err: error, sweep: name }, 'sweep failed; it comes again'));
    }, everyMs);

  const stopping = new AbortController();
  queue.start(
    async (ticket) => {
      try {
        return await advanceRun(deps, ticket);
      } catch (error) {
        if (!deps.shutdown?.aborted) {
          deps.observer?.passFailed({ run: ticket.runId, endedAt: deps.clock.now() });
          log.error({ err: error, run: ticket.runId }, 'pass failed; it comes again');
        }
        throw error;
      }
    },
    { concurrency: isShared ? CONCURRENT_SHARED_PASSES : CONCURRENT_PASSES, ...limits },
  );
  // Nobody waits for this: Redis may be away, and has kept the tickets; and a store may hold a year's runs.
  const resynced = untilDone(() => scheduleAllRuns(deps, stopping.signal), deps, stopping.signal);
  const sweeps = [
    sweep(RESYNC_MS, 'resync', () => scheduleAllRuns(deps, stopping.signal)),
    sweep(EVENTS_SWEEP_MS, 'events', () => removeOldEvents(deps)),
    sweep(EVENTS_SWEEP_MS, 'judgements', () => removeOrphanJudgements(deps)),
  ];
  return {
    stop: async () => {
      for (const timer of sweeps) clearInterval(timer);
      stopping.abort();
      const passesEnd = queue.stop();
      await Promise.all([passesEnd, intake?.stop(passesEnd), resynced]);
    },
  };
}

/** Tries now and then until it works. */
async function untilDone(work: () => Promise<unknown>, { clock, log }: EngineDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      return;
    } catch (error) {
      log.error({ err: error }, 'looking for runs without tickets failed; it comes again');
      await clock.sleepUntil(clock.now() + TRY_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}
