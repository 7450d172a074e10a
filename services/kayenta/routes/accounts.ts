import type { RouteOptions } from 'fastify';
import { doubleToJson } from '../../domain/json-double.ts';
import { presentAccount } from '../accounts.ts';
import { newDocument } from '../documents.ts';
import { parseScope } from '../execution-request.ts';
import { isObject } from '../json-object.ts';
import { metricNameReader } from '../metric-names.ts';
import { metricsSources } from '../sources/index.ts';
import { fetchMetricSets, type MetricsSource, type SourceRequest } from '../sources/metrics-source.ts';
import { type KayentaDeps, type KayentaRequest, member, route } from './route.ts';

const ACCOUNT = {
  name: 'prod',
  type: 'prometheus',
  supportedTypes: ['METRICS_STORE'],
  locations: [],
  recommendedLocations: [],
};

export function accountRoutes(deps: KayentaDeps): readonly RouteOptions[] {
  const metricNames = metricNameReader(deps);
  return [
    route(
      'GET',
      '/credentials',
      { operationId: 'listCredentials', summary: 'Accounts, without their secrets', example: [ACCOUNT] },
      async () => ({
        body: deps.accounts.all.map(presentAccount),
      }),
    ),
    route(
      'GET',
      '/metricsServices',
      { operationId: 'listMetricsServices', summary: 'Accounts that metrics can be read from', example: [ACCOUNT] },
      async () => ({
        body: deps.accounts.all
          .filter(({ supportedTypes }) => supportedTypes.includes('METRICS_STORE'))
          .map(({ name, type, ...rest }) => ({
            name,
            type,
            locations: rest['locations'] ?? [],
            recommendedLocations: rest['recommendedLocations'] ?? [],
          })),
      }),
    ),
    route(
      'GET',
      '/metadata/metricsService',
      {
        operationId: 'listMetricNames',
        summary: 'Metric names that hold a text, for completion',
        parameters: {
          metricsAccountName: 'Account to ask.',
          filter: 'Text that the name must hold, whatever the case.',
        },
        example: [{ name: 'http_requests_total' }],
      },
      async ({ query }) => {
        const account = deps.accounts.resolve(query.text('metricsAccountName'), 'METRICS_STORE');
        return { body: await metricNames(account, query.text('filter') ?? '') };
      },
    ),
    ...[...metricsSources.values()].filter(({ type }) => type !== 'signalfx').map((source) => fetchRoute(deps, source)),
  ];
}

/** `POST /fetch/{source}/query`: to try a query out. Parameters are named as each source's query and scope are. */
function fetchRoute(deps: KayentaDeps, source: MetricsSource): RouteOptions {
  return route(
    'POST',
    `/fetch/${source.type}/query`,
    {
      operationId: `fetch${source.type[0]?.toUpperCase()}${source.type.slice(1)}`,
      summary: `Read metrics from ${source.type}, or only show the query`,
      parameters: {
        metricsAccountName: 'Account to read from.',
        storageAccountName: 'Account to keep the answer in.',
        metricSetName: 'Name of the metric set.',
        dryRun: 'true: only show the query.',
      },
      example: { metricSetListId: '0b9f0f3e-6d3b-4c7e-9a41-0c1f0f1f7a52' },
    },
    async (request) => {
      deps.accounts.resolve(request.query.text('storageAccountName'), 'OBJECT_STORE');
      const asked = await sourceRequest(deps, source, request);
      if (request.query.flag('dryRun')) return { body: { query: source.buildQuery(asked) } };
      const sets = await fetchMetricSets(source, asked, deps.http);
      const id = deps.randomUuid();
      const content = sets.map((set) => ({ ...set, values: Array.from(set.values, doubleToJson) }));
      await deps.store.create(newDocument('MetricSetList', id, { content, updatedTimestamp: deps.clock.now() }));
      return { body: { metricSetListId: id } };
    },
  );
}

const LISTS = ['labelBindings', 'groupByFields', 'fields'];
const TEXTS = ['metricName', 'metricType', 'resourceType', 'aggregate', 'q', 'crossSeriesReducer', 'perSeriesAligner'];
const STEP_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

async function sourceRequest(
  deps: KayentaDeps,
  source: MetricsSource,
  request: KayentaRequest,
): Promise<SourceRequest> {
  const { query } = request;
  const account = deps.accounts.resolve(query.text('metricsAccountName'), 'METRICS_STORE');
  const body = request.bytes === undefined || request.bytes.length === 0 ? {} : await request.json();
  const metric = member(body, 'canaryMetricConfig');
  const texts = Object.fromEntries(
    TEXTS.flatMap((name) => (query.text(name) === undefined ? [] : [[name, query.text(name)]])),
  );
  const lists = Object.fromEntries(
    LISTS.flatMap((name) => (query.list(name).length === 0 ? [] : [[name, repeated(query, name)]])),
  );
  const custom = query.text('customFilter');
  const summarization = query.text('[MEAN, MEDIAN, MIN, MAX, SUM, COUNT, FIRST, LAST]') ?? 'MEAN';
  const ownQuery = isObject(metric) && isObject(metric['query']) ? metric['query'] : undefined;
  const params = {
    ...(source.type === 'stackdriver' && isObject(body) ? body : {}),
    ...(isObject(member(body, 'extendedScopeParams')) ? (member(body, 'extendedScopeParams') as object) : {}),
    ...(query.text('project') === undefined ? {} : { project: query.text('project') }),
    ...(source.type === 'atlas' && query.text('type') !== undefined ? { type: query.text('type') } : {}),
  };
  const step = query.text('step') ?? '0';
  return {
    metricName: query.text('metricSetName') ?? String(member(metric, 'name') ?? 'metric'),
    account,
    query: ownQuery ?? {
      ...texts,
      ...lists,
      ...(custom === undefined ? {} : { customInlineTemplate: custom }),
      ...(source.type === 'wavefront' ? { summarization } : {}),
    },
    scope: parseScope(
      {
        scope: query.text('scope'),
        location: query.text('location'),
        start: query.text('start') ?? query.text('startTimeIso'),
        end: query.text('end') ?? query.text('endTimeIso'),
        step: STEP_UNITS[step] ?? step,
        extendedScopeParams: params,
      },
      'query',
    ),
  };
}

/** A label binding may hold a comma inside quotes: only what was sent several times is several. */
function repeated(query: KayentaRequest['query'], name: string): readonly string[] {
  const list = query.list(name);
  return list.some((item) => (item.match(/"/g)?.length ?? 0) % 2 === 1) ? [list.join(',')] : list;
}
