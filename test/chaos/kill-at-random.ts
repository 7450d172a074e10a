import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveCommand, startAssay } from '../support/assay-server.ts';
import { freePort } from '../support/free-port.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { ChaosClient, isBrokenConnection, RefusedError } from './chaos-client.ts';
import { CHAOS_PLANS, chaosRun } from './chaos-runs.ts';
import { type ChaosSource, startChaosSource } from './chaos-source.ts';
import { Witness } from './witness.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** Runs that are live at any time while the kills go on. */
  readonly liveRuns: number;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly kills: number;
  readonly killsWhileStarting: number;
  readonly acknowledged: number;
  readonly measurements: number;
}

// Half of the kills come soon after the start, when everything waits to be done; the rest when runs have come to rest.
const SHORTEST_LIFE_MS = 20;
const LONGEST_LIFE_MS = 1_200;
// A process that is killed while it starts has opened the database or not.
const SHARE_KILLED_WHILE_STARTING = 0.2;
const LONGEST_START_MS = 900;
const ALL_END_WITHIN_MS = 90_000;

/**
 * Starts `assay serve` on one data folder, kills it with SIGKILL at a random moment, and starts it again, while runs are created and measure a web server. Throws
 * when a run that was acknowledged is missing, when a completed measurement changed or was recorded twice, when a completed run changed, or when in the
 * end a run has not ended as it would have without any kill.
 */
export async function killAtRandom(options: ChaosOptions): Promise<ChaosReport> {
  const data = mkdtempSync(join(tmpdir(), 'assay-chaos-'));
  const source = await startChaosSource();
  try {
    return await new Chaos(options, data, source, await freePort()).run();
  } finally {
    await source.close();
    rmSync(data, { recursive: true });
  }
}

class Chaos {
  readonly #options: ChaosOptions;
  readonly #data: string;
  readonly #source: ChaosSource;
  readonly #port: number;
  readonly #random: () => number;
  readonly #witness = new Witness();
  readonly #client: ChaosClient;
  #created = 0;
  #killsWhileStarting = 0;

  constructor(options: ChaosOptions, data: string, source: ChaosSource, port: number) {
    this.#options = options;
    this.#data = data;
    this.#source = source;
    this.#port = port;
    this.#random = randomNumbers(options.seed);
    this.#client = new ChaosClient(`http://127.0.0.1:${port}`);
  }

  async run(): Promise<ChaosReport> {
    const { kills, say } = this.#options;
    for (let kill = 1; kill <= kills; kill += 1) {
      if (this.#random() < SHARE_KILLED_WHILE_STARTING) await this.#killWhileStarting();
      else await this.#killWhileServing();
      const { acknowledged, completed, measurements } = this.#witness;
      if (kill % 10 === 0)
        say(
          `${kill} kills: ${acknowledged} runs acknowledged, ${completed} of them completed, ${measurements} measurements`,
        );
    }
    await this.#letAllEnd();
    const { acknowledged, measurements } = this.#witness;
    return { kills, killsWhileStarting: this.#killsWhileStarting, acknowledged, measurements };
  }

  async #killWhileStarting(): Promise<void> {
    this.#killsWhileStarting += 1;
    const program = startNodeProgram(serveCommand(`127.0.0.1:${this.#port}`, this.#data));
    await sleep(this.#random() * LONGEST_START_MS);
    await program.stop('SIGKILL');
  }

  async #killWhileServing(): Promise<void> {
    const life = SHORTEST_LIFE_MS + this.#random() ** 2 * LONGEST_LIFE_MS;
    const { program } = await startAssay({ data: this.#data, port: this.#port });
    const dead = new AbortController();
    const work = this.#work(dead.signal);
    try {
      // `work` ends before the server does only when it has found a broken promise.
      await Promise.race([sleep(life), work]);
    } finally {
      dead.abort();
      await program.stop('SIGKILL');
    }
    await work;
  }

  /** Looks at all runs, then at every change, and creates runs when some have ended, as long as the server lives. */
  async #work(dead: AbortSignal): Promise<void> {
    let version: string | undefined;
    await untilDead(dead, async () => {
      const list = await this.#client.list();
      this.#witness.seeAll(list.items);
      version = list.version;
    });
    if (version === undefined) return;
    const from = version;
    await Promise.all([
      untilDead(dead, () => this.#observe(from, dead)),
      untilDead(dead, () => this.#keepRunsLive(dead)),
    ]);
  }

  async #observe(version: string, dead: AbortSignal): Promise<void> {
    for await (const run of this.#client.watch(version, dead)) this.#witness.see(run);
  }

  async #keepRunsLive(dead: AbortSignal): Promise<void> {
    const plans = Object.entries(CHAOS_PLANS);
    for (; !dead.aborted; await sleep(20)) {
      while (this.#witness.live < this.#options.liveRuns) {
        const [kind, plan] = plans[this.#created % plans.length]!;
        const name = `${kind}-${this.#created}`;
        this.#witness.acknowledge(await this.#client.create(chaosRun(name, plan, this.#source.url), name), plan);
        this.#created += 1;
      }
    }
  }

  async #letAllEnd(): Promise<void> {
    const server = await startAssay({ data: this.#data, port: this.#port });
    try {
      const deadline = Date.now() + ALL_END_WITHIN_MS;
      do {
        this.#witness.seeAll((await this.#client.list()).items);
        if (Date.now() > deadline)
          throw new Error(`${this.#witness.live} runs have not ended after ${ALL_END_WITHIN_MS} ms`);
        await sleep(100);
      } while (this.#witness.live > 0);
      this.#witness.checkEnds();
    } finally {
      await server.stop();
    }
  }
}

/** Calls fail when the server is killed, and only then. What the server says while it lives, and what the witness finds, counts. */
async function untilDead(dead: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!dead.aborted || error instanceof RefusedError || !isBrokenConnection(error)) throw error;
  }
}
