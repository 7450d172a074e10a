import { serverUrl } from '../config/server-url.ts';
import { isCompleted } from '../domain/phase.ts';
import type { Resource } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { type Input, NoVerdictError, textOption, UsageError } from './command.ts';

/** What a refused request says: Kubernetes' Status, shortened. */
export class ServerRefusal extends NoVerdictError {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Answer {
  readonly body: unknown;
  /** What the server wants to be known (`Warning` headers). */
  readonly warnings: readonly string[];
}

/** A client of the resource API of one server. */
export interface Server {
  readonly url: string;
  readonly namespace: string;
  /** Throws ServerRefusal, or NoVerdictError when nobody answers. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The path of objects of a kind, of one when a name is given. */
  pathOf(plural: string, name?: string): string;
  /** Every state of a run from now on, until it is completed. Throws as `request`. */
  follow(name: string, signal: AbortSignal): AsyncIterable<AnalysisRun>;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

const GROUP = '/apis/argoproj.io/v1alpha1';
const CLUSTER_SCOPED = new Set(['clusteranalysistemplates']);

/** The server that the options name, and the namespace: `otherwise` where they name none. Throws UsageError. */
export function serverOf(input: Input, otherwise = 'default'): Server {
  let url: string;
  try {
    url = serverUrl(textOption(input, 'server'));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return connect(url, textOption(input, 'namespace') ?? otherwise);
}

function connect(url: string, namespace: string): Server {
  const server: Server = { url, namespace, pathOf, request, follow };
  return server;

  function pathOf(plural: string, name?: string): string {
    const scope = CLUSTER_SCOPED.has(plural) ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    return `${GROUP}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
  }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await send(method, path, options);
    const text = await response.text();
    if (!response.ok) throw new ServerRefusal(response.status, refusalText(response.status, text));
    return { body: text === '' ? undefined : (JSON.parse(text) as unknown), warnings: warningsOf(response) };
  }

  async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
    const { body, contentType = 'application/json', accept = 'application/json', signal } = options;
    try {
      return await fetch(url + path, {
        method,
        headers: { accept, ...(body !== undefined && { 'content-type': contentType }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const cause = (error as Error).cause;
      const why = cause instanceof Error && cause.message !== '' ? cause.message : (error as Error).message;
      throw new NoVerdictError(
        `no answer from ${url}: ${why}\nstart one with "assay serve", or name another with --server`,
      );
    }
  }

  async function* follow(name: string, signal: AbortSignal): AsyncIterable<AnalysisRun> {
    const path = pathOf('analysisruns');
    for (;;) {
      const { body } = await request('GET', pathOf('analysisruns', name), { signal });
      let run = body as AnalysisRun;
      yield run;
      if (isCompleted(run.status?.phase)) return;
      const query = new URLSearchParams({
        watch: 'true',
        fieldSelector: `metadata.name=${name}`,
        // Between measurements there is silence; fetch gives a body up after five minutes of it, a proxy sooner.
        allowWatchBookmarks: 'true',
        resourceVersion: run.metadata.resourceVersion ?? '',
      });
      for await (const { type, object } of watchEvents(`${path}?${query}`, signal)) {
        if (type === 'ERROR') break;
        if (type === 'DELETED') throw new NoVerdictError(`the run ${name} was deleted`);
        if (type === 'BOOKMARK') continue;
        run = object as AnalysisRun;
        yield run;
        if (isCompleted(run.status?.phase)) return;
      }
      // The watch has ended, as it does now and then: look again from where the run stands.
    }
  }

  async function* watchEvents(path: string, signal: AbortSignal): AsyncIterable<{ type: string; object: Resource }> {
    const response = await send('GET', path, { signal });
    if (!response.ok) throw new ServerRefusal(response.status, refusalText(response.status, await response.text()));
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of untilItBreaksOff(response.body, signal)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as { type: string; object: Resource };
    }
  }
}

/** A connection that is lost ends a watch as well as a server does. Throws only when the signal is aborted. */
async function* untilItBreaksOff(body: Response['body'], signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    if (signal.aborted) throw error;
  }
}

function refusalText(status: number, text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // Not from Assay: a proxy's page says nothing to a reader of one line.
  }
  return `the server answered ${status}`;
}

/** `299 - "text"`, as Kubernetes writes them. */
function warningsOf(response: Response): string[] {
  const header = response.headers.get('warning') ?? '';
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/gu)].map(([, text = '']) =>
    Buffer.from(text.replace(/\\(.)/gu, '$1'), 'latin1').toString('utf8'),
  );
}
