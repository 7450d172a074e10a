import type { Json } from '../../services/domain/result.ts';
import { alignSamples, completeSteps } from '../align-samples.ts';
import {
  type HttpResponse,
  type ProviderCall,
  ProviderError,
  type Reading,
  type Series,
  type SeriesRange,
} from '../contract.ts';
import { printValue } from '../go-format.ts';
import { decodeJson } from '../go-json.ts';
import { joinUrl } from '../go-url.ts';
import { listOf, objectOf } from '../json-shape.ts';
import type { InfluxdbQuery } from './query.ts';
import { addressOf, DEFAULT_PROFILE, readProfile, TIMEOUT_MS } from './secret.ts';

/** InfluxDB 1.x and whatever else speaks InfluxQL. Argo knows none of it; values and their text follow its Flux rules. */

type Call = ProviderCall<InfluxdbQuery>;

export async function measureInfluxQl(call: Call): Promise<Reading> {
  const tables = await ask(call, call.query.query ?? '');
  const values = tables.flatMap(({ rows }) => rows.flatMap(([, ...fields]) => fields));
  if (values.length === 0) throw new ProviderError('no-data', 'no results returned from influxql query');
  return { result: { type: '[]interface {}', value: values }, value: printValue(values) };
}

/** The query must say where the range goes, as in Kayenta's templates: `WHERE ${timeFilter} GROUP BY time(${step})`. */
export async function seriesInfluxQl(call: Call, range: SeriesRange): Promise<readonly Series[]> {
  const { query = '' } = call.query;
  const { startMs, stepMs, count } = completeSteps(range, call.now);
  if (!query.includes('${timeFilter}'))
    throw new ProviderError(
      'refused',
      'an InfluxQL query for a series needs ${timeFilter}: SELECT mean("value") FROM "errors" WHERE ${timeFilter} GROUP BY time(${step})',
    );
  const text = query
    .replaceAll('${timeFilter}', () => `time >= ${startMs}ms AND time < ${startMs + count * stepMs}ms`)
    .replaceAll('${step}', () => `${stepMs}ms`);
  const tables = await ask(call, text);
  return tables.flatMap(({ name, tags, fields, rows }) =>
    fields.map((field, index): Series => {
      const samples = rows.map(([time = null, ...cells]) => [timeOf(time), numberOf(cells[index] ?? null)] as const);
      return {
        name: fields.length === 1 ? name : `${name}.${field}`,
        tags,
        ...alignSamples(samples, range, call.now),
      };
    }),
  );
}

interface Table {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** All columns but the first, which is the time. */
  readonly fields: readonly string[];
  readonly rows: readonly (readonly Json[])[];
}

async function ask(call: Call, q: string): Promise<readonly Table[]> {
  if (!isSelect(q)) throw new ProviderError('refused', 'an InfluxQL query must be one SELECT without INTO');
  const { database = '', retentionPolicy = '', profile } = call.query;
  const secret = await readProfile(call);
  const { address = '' } = secret;
  if (address === '')
    throw new ProviderError('refused', `secret ${JSON.stringify(profile || DEFAULT_PROFILE)} has no address`);
  const url = new URL(joinUrl(addressOf(address), 'query'));
  const parameters = { db: database, ...(retentionPolicy !== '' && { rp: retentionPolicy }), q, epoch: 'ms' };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const response = await call.http({
    method: 'GET',
    url: url.href,
    headers: credentials(secret),
    timeoutMs: TIMEOUT_MS,
  });
  return readTables(response);
}

/** InfluxDB 1.x carries out a DROP that comes as a GET, too, and only warns of it. */
function isSelect(q: string): boolean {
  const withoutQuoted = q.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/gs, '""');
  return /^\s*select\b/i.test(withoutQuoted) && !/;\s*\S|\binto\b/i.test(withoutQuoted);
}

/** Version 1.8 and the compatibility of 2.x take a token, `user:password` or one of 2.x. */
function credentials({ username = '', password = '', authToken = '' }: Readonly<Record<string, string>>) {
  if (username !== '') return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  return authToken === '' ? {} : { Authorization: `Token ${authToken}` };
}

function readTables({ status, statusText, body }: HttpResponse): readonly Table[] {
  const answer = decoded(body);
  if (status !== 200) {
    const reason = answer instanceof Error ? body : String(objectOf(answer)['error'] ?? body);
    throw new ProviderError(
      status === 429 || status >= 500 ? 'unavailable' : 'refused',
      `${status} ${statusText}: ${reason}`,
    );
  }
  if (answer instanceof Error) throw new ProviderError('refused', answer.message, { cause: answer });
  return listOf(objectOf(answer)['results']).flatMap((result) => {
    const { error, series, partial } = objectOf(result);
    if (error !== undefined) throw new ProviderError('refused', `InfluxDB: ${String(error)}`);
    const tables = listOf(series).map(objectOf);
    if (partial === true || tables.some((table) => table['partial'] === true))
      throw new ProviderError(
        'refused',
        "InfluxDB gave a part of the rows only: its max-row-limit is below the query's",
      );
    return tables.map(({ name, tags, columns, values }) => ({
      name: String(name ?? ''),
      tags: Object.fromEntries(Object.entries(objectOf(tags)).map(([tag, value]) => [tag, String(value)])),
      fields: listOf(columns).slice(1).map(String),
      rows: listOf(values).map(listOf),
    }));
  });
}

function decoded(body: string): Json | Error {
  try {
    return decodeJson(body);
  } catch (error) {
    return error as Error;
  }
}

function timeOf(time: Json): number {
  if (typeof time === 'number') return time;
  throw new ProviderError('refused', `InfluxDB: ${JSON.stringify(time)} is no time in milliseconds`);
}

function numberOf(value: Json): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number') return value;
  throw new ProviderError('refused', `an InfluxQL query for a series must give numbers, not ${JSON.stringify(value)}`);
}
