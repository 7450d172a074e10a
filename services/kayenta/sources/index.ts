import { atlas } from './atlas.ts';
import { datadog } from './datadog.ts';
import { graphite } from './graphite.ts';
import { influxdb } from './influxdb.ts';
import type { MetricsSource } from './metrics-source.ts';
import { newrelic } from './newrelic.ts';
import { prometheus } from './prometheus.ts';
import { signalfx } from './signalfx.ts';
import { stackdriver } from './stackdriver.ts';
import { wavefront } from './wavefront.ts';

/** The sources by the `type` of a metric's query. */
export const metricsSources: ReadonlyMap<string, MetricsSource> = new Map(
  [prometheus, datadog, newrelic, stackdriver, wavefront, graphite, influxdb, signalfx, atlas].map((source) => [
    source.type,
    source,
  ]),
);
