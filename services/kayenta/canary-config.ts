import type { CanaryConfig } from '../domain/canary-config.ts';
import { readCanaryConfig } from '../judge/read-canary-config.ts';

import { formatInstant, instantOf } from './java-values.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { KayentaError } from './kayenta-error.ts';

/** Canary configs as Kayenta reads, checks and stores them. */

/** What each type of query holds. Members of lists are texts, but for signalfx's key and value pairs. */
const QUERY_MEMBERS: Readonly<
  Record<string, { readonly texts: readonly string[]; readonly lists?: readonly string[]; readonly pairs?: string }>
> = {
  prometheus: {
    texts: ['metricName', 'resourceType', 'customInlineTemplate', 'customFilterTemplate', 'customFilter'],
    lists: ['labelBindings', 'groupByFields'],
  },
  stackdriver: {
    texts: [
      ...['metricType', 'resourceType', 'crossSeriesReducer', 'perSeriesAligner'],
      ...['customInlineTemplate', 'customFilterTemplate', 'customFilter'],
    ],
    lists: ['groupByFields'],
  },
  datadog: { texts: ['metricName', 'customInlineTemplate', 'customFilterTemplate'] },
  newrelic: { texts: ['select', 'q', 'customInlineTemplate', 'customFilterTemplate'] },
  signalfx: {
    texts: ['metricName', 'aggregationMethod', 'customInlineTemplate', 'customFilterTemplate'],
    pairs: 'queryPairs',
  },
  influxdb: { texts: ['metricName', 'customInlineTemplate'], lists: ['fields'] },
  wavefront: { texts: ['metricName', 'summarization', 'aggregate'] },
  graphite: { texts: ['metricName'] },
  atlas: { texts: ['q'] },
};

/** Reads a config as Kayenta stores it: each query keeps only what its type knows. Throws CallerError or KayentaError with the place. */
export function readConfig(json: unknown): CanaryConfig {
  const config = readCanaryConfig(json);
  const metrics = config.metrics.map((metric, index) => ({
    ...metric,
    ...(metric.query === undefined ? {} : { query: readQuery(metric.query, `metrics[${index}].query`) }),
    analysisConfigurations: metric.analysisConfigurations ?? {},
  }));
  return { ...config, metrics };
}

function readQuery(query: JsonObject, path: string): JsonObject {
  const type = String(query['type']);
  const members = QUERY_MEMBERS[type];
  if (members === undefined)
    throw new KayentaError(`${path}.type: ${type} is not one of ${Object.keys(QUERY_MEMBERS).join(', ')}`);
  return {
    type,
    serviceType: type,
    ...Object.fromEntries(
      Object.entries(query).flatMap(([member, value]): readonly (readonly [string, unknown])[] => {
        if (value === undefined || value === null) return [];
        if (members.texts.includes(member)) return [[member, String(value)]];
        if (members.lists?.includes(member)) return [[member, listOf(value, `${path}.${member}`).map(String)]];
        if (member === members.pairs) return [[member, listOf(value, `${path}.${member}`).map(readPair)]];
        return [];
      }),
    ),
  };
}

function readPair(pair: unknown): JsonObject {
  const { key, value } = isObject(pair) ? pair : {};
  return { key: String(key ?? ''), value: String(value ?? '') };
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new KayentaError(`${path} must be a list`);
}

/** Times are set where they are absent; both ISO twins are always computed. */
export function stampConfig(
  config: CanaryConfig,
  times: { readonly created: number; readonly updated: number },
): CanaryConfig {
  return {
    ...config,
    createdTimestamp: times.created,
    createdTimestampIso: formatInstant(instantOf(times.created)),
    updatedTimestamp: times.updated,
    updatedTimestampIso: formatInstant(instantOf(times.updated)),
  };
}

/** What the list of configs shows of each. */
export function summarizeConfig(config: CanaryConfig) {
  const { id, name, updatedTimestamp, updatedTimestampIso, applications = [] } = config;
  return { id, name, updatedTimestamp, updatedTimestampIso, applications };
}
