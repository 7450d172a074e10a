import type { TSchema } from 'typebox';
import { ACCOUNT } from './accounts.ts';
import { AtlasQuery } from './atlas/query.ts';
import { AzureMonitorQuery } from './azuremonitor/query.ts';
import { CloudWatchQuery } from './cloudwatch/query.ts';
import type { Provider } from './contract.ts';
import { DatadogQuery } from './datadog/query.ts';
import { DynatraceQuery } from './dynatrace/query.ts';
import { ElasticsearchQuery } from './elasticsearch/query.ts';
import { FlaggerQuery } from './flagger/query.ts';
import { GoogleCloudMonitoringQuery } from './googlecloudmonitoring/query.ts';
import { GraphiteQuery } from './graphite/query.ts';
import { InfluxdbQuery } from './influxdb/query.ts';
import { JobQuery } from './job/query.ts';
import { KayentaQuery } from './kayenta/query.ts';
import { LokiQuery } from './loki/query.ts';
import { NewRelicQuery } from './newrelic/query.ts';
import { PluginQuery } from './plugin/query.ts';
import { PrometheusQuery } from './prometheus/query.ts';
import { SignalFxQuery } from './signalfx/query.ts';
import { SkyWalkingQuery } from './skywalking/query.ts';
import { WavefrontQuery } from './wavefront/query.ts';
import { WebQuery } from './web/query.ts';

/** A provider before it is loaded: what users write is known at once, the code and its client package only when a metric uses it. */
export interface Registered {
  /** Argo's type name for logs and metrics. */
  readonly typeName: string;
  readonly schema: TSchema;
  load(): Promise<Provider>;
}

/** Of several members of one block Argo uses the first in this order; what Assay adds comes after. */
export const MEMBER_ORDER: readonly string[] = [
  'prometheus',
  'job',
  'kayenta',
  'web',
  'datadog',
  'wavefront',
  'newRelic',
  'cloudWatch',
  'graphite',
  'influxdb',
  'skywalking',
  'plugin',
];

/** One line a provider, by its member of `metric.provider`. */
export const registry: Readonly<Record<string, Registered>> = {
  prometheus: {
    typeName: 'Prometheus',
    schema: PrometheusQuery,
    load: async () => (await import('./prometheus/index.ts')).prometheus,
  },
  job: { typeName: 'Job', schema: JobQuery, load: async () => (await import('./job/index.ts')).job },
  kayenta: {
    typeName: 'Kayenta',
    schema: KayentaQuery,
    load: async () => (await import('./kayenta/index.ts')).kayenta,
  },
  web: { typeName: 'Web', schema: WebQuery, load: async () => (await import('./web/index.ts')).web },
  datadog: {
    typeName: 'Datadog',
    schema: DatadogQuery,
    load: async () => (await import('./datadog/index.ts')).datadog,
  },
  wavefront: {
    typeName: 'Wavefront',
    schema: WavefrontQuery,
    load: async () => (await import('./wavefront/index.ts')).wavefront,
  },
  newRelic: {
    typeName: 'NewRelic',
    schema: NewRelicQuery,
    load: async () => (await import('./newrelic/index.ts')).newRelic,
  },
  cloudWatch: {
    typeName: 'CloudWatch',
    schema: CloudWatchQuery,
    load: async () => (await import('./cloudwatch/index.ts')).cloudWatch,
  },
  graphite: {
    typeName: 'Graphite',
    schema: GraphiteQuery,
    load: async () => (await import('./graphite/index.ts')).graphite,
  },
  influxdb: {
    typeName: 'Influxdb',
    schema: InfluxdbQuery,
    load: async () => (await import('./influxdb/index.ts')).influxdb,
  },
  skywalking: {
    typeName: 'skywalking',
    schema: SkyWalkingQuery,
    load: async () => (await import('./skywalking/index.ts')).skywalking,
  },
  plugin: {
    typeName: 'RPCPlugin',
    schema: PluginQuery,
    // Without any; main.ts brings the configured ones.
    load: async () => (await import('./plugin/index.ts')).pluginProvider({}),
  },
  dynatrace: {
    typeName: 'Dynatrace',
    schema: DynatraceQuery,
    load: async () => (await import('./dynatrace/index.ts')).dynatrace,
  },
  googleCloudMonitoring: {
    typeName: 'GoogleCloudMonitoring',
    schema: GoogleCloudMonitoringQuery,
    load: async () => (await import('./googlecloudmonitoring/index.ts')).googleCloudMonitoring,
  },
  azureMonitor: {
    typeName: 'AzureMonitor',
    schema: AzureMonitorQuery,
    load: async () => (await import('./azuremonitor/index.ts')).azureMonitor,
  },
  signalFx: {
    typeName: 'SignalFx',
    schema: SignalFxQuery,
    load: async () => (await import('./signalfx/index.ts')).signalFx,
  },
  elasticsearch: {
    typeName: 'Elasticsearch',
    schema: ElasticsearchQuery,
    load: async () => (await import('./elasticsearch/index.ts')).elasticsearch,
  },
  atlas: {
    typeName: 'Atlas',
    schema: AtlasQuery,
    load: async () => (await import('./atlas/index.ts')).atlas,
  },
  loki: {
    typeName: 'Loki',
    schema: LokiQuery,
    load: async () => (await import('./loki/index.ts')).loki,
  },
  flagger: {
    typeName: 'Flagger',
    schema: FlaggerQuery,
    load: async () => (await import('./flagger/index.ts')).flagger,
  },
};

/** The schema of each provider's block as templates have it, by member: with the account that may complete it. */
export const providerSchemas: Readonly<Record<string, TSchema>> = Object.fromEntries(
  Object.entries(registry).map(([member, { schema }]) => [
    member,
    member === 'plugin' ? schema : withAccount(member, schema),
  ]),
);

/** What an account brings need not be in the template. What Argo's CRD requires stays required, for templates that are to run there too. */
function withAccount(member: string, schema: TSchema): TSchema {
  const { properties, required = [] } = schema as {
    readonly properties?: object;
    readonly required?: readonly string[];
  };
  return {
    ...schema,
    properties: {
      ...properties,
      [ACCOUNT]: {
        type: 'string',
        description: "Not in Argo: the account in Assay's settings that has what this block leaves out.",
      },
    },
    required: MEMBER_ORDER.includes(member)
      ? required
      : required.filter((name) => name !== 'address' && name !== 'secretRef'),
  } as TSchema;
}
