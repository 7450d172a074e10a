import { expandCustomFilter } from '../custom-filter.ts';
import { KayentaError } from '../kayenta-error.ts';
import {
  baseUrl,
  type MetricsSource,
  type QueryConfig,
  type SourceRequest,
  textOf,
  windowOf,
  withQuery,
} from './metrics-source.ts';
import { extraParams, locationKeyOf, scopeKeyOf } from './scope-keys.ts';

const DEFAULT_URL = 'https://stream.signalfx.com';
const MAX_DELAY_MS = 0;

interface QueryPair {
  readonly key: string;
  readonly value: string;
}

export const signalfx: MetricsSource = {
  type: 'signalfx',

  buildQuery(request) {
    const { query, scope, templates } = request;
    const custom = expandCustomFilter(query, templates, {
      scope: { scope: scope.scope, location: scope.location },
      extended: scope.extendedScopeParams,
    });
    return custom || composeProgram(request);
  },

  buildRequest({ account, scope }, query) {
    const { start, end } = windowOf(scope);
    const parameters = {
      start: start.epochMs,
      stop: end.epochMs,
      resolution: scope.stepSeconds * 1000,
      maxDelay: MAX_DELAY_MS,
      immediate: 'true',
    };
    return {
      method: 'POST',
      asksOnly: true,
      url: withQuery(`${baseUrl(account, DEFAULT_URL)}/v2/signalflow/execute`, parameters),
      headers: { 'x-sf-token': String(account['accessToken'] ?? ''), 'content-type': 'text/plain' },
      body: query,
    };
  },

  readAnswer(body, { scope, account, query: config }, query) {
    const { start, end } = windowOf(scope);
    const messages = readEvents(body);
    const failure = messages.find(({ event }) => event === 'error');
    if (failure !== undefined) {
      const { errorType, message } = failure.data as { errorType?: string; message?: string };
      throw new KayentaError(
        `An error occurred while executing the Signal Flow program. account: ${account.name} program: ${query} errorType: ${errorType} message: ${message}`,
      );
    }
    const points = messages.filter(({ event }) => event === 'data').map(({ data }) => data as DataMessage);
    const stepMillis = scope.stepSeconds * 1000;
    return [
      {
        tags: Object.fromEntries(pairsOf(config).map(({ key, value }) => [key, value])),
        startTimeMillis: start.epochMs,
        endTimeMillis: end.epochMs,
        stepMillis,
        values: points.map(pointValue),
        attributes: {
          'signal-flow-program': query,
          'actual-data-point-count': String(points.length),
          'requested-start': String(start.epochMs),
          'requested-end': String(end.epochMs),
          'requested-step-milli': String(stepMillis),
          'requested-max-delay': String(MAX_DELAY_MS),
          'requested-immediate': 'true',
          'requested-account': account.name,
          'actual-start-ts': String(points[0]?.logicalTimestampMs ?? ''),
          'actual-end-ts': String(points.at(-1)?.logicalTimestampMs ?? ''),
        },
      },
    ];
  },

  describeFailure: ({ status, body }, query) =>
    `An error occurred when trying to execute a SignalFlow program with program=${query}: ${status} ${body}`,
};

interface DataMessage {
  readonly data?: readonly { readonly value: number | null }[];
  readonly logicalTimestampMs?: number;
}

function pointValue({ data = [] }: DataMessage): number {
  if (data.length > 1)
    throw new KayentaError(
      'The SignalFlow program gives more than one value in a step: add an aggregation such as .mean()',
    );
  return data[0]?.value ?? Number.NaN;
}

function composeProgram({ query, scope, account }: SourceRequest): string {
  const scopeKey = scopeKeyOf(scope, account);
  if (scopeKey === undefined)
    throw new KayentaError(`Failed to generate SignalFx SignalFlow program: ${MISSING_SCOPE_KEY}`);
  const locationKey = scope.location ? locationKeyOf(scope, account) : undefined;
  const extra = extraParams(scope);
  const filters = [
    ...pairsOf(query).map(({ key, value }) => filterOf(key, value)),
    filterOf(scopeKey, scope.scope ?? ''),
    ...(locationKey === undefined ? [] : [filterOf(locationKey, scope.location ?? '')]),
    ...extra.map(([key, value]) => filterOf(key, value)),
  ];
  const groups = [...extra.map(([key]) => key), ...(locationKey === undefined ? [] : [locationKey]), scopeKey];
  const aggregation = textOf(query, 'aggregationMethod') ?? 'mean';
  const by = groups.map((key) => `'${key}'`).join(', ');
  return `data('${textOf(query, 'metricName')}', filter=${filters.join(' and ')}).${aggregation}(by=[${by}]).publish()`;
}

const MISSING_SCOPE_KEY =
  'The SignalFx account must define a default scope key or it must be supplied in the extendedScopeParams in the `_scope_key` key';

function filterOf(key: string, value: string): string {
  const values = value.includes(',')
    ? value
        .split(',')
        .map((part) => `'${part}'`)
        .join(',')
    : `'${value}'`;
  return key.startsWith('!') ? `(not filter('${key.slice(1)}', ${values}))` : `filter('${key}', ${values})`;
}

const pairsOf = (query: QueryConfig): readonly QueryPair[] =>
  (query['queryPairs'] as readonly QueryPair[] | undefined) ?? [];

/** A text event stream; an event's data may run over several lines. */
function readEvents(body: string): readonly { readonly event: string; readonly data: unknown }[] {
  return body.split(/\r?\n\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const event = lines
      .find((line) => line.startsWith('event:'))
      ?.slice(6)
      .trim();
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5));
    if (event === undefined || data.length === 0) return [];
    try {
      return [{ event, data: JSON.parse(data.join('\n')) as unknown }];
    } catch (error) {
      throw new KayentaError('SignalFx sent an event that is not JSON: the stream broke off', {
        retryable: true,
        cause: error,
      });
    }
  });
}
