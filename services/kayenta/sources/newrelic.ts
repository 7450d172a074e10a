import { expandCustomFilter } from '../custom-filter.ts';
import { KayentaError } from '../kayenta-error.ts';
import {
  baseUrl,
  type MetricsSource,
  parseJson,
  type SourceRequest,
  textOf,
  windowOf,
  withQuery,
} from './metrics-source.ts';
import { extraParams, locationKeyOf, scopeKeyOf } from './scope-keys.ts';

const DEFAULT_URL = 'https://insights-api.newrelic.com';

interface Bucket {
  readonly beginTimeSeconds: number;
  readonly inspectedCount?: number | null;
  readonly results?: readonly Readonly<Record<string, unknown>>[];
}
interface Answer {
  readonly metadata?: { readonly beginTimeMillis?: number; readonly endTimeMillis?: number };
  readonly timeSeries?: readonly Bucket[];
}

export const newrelic: MetricsSource = {
  type: 'newrelic',

  buildQuery(request) {
    const { query, scope, templates } = request;
    const { start, end } = windowOf(scope);
    const startSeconds = Math.floor(start.epochMs / 1000);
    const endSeconds = Math.floor(end.epochMs / 1000);
    const custom = expandCustomFilter(query, templates, {
      scope: {
        scope: scope.scope,
        location: scope.location,
        step: scope.stepSeconds,
        startEpochSeconds: startSeconds,
        endEpochSeconds: endSeconds,
      },
      extended: scope.extendedScopeParams,
    });
    if (custom) return custom;
    const select = textOf(query, 'select') ?? '';
    const words = /^select\s/i.test(select) ? select : `SELECT ${select}`;
    const resolution = scope.stepSeconds === 0 ? 'MAX' : `${scope.stepSeconds} seconds`;
    return `${words} TIMESERIES ${resolution} SINCE ${startSeconds} UNTIL ${endSeconds} WHERE ${conditions(request).join(' AND ')}`;
  },

  buildRequest({ account }, query) {
    const path = `/v1/accounts/${encodeURIComponent(String(account['applicationKey'] ?? ''))}/query`;
    return {
      method: 'GET',
      url: withQuery(`${baseUrl(account, DEFAULT_URL)}${path}`, { nrql: query }),
      headers: { 'x-query-key': String(account['apiKey'] ?? ''), accept: 'application/json' },
    };
  },

  readAnswer(body, { scope }, query) {
    const { metadata, timeSeries = [] } = parseJson(body, 'New Relic') as Answer;
    return [
      {
        tags: {},
        startTimeMillis: metadata?.beginTimeMillis ?? 0,
        endTimeMillis: metadata?.endTimeMillis ?? 0,
        stepMillis: scope.stepSeconds > 0 ? scope.stepSeconds * 1000 : stepOf(timeSeries),
        values: timeSeries.map(pointValue),
        attributes: { query },
      },
    ];
  },
};

function conditions({ query, scope, account }: SourceRequest): readonly string[] {
  const scopeKey = scopeKeyOf(scope, account);
  if (scopeKey === undefined)
    throw new KayentaError(
      'The NewRelic account must define a default scope key or it must be supplied in the extendedScopeParams in the `_scope_key` key',
    );
  const locationKey = locationKeyOf(scope, account);
  const filter = textOf(query, 'q');
  return [
    ...(filter === undefined ? [] : [filter]),
    ...extraParams(scope).map(([name, value]) => `${name} LIKE '${value}'`),
    `${scopeKey} LIKE '${scope.scope ?? ''}'`,
    ...(locationKey !== undefined && scope.location ? [`${locationKey} LIKE '${scope.location}'`] : []),
  ];
}

function stepOf(buckets: readonly Bucket[]): number {
  const first = buckets[0]?.beginTimeSeconds;
  const next = buckets.find(({ beginTimeSeconds }) => beginTimeSeconds !== first)?.beginTimeSeconds;
  return first === undefined || next === undefined ? 0 : (next - first) * 1000;
}

/** The first value of the first result; `score` where it is an Apdex, whose parts Kayenta picks by hash order. */
function pointValue({ inspectedCount, results = [] }: Bucket): number {
  if (!inspectedCount) return Number.NaN;
  const value = Object.values(results[0] ?? {})[0];
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return Number.NaN;
  const inner = 'score' in value ? value.score : Object.values(value)[0];
  return typeof inner === 'number' ? inner : Number.NaN;
}
