import { withoutPassword } from '../../config/without-password.ts';
import { KayentaError } from '../kayenta-error.ts';
import {
  baseUrl,
  type MetricsSource,
  type PlainSet,
  parseJson,
  placeholder,
  type Scope,
  textOf,
  windowOf,
  withQuery,
} from './metrics-source.ts';

interface Chunk {
  readonly type: string;
  readonly id?: string;
  readonly message?: string;
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly groupByKeys?: readonly string[];
  readonly data?: { readonly values?: readonly (number | string)[] };
}

export const atlas: MetricsSource = {
  type: 'atlas',

  buildQuery({ query, scope }) {
    return `${textOf(query, 'q')},:list,(,${scopeQuery(scope)},:cq,),:each`;
  },

  buildRequest({ account, scope }, query) {
    const { start, end } = windowOf(scope);
    const parameters = { q: query, s: start.epochMs, e: end.epochMs, step: `PT${durationOf(scope.stepSeconds)}` };
    return { method: 'GET', url: withQuery(`${baseUrl(account)}/api/v2/fetch`, parameters) };
  },

  readAnswer(body, { scope, account }, query) {
    const chunks = body
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => parseJson(line.slice(5), 'Atlas') as Chunk);
    const failure = chunks.find(({ type }) => type === 'error');
    if (failure !== undefined) {
      const message = failure.message ?? '';
      throw new KayentaError(`Atlas query failed: ${message}`, {
        retryable: !message.includes('IllegalStateException'),
      });
    }
    if (chunks.at(-1)?.type !== 'close')
      throw new KayentaError("Atlas response did not end in a 'close', we cannot guarantee all data was received.", {
        retryable: true,
      });
    const attributes = { query, baseURL: withoutPassword(baseUrl(account)) };
    const series = Map.groupBy(
      chunks.filter(({ type }) => type === 'timeseries'),
      ({ id }) => id,
    );
    if (series.size === 0) return [placeholder(scope, attributes)];
    return [...series.values()].map((parts) => joinChunks(parts, attributes));
  },
};

function scopeQuery({ scope = '', extendedScopeParams }: Scope): string {
  const type = extendedScopeParams['type'] ?? 'cluster';
  switch (type) {
    case 'cluster':
      return `nf.cluster,${scope},:eq`;
    case 'asg':
      return `nf.asg,${scope},:eq`;
    case 'query':
      return scope;
    default:
      throw new KayentaError(`Scope type '${type}' is unknown: scope=${scope}`);
  }
}

/** One series arrives in pieces: they are joined by time, and what is missing between them is NaN. */
function joinChunks(parts: readonly Chunk[], attributes: Readonly<Record<string, string>>): PlainSet {
  const ordered = parts.toSorted((left, right) => (left.start ?? 0) - (right.start ?? 0));
  const first = ordered[0];
  const stepMillis = first?.step ?? 0;
  const values: number[] = [];
  let nextStart: number | undefined;
  for (const { start = 0, end = 0, data } of ordered) {
    for (let time = nextStart ?? start; time < start && stepMillis > 0; time += stepMillis) values.push(Number.NaN);
    for (const value of data?.values ?? []) values.push(Number(value));
    nextStart = end;
  }
  const grouped = first?.groupByKeys ?? [];
  return {
    tags: Object.fromEntries(Object.entries(first?.tags ?? {}).filter(([name]) => grouped.includes(name))),
    startTimeMillis: first?.start ?? 0,
    endTimeMillis: ordered.at(-1)?.end ?? 0,
    stepMillis,
    values,
    attributes,
  };
}

function durationOf(stepSeconds: number): string {
  if (stepSeconds % 3600 === 0 && stepSeconds > 0) return `${stepSeconds / 3600}H`;
  return stepSeconds % 60 === 0 && stepSeconds > 0 ? `${stepSeconds / 60}M` : `${stepSeconds}S`;
}

/** One entry of Atlas's list of backends. */
export interface AtlasBackend {
  readonly target: string;
  readonly cname: string;
  readonly deployment: string;
  readonly dataset: string;
  readonly environments?: readonly string[] | null;
  readonly regions?: readonly string[] | null;
}

/** The backend for a location: one whose rendered `target` is the location; undefined when none is. */
export function atlasBackendUrl(
  backends: readonly AtlasBackend[],
  location: string,
  scheme = 'https',
): string | undefined {
  for (const backend of backends)
    for (const region of backend.regions ?? [''])
      for (const environment of backend.environments ?? ['']) {
        const values: Readonly<Record<string, string>> = {
          region,
          environment,
          env: environment,
          dataset: backend.dataset,
          deployment: backend.deployment,
        };
        const render = (text: string) => text.replace(/\$\((\w+)\)/g, (whole, name: string) => values[name] ?? whole);
        if (render(backend.target) === location) return `${scheme}://${render(backend.cname)}`;
      }
  return undefined;
}
