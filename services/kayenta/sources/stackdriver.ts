import { expandCustomFilter } from '../custom-filter.ts';
import { formatInstant, parseInstant } from '../java-values.ts';
import { KayentaError } from '../kayenta-error.ts';
import {
  baseUrl,
  listOf,
  type MetricsSource,
  type PlainSet,
  parseJson,
  placeholder,
  type SourceRequest,
  textOf,
  windowOf,
} from './metrics-source.ts';

const DEFAULT_URL = 'https://monitoring.googleapis.com';

/** The resource labels that a scope may name, in the order in which Kayenta appends them. */
const RESOURCE_LABELS: Readonly<Record<string, readonly string[]>> = {
  k8s_container: ['location', 'node_name', 'cluster_name', 'pod_name', 'container_name', 'namespace_name'],
  k8s_pod: ['location', 'node_name', 'cluster_name', 'pod_name', 'container_name', 'namespace_name'],
  k8s_node: ['location', 'node_name', 'cluster_name', 'pod_name', 'container_name', 'namespace_name'],
  gke_container: ['cluster_name', 'namespace_id', 'instance_id', 'pod_id', 'container_name', 'zone'],
};

interface Point {
  readonly interval: { readonly startTime?: string; readonly endTime?: string };
  readonly value: { readonly doubleValue?: number; readonly int64Value?: string | number };
}
interface Answer {
  readonly timeSeries?: readonly {
    readonly metric?: { readonly labels?: Readonly<Record<string, string>> };
    readonly resource?: { readonly labels?: Readonly<Record<string, string>> };
    readonly valueType?: string;
    readonly points?: readonly Point[];
  }[];
}

/** Google Cloud Monitoring, formerly Stackdriver. The caller adds the account's access token to the request. */
export const stackdriver: MetricsSource = {
  type: 'stackdriver',

  buildQuery(request) {
    const { query, scope, templates } = request;
    const params = scope.extendedScopeParams;
    const resourceType = textOf(query, 'resourceType') ?? params['resourceType'];
    if (!resourceType) throw new KayentaError('Resource type is required.');
    const custom = expandCustomFilter(query, templates, {
      scope: { project: params['project'], resourceType, scope: scope.scope, location: scope.location },
      query: { resourceType: query['resourceType'] },
      extended: params,
    });
    const base = `metric.type="${textOf(query, 'metricType')}" AND resource.type=${resourceType}`;
    return [base, ...(custom ? [custom] : resourceFilters(resourceType, request))].join(' AND ');
  },

  buildRequest({ account, scope, query: config }, query) {
    const { start, end } = windowOf(scope);
    const { crossSeriesReducer, perSeriesAligner } = aggregationOf(config, scope.extendedScopeParams);
    const parameters = new URLSearchParams({
      filter: query,
      'interval.startTime': formatInstant(start),
      'interval.endTime': formatInstant(end),
      'aggregation.alignmentPeriod': `${scope.stepSeconds}s`,
      'aggregation.crossSeriesReducer': crossSeriesReducer,
      'aggregation.perSeriesAligner': perSeriesAligner,
    });
    for (const field of listOf(config, 'groupByFields')) parameters.append('aggregation.groupByFields', field);
    const project = encodeURIComponent(String(account['project'] ?? ''));
    const token = account['accessToken'];
    return {
      method: 'GET',
      url: `${baseUrl(account, DEFAULT_URL)}/v3/projects/${project}/timeSeries?${parameters.toString()}`,
      headers: typeof token === 'string' ? { authorization: `Bearer ${token}` } : {},
    };
  },

  readAnswer(body, { scope, query: config }, query) {
    const attributes = { query, ...aggregationOf(config, scope.extendedScopeParams) };
    const { timeSeries = [] } = parseJson(body, 'Google Cloud Monitoring') as Answer;
    if (timeSeries.length === 0) return [placeholder(scope, attributes)];
    return timeSeries.map(({ metric, resource, valueType, points = [] }): PlainSet => {
      const oldestFirst = points.toReversed();
      const { project_id: _, ...resourceLabels } = resource?.labels ?? {};
      return {
        tags: { ...resourceLabels, ...metric?.labels },
        startTimeMillis: parseInstant(oldestFirst[0]?.interval.startTime)?.epochMs ?? 0,
        endTimeMillis: parseInstant(oldestFirst.at(-1)?.interval.endTime)?.epochMs ?? 0,
        stepMillis: scope.stepSeconds * 1000,
        values: valueType === undefined ? [] : oldestFirst.map(({ value }) => pointValue(value, valueType)),
        attributes,
      };
    });
  },
};

function aggregationOf(config: SourceRequest['query'], params: Readonly<Record<string, string>>) {
  return {
    crossSeriesReducer: textOf(config, 'crossSeriesReducer') ?? params['crossSeriesReducer'] ?? 'REDUCE_MEAN',
    perSeriesAligner: textOf(config, 'perSeriesAligner') ?? params['perSeriesAligner'] ?? 'ALIGN_MEAN',
  };
}

const pointValue = (value: Point['value'], valueType: string): number =>
  valueType === 'INT64' ? Number(value.int64Value) : (value.doubleValue ?? Number.NaN);

function resourceFilters(resourceType: string, { scope, account }: SourceRequest): readonly string[] {
  const params = scope.extendedScopeParams;
  const project = `project=${params['project'] ?? account['project']}`;
  const needed = (value: string | undefined, what: string): string => {
    if (value) return value;
    throw new KayentaError(`${what} is required when resourceType is '${resourceType}'.`);
  };
  switch (resourceType) {
    case 'gce_instance':
      return [
        project,
        `metadata.user_labels."spinnaker-region"=${needed(scope.location, 'Location (i.e. region)')}`,
        `metadata.user_labels."spinnaker-server-group"=${needed(scope.scope, 'Scope')}`,
      ];
    case 'aws_ec2_instance':
      return [
        `resource.labels.region="aws:${needed(scope.location, 'Location (i.e. region)')}"`,
        `metadata.user_labels."aws:autoscaling:groupname"=${needed(scope.scope, 'Scope')}`,
      ];
    case 'gae_app':
      return [
        project,
        `resource.labels.version_id=${needed(scope.scope, 'Scope')}`,
        ...(params['service'] ? [`resource.labels.module_id=${params['service']}`] : []),
      ];
    case 'global':
      return [];
    default: {
      const labels = RESOURCE_LABELS[resourceType];
      if (labels === undefined)
        throw new KayentaError(
          `Resource type '${resourceType}' not yet explicitly supported. If you employ a custom filter, you may use any resource type you like.`,
        );
      const userLabels = Object.entries(params).filter(([name]) => name.startsWith('user_labels.'));
      return [
        project,
        ...labels.filter((label) => params[label]).map((label) => `resource.labels.${label}=${params[label]}`),
        ...userLabels.map(([name, value]) => `metadata.user_labels."${name.slice('user_labels.'.length)}"="${value}"`),
      ];
    }
  }
}
