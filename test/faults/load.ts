import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { ChaosClient, isBrokenConnection, RefusedError } from '../chaos/chaos-client.ts';
import { chaosRun } from '../chaos/chaos-runs.ts';
import { Witness } from '../chaos/witness.ts';
import { FAULT_PLANS } from './fault-runs.ts';
import type { Installation } from './installation.ts';
import { Resumption } from './resumption.ts';

/** Runs that are live at any time while the load is on. */
const LIVE_RUNS = 40;
const CREATE_AT_ONCE = 4;
const FULL_WITHIN_MS = 120_000;
const TRY_AGAIN_MS = 50;
const LOOK_EVERY_MS = 20;

/**
 * Runs that are created at one API process or another, and watched at all of them, as clients do that come again when a process dies or says that Redis is
 * away. Whatever else goes wrong is kept for `check` to throw.
 */
export class Load {
  readonly #installation: Installation;
  readonly #clients: readonly ChaosClient[];
  readonly #witness = new Witness();
  /** Of each run that is not known to have ended, the measurements that were seen recorded. */
  readonly #live = new Map<string, number>();
  readonly #resumptions = new Set<Resumption>();
  readonly #off = new AbortController();
  readonly #following: Promise<unknown>;
  #isCreating = false;
  #creating: Promise<unknown> = Promise.resolve();
  #created = 0;
  #failure: unknown;

  constructor(installation: Installation) {
    this.#installation = installation;
    this.#clients = installation.apis.map(({ url }) => new ChaosClient(url));
    this.#following = Promise.all(this.#clients.map((client) => this.#noting(this.#follow(client))));
  }

  get acknowledged(): number {
    return this.#witness.acknowledged;
  }

  get measurements(): number {
    return this.#witness.measurements;
  }

  /** Resolves when as many runs are live as shall be. */
  async start(): Promise<void> {
    this.#isCreating = true;
    const creators = Array.from({ length: CREATE_AT_ONCE }, () => this.#noting(this.#keepRunsLive()));
    this.#creating = Promise.all(creators);
    for (const deadline = Date.now() + FULL_WITHIN_MS; this.#witness.live < LIVE_RUNS - CREATE_AT_ONCE; ) {
      this.check();
      if (Date.now() > deadline) throw new Error(`${LIVE_RUNS} runs could not be created within ${FULL_WITHIN_MS} ms`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Creates no more, waits until every acknowledged run has ended, and throws unless all are there and ended as they should. */
  async end(withinMs: number): Promise<void> {
    this.#isCreating = false;
    await this.#creating;
    const deadline = Date.now() + withinMs;
    for (; this.#witness.live > 0; await sleep(LOOK_EVERY_MS)) {
      this.check();
      if (Date.now() > deadline)
        throw new Error(`not ended within ${withinMs} ms: ${[...this.#live.keys()].join(', ')}`);
    }
    for (const client of this.#clients) {
      const { items } = await client.list();
      this.#witness.seeAll(items);
      await this.#installation.cluster.checkJobs(items);
    }
    this.#witness.checkEnds();
    this.check();
  }

  async close(): Promise<void> {
    this.#isCreating = false;
    this.#off.abort();
    await Promise.all([this.#creating, this.#following]);
  }

  /** Throws what went wrong. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Begins now, with the runs that have been measured and have not ended. */
  resumption(): Resumption {
    const underWay = [...this.#live].filter(([, recorded]) => recorded > 0).map(([name]) => name);
    const resumption = new Resumption(underWay);
    this.#resumptions.add(resumption);
    return resumption;
  }

  async #keepRunsLive(): Promise<void> {
    const plans = Object.entries(FAULT_PLANS);
    for (; this.#isCreating; await sleep(LOOK_EVERY_MS)) {
      while (this.#isCreating && this.#witness.live < LIVE_RUNS) {
        const [kind, plan] = plans[this.#created % plans.length]!;
        const name = `${kind}-${this.#created}`;
        this.#created += 1;
        const run = chaosRun(name, plan, this.#installation.source.url);
        const created = await this.#untilAnswered((client) => client.create(run, name));
        if (created === undefined) return;
        this.#witness.acknowledge(created, plan);
        this.#note(created);
      }
    }
  }

  /** Asks one API process after the other until one answers; undefined: the load was closed before. */
  async #untilAnswered(ask: (client: ChaosClient) => Promise<AnalysisRun>): Promise<AnalysisRun | undefined> {
    for (let attempt = this.#created; !this.#off.signal.aborted; attempt += 1) {
      try {
        return await ask(this.#clients[attempt % this.#clients.length]!);
      } catch (error) {
        if (!isOutage(error)) throw error;
        await sleep(TRY_AGAIN_MS);
      }
    }
    return undefined;
  }

  async #follow(client: ChaosClient): Promise<void> {
    while (!this.#off.signal.aborted) {
      try {
        const { items, version } = await client.list();
        for (const run of items) this.#see(run);
        for await (const run of client.watch(version, this.#off.signal)) this.#see(run);
      } catch (error) {
        if (!isOutage(error)) throw error;
        await sleep(TRY_AGAIN_MS);
      }
    }
  }

  #see(run: AnalysisRun): void {
    this.#witness.see(run);
    this.#note(run);
  }

  #note(run: AnalysisRun): void {
    const { name } = run.metadata;
    const before = this.#live.get(name);
    const recorded = (run.status?.metricResults ?? []).reduce(
      (sum, { count = 0, error = 0 }) => sum + count + error,
      0,
    );
    // Answers overtake each other: one that ended does not live again.
    const hasEnded = this.#witness.isCompleted(name);
    if (hasEnded) this.#live.delete(name);
    else this.#live.set(name, Math.max(before ?? 0, recorded));
    const isNews = hasEnded ? before !== undefined : recorded > (before ?? 0);
    if (isNews) for (const resumption of this.#resumptions) resumption.saw(name);
  }

  async #noting(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#failure ??= error;
    }
  }
}

/** What clients meet when a process dies, Redis is away, or what they watched has moved on without them. */
function isOutage(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status === 503 || error.status === 410;
  return isBrokenConnection(error);
}
