import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomNumbers } from '../support/random-numbers.ts';
import type { Fault, Pauses } from './every-fault.ts';
import { type Installation, startInstallation } from './installation.ts';
import { Load } from './load.ts';
import { playRound, type Times } from './round.ts';

export interface CampaignOptions {
  readonly faults: readonly Fault[];
  /** Of each fault. */
  readonly rounds: number;
  readonly seed: number;
  readonly pauses: Pauses;
  /** Installations at a time. */
  readonly lanes: number;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly fault: string;
  readonly times: readonly Times[];
  readonly acknowledged: number;
  readonly measurements: number;
  readonly violations: readonly Violation[];
}

interface Violation {
  readonly round: number;
  readonly message: string;
}

interface Play {
  readonly fault: Fault;
  readonly round: number;
}

/** What one round came to. */
interface Played extends Play {
  readonly acknowledged: number;
  readonly measurements: number;
  readonly result: Times | { readonly violation: string };
}

/** Most rounds that one installation is kept for. */
const ROUNDS_IN_ONE_PLACE = 5;
/** Of what a process said, shown after a violation. */
const LAST_WORDS = 3_000;

/** Plays all rounds, each with random numbers that follow from seed, fault and round alone, and goes on after a violation with a new installation. */
export async function playCampaign(options: CampaignOptions): Promise<readonly Outcome[]> {
  const { faults, rounds, lanes } = options;
  const left: Play[] = faults.flatMap((fault) =>
    Array.from({ length: rounds }, (_, index) => ({ fault, round: index + 1 })),
  );
  const inOnePlace = Math.min(ROUNDS_IN_ONE_PLACE, Math.ceil(left.length / lanes));
  const data = await mkdtemp(join(tmpdir(), 'assay-faults-'));
  // One after the other: the first leaves compiled code to all.
  let starting: Promise<unknown> = Promise.resolve();
  const start = (): Promise<Installation> => {
    const started = starting.then(() => startInstallation(data));
    starting = started.catch(() => undefined);
    return started;
  };
  const played: Played[] = [];
  const lane = async (): Promise<void> => {
    while (left.length > 0) {
      const plays = left.splice(0, inOnePlace);
      while (plays.length > 0) await playInOnePlace(await start(), plays, played, options);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await rm(data, { recursive: true, force: true });
  }
  return faults.map((fault) => outcomeOf(fault, played));
}

/** Takes from the plays until there are none or a promise was broken, after which nothing that this installation shows can be trusted. */
async function playInOnePlace(
  installation: Installation,
  plays: Play[],
  played: Played[],
  { seed, pauses, say }: CampaignOptions,
): Promise<void> {
  const load = new Load(installation);
  try {
    for (let play = plays.shift(); play !== undefined; play = plays.shift()) {
      const { fault, round } = play;
      const { acknowledged, measurements } = load;
      const random = randomNumbers(seedOf(`${seed} ${fault.name} ${round}`));
      const result = await playRound(installation, load, fault, { random, pauses }).catch((error: unknown) => ({
        violation: error instanceof Error ? error.message : String(error),
      }));
      played.push({
        ...play,
        acknowledged: load.acknowledged - acknowledged,
        measurements: load.measurements - measurements,
        result,
      });
      say(`${fault.name} ${round}: ${'violation' in result ? `VIOLATION ${result.violation}` : told(result)}`);
      if (!('violation' in result)) continue;
      for (const { name, program } of [...installation.apis, ...installation.workers])
        say(`${name}: ${program.output().slice(-LAST_WORDS)}`);
      return;
    }
  } finally {
    await load.close();
    await installation.stop();
  }
}

function told({ afterStrikeMs, afterLiftMs, allAfterLiftMs }: Times): string {
  return `went on ${seconds(afterStrikeMs)} s after it was struck, ${seconds(afterLiftMs)} s after it was lifted, every run after ${seconds(allAfterLiftMs)} s`;
}

/** The same for the same text: FNV-1a. */
function seedOf(text: string): number {
  let seed = 0x811c9dc5;
  for (const character of text) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193);
  return seed;
}

function outcomeOf(fault: Fault, played: readonly Played[]): Outcome {
  const own = played.filter((each) => each.fault === fault);
  return {
    fault: fault.name,
    times: own.flatMap(({ result }) => ('violation' in result ? [] : [result])),
    acknowledged: own.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    measurements: own.reduce((sum, { measurements }) => sum + measurements, 0),
    violations: own.flatMap(({ round, result }) =>
      'violation' in result ? [{ round, message: result.violation }] : [],
    ),
  };
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(1);
