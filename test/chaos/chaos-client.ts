import type { AnalysisRun } from '../../services/domain/run.ts';

const PATH = '/apis/argoproj.io/v1alpha1/namespaces/chaos/analysisruns';

/** A server that has not answered by then does not. */
const ANSWERS_WITHIN_MS = 30_000;

/** The calls chaos makes. All of them reject when the server dies meanwhile. */
export class ChaosClient {
  readonly #url: string;

  constructor(server: string) {
    this.#url = server + PATH;
  }

  /** Created, or found when an earlier call that was cut off had created it. */
  async create(run: object & { readonly metadata?: unknown }, name: string): Promise<AnalysisRun> {
    const answer = await this.#ask('', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(run),
    });
    if (answer.status === 409) return this.#read(await this.#ask(`/${name}`));
    return this.#read(answer);
  }

  async list(): Promise<{ readonly items: readonly AnalysisRun[]; readonly version: string }> {
    const items: AnalysisRun[] = [];
    let next = '';
    for (;;) {
      const page = await this.#read<RunList>(await this.#ask(`?limit=100&continue=${encodeURIComponent(next)}`));
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
        if (type === 'ERROR')
          throw new RefusedError((object as unknown as { code: number }).code, `the watch said ${line}`);
        yield object;
      }
    }
  }

  #ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  }

  async #read<Body = AnalysisRun>(answer: Response): Promise<Body> {
    const text = await answer.text();
    if (!answer.ok) throw new RefusedError(answer.status, `${answer.status} ${text}`);
    return JSON.parse(text) as Body;
  }
}

interface RunList {
  readonly items: readonly AnalysisRun[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** The server lived and said no. */
export class RefusedError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Nobody answered, or who answered died meanwhile. */
export function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || error.message === 'fetch failed' || error.message === 'terminated';
}
