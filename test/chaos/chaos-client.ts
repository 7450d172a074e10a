import type { AnalysisRun } from '../../services/domain/run.ts';

const PATH = '/apis/argoproj.io/v1alpha1/namespaces/chaos/analysisruns';

/** The calls chaos makes. All of them reject when the server dies meanwhile. */
export class ChaosClient {
  readonly #url: string;

  constructor(server: string) {
    this.#url = server + PATH;
  }

  /** Created, or found when an earlier call that was cut off had created it. */
  async create(run: object & { readonly metadata?: unknown }, name: string): Promise<AnalysisRun> {
    const answer = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(run),
    });
    if (answer.status === 409) return this.#read(await fetch(`${this.#url}/${name}`));
    return this.#read(answer);
  }

  async list(): Promise<{ readonly items: readonly AnalysisRun[]; readonly version: string }> {
    const items: AnalysisRun[] = [];
    let next = '';
    for (;;) {
      const page = await this.#read<RunList>(
        await fetch(`${this.#url}?limit=100&continue=${encodeURIComponent(next)}`),
      );
      items.push(...page.items);
      next = page.metadata.continue ?? '';
      if (next === '') return { items, version: page.metadata.resourceVersion };
    }
  }

  /** Every change after a version, until the server dies or the signal aborts. */
  async *watch(version: string, signal: AbortSignal): AsyncGenerator<AnalysisRun> {
    const answer = await fetch(`${this.#url}?watch=true&resourceVersion=${version}`, { signal });
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: AnalysisRun };
        if (type === 'ERROR') throw new RefusedError(`the watch said ${line}`);
        yield object;
      }
    }
  }

  async #read<Body = AnalysisRun>(answer: Response): Promise<Body> {
    const text = await answer.text();
    if (!answer.ok) throw new RefusedError(`${answer.status} ${text}`);
    return JSON.parse(text) as Body;
  }
}

interface RunList {
  readonly items: readonly AnalysisRun[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** The server lived and said no. */
export class RefusedError extends Error {}
