import { expandCustomFilter } from '../custom-filter.ts';
import {
  alignToSteps,
  baseUrl,
  type MetricsAccount,
  type MetricsSource,
  parseJson,
  placeholder,
  textOf,
  windowOf,
  withQuery,
} from './metrics-source.ts';

const DEFAULT_URL = 'https://app.datadoghq.com';
/** Whatever the scope's step is: Datadog's answers carry their own. */
const PLACEHOLDER_STEP_MS = 1000;
const METADATA_LOOKBACK_SECONDS = 3600;

interface Answer {
  readonly series?: readonly {
    readonly start: number;
    readonly end: number;
    readonly interval: number;
    readonly pointlist?: readonly (readonly [number, number | null])[];
  }[];
}

export const datadog: MetricsSource = {
  type: 'datadog',

  buildQuery({ query, scope, templates }) {
    const custom = expandCustomFilter(query, templates, {
      scope: { scope: scope.scope, location: scope.location },
      extended: scope.extendedScopeParams,
    });
    return custom || `${textOf(query, 'metricName')}{${scope.scope ?? ''}}`;
  },

  buildRequest({ account, scope }, query) {
    const { start, end } = windowOf(scope);
    const parameters = { from: Math.floor(start.epochMs / 1000), to: Math.floor(end.epochMs / 1000), query };
    return {
      method: 'GET',
      url: withQuery(`${baseUrl(account, DEFAULT_URL)}/api/v1/query`, parameters),
      headers: keys(account),
    };
  },

  readAnswer(body, { scope }, query) {
    const { series = [] } = parseJson(body, 'Datadog') as Answer;
    if (series.length === 0) return [placeholder(scope, { query }, PLACEHOLDER_STEP_MS)];
    return series.map(({ start, end, interval, pointlist = [] }) => ({
      tags: {},
      startTimeMillis: start,
      endTimeMillis: end,
      stepMillis: interval * 1000,
      values: alignToSteps(pointlist, start, end, interval * 1000),
      attributes: { query },
    }));
  },

  metadata: {
    buildRequest: (account, _filter, nowMs) => ({
      method: 'GET',
      url: withQuery(`${baseUrl(account, DEFAULT_URL)}/api/v1/metrics`, {
        from: Math.floor(nowMs / 1000) - METADATA_LOOKBACK_SECONDS,
      }),
      headers: keys(account),
    }),
    readAnswer: (body) => {
      const { metrics = [] } = parseJson(body, 'Datadog') as { metrics?: readonly string[] };
      return metrics.map((name) => ({ name }));
    },
  },
};

const keys = (account: MetricsAccount): Readonly<Record<string, string>> => ({
  'dd-api-key': String(account['apiKey'] ?? ''),
  'dd-application-key': String(account['applicationKey'] ?? ''),
});
