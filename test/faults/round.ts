import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Pauses } from './every-fault.ts';
import type { Installation } from './installation.ts';
import type { Load } from './load.ts';

/** Half of the faults strike soon after the load has begun, when most runs wait for their first pass; the rest amid passes, creations and ends. */
const LONGEST_CALM_MS = 6_000;
/** Patient with a busy machine, and well within the fifteen minutes after which a ticket that was lost is made again. */
const GOES_ON_WITHIN_MS = 240_000;
const ALL_END_WITHIN_MS = 240_000;
const LOOK_EVERY_MS = 10;

/** How long after which moment what went on again, in milliseconds. */
export interface Times {
  /** Since the fault was struck, until anything was recorded. */
  readonly afterStrikeMs: number;
  /** Since it was lifted, until anything was recorded. */
  readonly afterLiftMs: number;
  /** Since it was lifted, until every run that was under way then was measured again or had ended. */
  readonly allAfterLiftMs: number;
}

/** Strikes under load, lifts, waits until all runs go on and have ended, and throws when a promise is broken. */
export async function playRound(
  installation: Installation,
  load: Load,
  fault: Fault,
  { random, pauses }: { readonly random: () => number; readonly pauses: Pauses },
): Promise<Times> {
  await load.start();
  await sleep(random() ** 2 * LONGEST_CALM_MS);
  load.check();
  const afterStrike = load.resumption();
  const lift = await fault.strike(installation, random);
  await sleep(fault.holdMs(random, pauses));
  const afterLift = load.resumption();
  await lift();
  for (const deadline = Date.now() + GOES_ON_WITHIN_MS; afterLift.allMs === undefined; await sleep(LOOK_EVERY_MS)) {
    load.check();
    if (Date.now() > deadline)
      throw new Error(`${GOES_ON_WITHIN_MS} ms after it was lifted have not gone on: ${afterLift.waiting.join(', ')}`);
  }
  await load.end(ALL_END_WITHIN_MS);
  return {
    afterStrikeMs: afterStrike.firstMs!,
    afterLiftMs: afterLift.firstMs!,
    allAfterLiftMs: afterLift.allMs,
  };
}
