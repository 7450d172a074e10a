import { setTimeout as sleep } from 'node:timers/promises';

export interface SoakShape {
  /** Live at any time. */
  readonly runs: number;
  readonly intervalSeconds: number;
  /** Of each run, until it completes. */
  readonly measurements: number;
}

const CREATE_AT_ONCE = 32;
const TRY_AGAIN_MS = 100;

/** Creates runs at an API process: first as many as live at once, which are of all ages, then as many as complete. */
export class SoakLoad {
  readonly #api: string;
  readonly #source: string;
  readonly #shape: SoakShape;
  readonly #off = new AbortController();
  #created = 0;
  #replacing: Promise<void> = Promise.resolve();

  constructor(api: string, source: string, shape: SoakShape) {
    this.#api = `${api}/apis/argoproj.io/v1alpha1/namespaces/soak/analysisruns`;
    this.#source = source;
    this.#shape = shape;
  }

  get created(): number {
    return this.#created;
  }

  async stored(): Promise<number> {
    const page = (await (await fetch(`${this.#api}?limit=1`)).json()) as {
      readonly items: readonly unknown[];
      readonly metadata: { readonly remainingItemCount?: number };
    };
    return page.items.length + (page.metadata.remainingItemCount ?? 0);
  }

  /** Runs that complete in a second. */
  get perSecond(): number {
    const { runs, intervalSeconds, measurements } = this.#shape;
    return runs / (intervalSeconds * measurements);
  }

  async fill(): Promise<void> {
    const { runs, measurements, intervalSeconds } = this.#shape;
    let next = 0;
    const create = async (): Promise<void> => {
      for (let index = next++; index < runs; index = next++)
        await this.#create(
          1 + (index % measurements),
          Math.floor(((index * 7919) % runs) * ((intervalSeconds * 1000) / runs)),
        );
    };
    await Promise.all(Array.from({ length: CREATE_AT_ONCE }, create));
  }

  start(): void {
    this.#replacing = this.#replace();
  }

  async stop(): Promise<void> {
    this.#off.abort();
    await this.#replacing;
  }

  async #replace(): Promise<void> {
    const beganAt = performance.now();
    const alreadyCreated = this.#created;
    while (!this.#off.signal.aborted) {
      const due = Math.floor(((performance.now() - beganAt) / 1000) * this.perSecond);
      const missing = due - (this.#created - alreadyCreated);
      await Promise.all(
        Array.from({ length: Math.min(missing, CREATE_AT_ONCE) }, () => this.#create(this.#shape.measurements, 0)),
      );
      await sleep(TRY_AGAIN_MS);
    }
  }

  async #create(count: number, delayMs: number): Promise<void> {
    this.#created += 1;
    const body = JSON.stringify(this.#run(this.#created, count, delayMs));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.#api, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`a run was not created: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  #run(number: number, count: number, delayMs: number): object {
    const { intervalSeconds } = this.#shape;
    return {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: `run-${number}` },
      spec: {
        ttlStrategy: { secondsAfterCompletion: intervalSeconds },
        metrics: [
          {
            name: 'is-ok',
            ...(delayMs > 0 && { initialDelay: `${delayMs}ms` }),
            interval: `${intervalSeconds}s`,
            count,
            successCondition: 'result == true',
            // Another question for each run, so that no answer is shared.
            provider: { web: { url: `${this.#source}/?run=${number}`, jsonPath: '{$.ok}' } },
          },
        ],
      },
    };
  }
}
