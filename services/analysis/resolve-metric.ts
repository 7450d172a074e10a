import { goEscape, goJsonString } from '../domain/go-text.ts';
import type { Argument, Metric } from '../domain/template.ts';
import { fillArguments } from './template-text.ts';

/**
 * The metric with its arguments in place, as Argo does it: the whole metric becomes JSON text, values go in as text, and the text is read back. So every
 * string is templated, map keys and plugin configuration included. Throws Error with Argo's text; when several placeholders fail, the last in the order in
 * which Go writes the members is named.
 */
export function resolveMetric(metric: Metric, args: readonly Argument[]): Metric {
  const text = goJson(metric, 'metric');
  const filled = fillArguments(text, args, goEscape);
  return filled === text ? metric : (parseFilled(filled) as Metric);
}

/** The metrics in order; the first that fails ends it. */
export function resolveMetrics(metrics: readonly Metric[], args: readonly Argument[]): readonly Metric[] {
  return metrics.map((metric) => resolveMetric(metric, args));
}

// Values are escaped as in Go source, which knows escapes that JSON does not: Go's JSON reader stops at the first of them.
function parseFilled(text: string): unknown {
  for (const [, letter = ''] of text.matchAll(/\\(.)/gs)) {
    if (!'"\\/bfnrtu'.includes(letter)) throw new Error(`invalid character '${letter}' in string escape code`);
  }
  return JSON.parse(text) as unknown;
}

/**
 * Members in the order of Argo's Go structs (pkg/apis/rollouts/v1alpha1/analysis_types.go); what is not listed follows as it stands. `members` names the
 * order of a nested object.
 */
interface MemberOrder {
  readonly order: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
}

const ORDERS: Readonly<Record<string, MemberOrder>> = {
  metric: {
    order: [
      'name',
      'interval',
      'initialDelay',
      'count',
      'successCondition',
      'failureCondition',
      'failureLimit',
      'inconclusiveLimit',
      'consecutiveErrorLimit',
      'provider',
      'consecutiveSuccessLimit',
    ],
    members: { provider: 'provider' },
  },
  provider: {
    order: [
      'prometheus',
      'kayenta',
      'web',
      'datadog',
      'wavefront',
      'newRelic',
      'job',
      'cloudWatch',
      'graphite',
      'influxdb',
      'skywalking',
      'plugin',
    ],
    members: {
      prometheus: 'prometheus',
      kayenta: 'kayenta',
      web: 'web',
      datadog: 'datadog',
      wavefront: 'addressed',
      newRelic: 'newRelic',
      job: 'job',
      cloudWatch: 'cloudWatch',
      graphite: 'addressed',
      influxdb: 'influxdb',
      skywalking: 'addressed',
    },
  },
  prometheus: {
    order: ['address', 'query', 'authentication', 'timeout', 'insecure', 'headers', 'rangeQuery'],
    members: { authentication: 'authentication', headers: 'header', rangeQuery: 'rangeQuery' },
  },
  authentication: { order: ['sigv4', 'oauth2', 'basicAuth'], members: { sigv4: 'sigv4', oauth2: 'oauth2' } },
  sigv4: { order: ['region', 'profile', 'roleArn'] },
  oauth2: { order: ['tokenUrl', 'clientId', 'clientSecret', 'scopes'] },
  header: { order: ['key', 'value'] },
  rangeQuery: { order: ['start', 'end', 'step'] },
  web: {
    order: ['method', 'url', 'headers', 'body', 'timeoutSeconds', 'jsonPath', 'insecure', 'jsonBody', 'authentication'],
    members: { headers: 'header', authentication: 'authentication' },
  },
  datadog: {
    order: ['interval', 'query', 'queries', 'formula', 'apiVersion', 'aggregator', 'secretRef', 'requestTimeout'],
  },
  addressed: { order: ['address', 'query', 'interval'] },
  newRelic: { order: ['profile', 'query', 'timeout'] },
  influxdb: { order: ['profile', 'query'] },
  job: { order: ['metadata', 'spec'] },
  cloudWatch: { order: ['interval', 'metricDataQueries'] },
  kayenta: {
    order: [
      'address',
      'application',
      'canaryConfigName',
      'metricsAccountName',
      'configurationAccountName',
      'storageAccountName',
      'threshold',
      'scopes',
    ],
    members: { scopes: 'kayentaScope' },
  },
  kayentaScope: {
    order: ['name', 'controlScope', 'experimentScope'],
    members: { controlScope: 'scopeDetail', experimentScope: 'scopeDetail' },
  },
  scopeDetail: { order: ['scope', 'region', 'step', 'start', 'end'] },
};

function goJson(value: unknown, orderName?: string): string {
  if (typeof value === 'string') return goJsonString(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((element) => goJson(element, orderName)).join(',')}]`;
  const { order, members } = ORDERS[orderName ?? ''] ?? { order: [] };
  const names = Object.keys(value).filter((name) => (value as Record<string, unknown>)[name] !== undefined);
  const listed = order.filter((name) => names.includes(name));
  const ordered = listed.length === 0 ? names : [...listed, ...names.filter((name) => !order.includes(name))];
  const written = ordered.map(
    (name) => `${goJsonString(name)}:${goJson((value as Record<string, unknown>)[name], members?.[name])}`,
  );
  return `{${written.join(',')}}`;
}
