import { formatInstant, parseInstant } from '../java-values.ts';
import { KayentaError } from '../kayenta-error.ts';
import {
  baseUrl,
  listOf,
  type MetricsAccount,
  type MetricsSource,
  type PlainSet,
  parseJson,
  placeholder,
  type Scope,
  textOf,
  withQuery,
} from './metrics-source.ts';

const FORBIDDEN =
  /;|--|\bshow\s+(databases|retention|series|measurements|tag|field|users|grants|continuous|diagnostics|queries|shard|shards|stats|subscriptions)/i;

interface Answer {
  readonly results?: readonly {
    readonly series?: readonly {
      readonly columns: readonly string[];
      readonly values?: readonly (readonly unknown[])[];
    }[];
  }[];
}

/** InfluxDB 1.x and InfluxQL. */
export const influxdb: MetricsSource = {
  type: 'influxdb',

  buildQuery({ query, scope }) {
    const template = textOf(query, 'customInlineTemplate');
    const text = template === undefined ? composeQuery(query, scope) : fillTemplate(template, scope);
    if (FORBIDDEN.test(text)) throw new KayentaError('Query type not allowed.');
    return text;
  },

  buildRequest({ account, metricName }, query) {
    // Kayenta sends the metric's name as the database, having no setting for it; an account's `database` is Assay's addition.
    const db = (account['database'] as string | undefined) ?? metricName;
    return {
      method: 'GET',
      url: withQuery(`${baseUrl(account)}/query`, { db, q: query }),
      headers: credentials(account),
    };
  },

  readAnswer(body, { scope }, query) {
    const { results } = parseJson(body, 'InfluxDB') as Answer;
    if (results === undefined) throw new KayentaError('Unexpected response from influxDb');
    const series = results[0]?.series?.[0];
    if (series === undefined) return [placeholder(scope, { query })];
    const rows = series.values ?? [];
    const times = rows.map(([time]) => parseInstant(time)?.epochMs ?? 0);
    const startTimeMillis = times[0] ?? 0;
    const stepMillis = times.length < 2 ? scope.stepSeconds * 1000 : (times[1] ?? 0) - startTimeMillis;
    return series.columns.slice(1).map((column, index): PlainSet => {
      const values = rows.map((row) => row[index + 1]).filter((value) => typeof value === 'number');
      return {
        tags: { field: column },
        startTimeMillis,
        endTimeMillis: startTimeMillis + values.length * stepMillis,
        stepMillis,
        values,
        attributes: {},
      };
    });
  },
};

function composeQuery(query: Parameters<typeof textOf>[0], scope: Scope): string {
  const measurement = textOf(query, 'metricName');
  if (measurement === undefined) throw new KayentaError('Measurement is required to query metrics');
  const fields = listOf(query, 'fields');
  const scopeFilter = scopeFilterOf(scope);
  const where = [timeFilterOf(scope), ...(scopeFilter === undefined ? [] : [scopeFilter])].join(' AND ');
  return `SELECT ${fields.length > 0 ? fields.join(', ') : '*::field'} FROM ${measurement} WHERE ${where}`;
}

function fillTemplate(template: string, scope: Scope): string {
  for (const name of ['timeFilter', 'scope'])
    if (!template.includes(`\${${name}}`)) throw new KayentaError(`\${${name}} is required in query`);
  return template
    .replaceAll('${timeFilter}', () => timeFilterOf(scope))
    .replaceAll('${scope}', () => scopeFilterOf(scope) ?? '')
    .replaceAll('${step}', () => `${scope.stepSeconds}s`);
}

function timeFilterOf({ start, end }: Scope): string {
  if (start === undefined || end === undefined) throw new KayentaError('Start and End times are required');
  return `time >= '${formatInstant(start)}' AND time < '${formatInstant(end)}'`;
}

function scopeFilterOf({ scope }: Scope): string | undefined {
  if (!scope) return undefined;
  const parts = scope.split(':');
  if (parts.length !== 2)
    throw new KayentaError(
      `Scope expected in the format of 'name:value'. e.g. autoscaling_group:myapp-prod-v002, received: ${scope}`,
    );
  return `${parts[0]} = '${parts[1]}'`;
}

/** Kayenta's accounts have key fields that it never sends; Assay sends `username` and `password` when they are there. */
function credentials(account: MetricsAccount): Readonly<Record<string, string>> {
  const { username, password } = account as { username?: string; password?: string };
  if (!username) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
}
