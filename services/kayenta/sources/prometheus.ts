import { expandCustomFilter } from '../custom-filter.ts';
import { formatInstant } from '../java-values.ts';
import { KayentaError } from '../kayenta-error.ts';
import {
  baseUrl,
  listOf,
  type MetricsAccount,
  type MetricsSource,
  type PlainSet,
  parseJson,
  placeholder,
  type SourceRequest,
  textOf,
  windowOf,
  withQuery,
} from './metrics-source.ts';

const WHOLE_QUERY = 'PromQL:';
const DEFAULT_SCOPE_LABEL = 'instance';

interface Matrix {
  readonly data?: {
    readonly result?: readonly {
      readonly metric?: Readonly<Record<string, string>>;
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

export const prometheus: MetricsSource = {
  type: 'prometheus',

  buildQuery(request) {
    const { query, scope, templates } = request;
    const resourceType = textOf(query, 'resourceType') ?? scope.extendedScopeParams['resourceType'];
    const custom = expandCustomFilter(query, templates, {
      scope: {
        project: scope.extendedScopeParams['project'],
        resourceType,
        scope: scope.scope,
        location: scope.location,
      },
      query: { resourceType: query['resourceType'] },
      extended: scope.extendedScopeParams,
    });
    if (custom?.startsWith(WHOLE_QUERY)) return custom.slice(WHOLE_QUERY.length);
    const metricName = textOf(query, 'metricName');
    if (metricName === undefined) throw new KayentaError('Metric Name is required when query type is Default.');
    const bindings = listOf(query, 'labelBindings');
    const filters = custom
      ? [...custom.replace(/,+$/, '').split(','), ...bindings]
      : [...bindings, ...resourceFilters(resourceType, request)];
    const groups = listOf(query, 'groupByFields');
    return `avg(${metricName}{${filters.join(',')}})${groups.length > 0 ? ` by (${groups.join(',')})` : ''}`;
  },

  buildRequest({ account, scope }, query) {
    const { start, end } = windowOf(scope);
    const parameters = { query, start: formatInstant(start), end: formatInstant(end), step: scope.stepSeconds };
    const url = withQuery(`${baseUrl(account)}/api/v1/query_range`, parameters);
    return { method: 'GET', url, headers: authorization(account) };
  },

  readAnswer(body, { scope }, query) {
    const results = (parseJson(body, 'Prometheus') as Matrix).data?.result ?? [];
    if (results.length === 0) return [placeholder(scope, { query })];
    return results.map(({ metric = {}, values = [] }): PlainSet => {
      const { __name__: _, ...tags } = metric;
      const seconds = values.map(([time]) => time);
      const startTimeMillis = Math.trunc((seconds[0] ?? 0) * 1000);
      // Gaps are not filled: points close up, as in Kayenta, whose scores depend on it.
      const stepMillis = seconds.length < 2 ? 0 : Math.trunc((seconds[1] ?? 0) - (seconds[0] ?? 0)) * 1000;
      return {
        tags,
        startTimeMillis,
        endTimeMillis: startTimeMillis + values.length * stepMillis,
        stepMillis,
        values: values.map(([, text]) => sample(text)),
        attributes: { query },
      };
    });
  },

  // Prometheus says what is wrong (a step of 0, an end before its start); Kayenta shows the status alone.
  describeFailure({ status, statusText, body }) {
    let error: unknown;
    try {
      error = (JSON.parse(body) as { error?: unknown }).error;
    } catch {
      return undefined;
    }
    return typeof error === 'string' ? `${status} ${statusText} from Prometheus: ${error}` : undefined;
  },

  metadata: {
    buildRequest: (account) => ({
      method: 'GET',
      url: `${baseUrl(account)}/api/v1/label/__name__/values`,
      headers: authorization(account),
    }),
    readAnswer: (body) => {
      const { data = [] } = parseJson(body, 'Prometheus') as { data?: readonly string[] };
      return data.map((name) => ({ name }));
    },
  },
};

function resourceFilters(resourceType: string | undefined, { scope, account }: SourceRequest): readonly string[] {
  const { location, extendedScopeParams } = scope;
  switch (resourceType || undefined) {
    case 'gce_instance': {
      const scopeLabel = (account['scopeLabel'] as string | undefined) ?? DEFAULT_SCOPE_LABEL;
      const project = extendedScopeParams['project'] ? `projects/${extendedScopeParams['project']}/` : '';
      return [
        ...(scope.scope ? [`${scopeLabel}=~"${scope.scope}-.{4}"`] : []),
        `zone=~".+/${project}zones/${required(location, resourceType)}-.{1}"`,
      ];
    }
    case 'aws_ec2_instance':
      return [
        ...(scope.scope ? [`asg_groupName="${scope.scope}"`] : []),
        `zone=~"${required(location, resourceType)}.{1}"`,
      ];
    case undefined:
      throw new KayentaError('Either a resource type or a custom filter is required.');
    default:
      throw new KayentaError(
        `There is no explicit support for resourceType '${resourceType}'. You may build whatever query makes sense for your environment via label bindings and custom filter templates.`,
      );
  }
}

function required(location: string | undefined, resourceType: string | undefined): string {
  if (location) return location;
  throw new KayentaError(`Location (i.e. region) is required when resourceType is '${resourceType}'.`);
}

/** A file's `user:password` wins over a bearer token, that over user and password. Sent up front, where Kayenta waits for a challenge. */
export function authorization(account: MetricsAccount): Readonly<Record<string, string>> {
  const { usernamePassword, bearerToken, username, password } = account as {
    usernamePassword?: string;
    bearerToken?: string;
    username?: string;
    password?: string;
  };
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
  if (usernamePassword) return basic(usernamePassword.trim());
  if (bearerToken) return { authorization: `Bearer ${bearerToken}` };
  return username ? basic(`${username}:${password ?? ''}`) : {};
}

function sample(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
