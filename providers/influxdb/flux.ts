import type { Json, ResultValue } from '../../services/domain/result.ts';
import { GoLeaf } from '../../services/domain/result.ts';
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
import { objectOf } from '../json-shape.ts';
import { type FluxRow, readFluxTables } from './flux-tables.ts';
import type { InfluxdbQuery } from './query.ts';
import { addressOf, readProfile, TIMEOUT_MS } from './secret.ts';

/** InfluxDB 2.x as Argo asks it: Flux. */

type Call = ProviderCall<InfluxdbQuery>;

export async function measureFlux(call: Call): Promise<Reading> {
  const { rows, broken } = readFluxTables(await ask(call, {}));
  // Argo takes the rows before a failure for the answer; here at least the measurement shows that there was one.
  const noted = broken === undefined ? {} : { metadata: { warnings: broken } };
  if (rows.length === 0) throw new ProviderError('no-data', 'no results returned from flux query', noted);
  const values = rows.map(({ values: { _value = null } }) => _value);
  return { result: { type: '[]interface {}', value: values }, value: printValue(values), ...noted };
}

/** The query gets the range as `v.timeRangeStart`, `v.timeRangeStop` and `v.windowPeriod`, the names InfluxDB's own dashboards have for it. */
export async function seriesFlux(call: Call, range: SeriesRange): Promise<readonly Series[]> {
  const { startMs, stepMs, count } = completeSteps(range, call.now);
  const ended = { startMs, stepMs, endMs: startMs + count * stepMs };
  const { rows, broken } = readFluxTables(await ask(call, { extern: rangeOption(ended) }));
  if (broken !== undefined) throw new ProviderError('unavailable', `InfluxDB broke off its answer: ${broken}`);
  return [...Map.groupBy(rows, ({ table }) => table).values()].map((table): Series => {
    const [first] = table as [FluxRow, ...FluxRow[]];
    const { _field, _measurement } = first.values;
    return {
      name: String(_field ?? _measurement ?? 'flux'),
      tags: tagsOf(first),
      ...alignSamples(table.flatMap(sampleOf), range, call.now),
    };
  });
}

const OWN_COLUMNS: ReadonlySet<string> = new Set(['_start', '_stop', '_time', '_value', '_field', 'result', 'table']);

function tagsOf({ group, values }: FluxRow): Readonly<Record<string, string>> {
  const tags = group.filter((name) => !OWN_COLUMNS.has(name));
  return Object.fromEntries(tags.map((name) => [name, printValue(values[name] ?? '')]));
}

function sampleOf({ values: { _time = null, _value = null } }: FluxRow): readonly (readonly [number, number])[] {
  if (!(_time instanceof GoLeaf) || typeof _time.value !== 'bigint')
    throw new ProviderError('refused', 'a Flux query for a series must give a column _time: leave it in keep(…)');
  return [[Number(_time.value / 1_000_000n), numberOf(_value)]];
}

function numberOf(value: ResultValue): number {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  if (value instanceof GoLeaf && typeof value.value === 'bigint') return Number(value.value);
  throw new ProviderError('refused', `a Flux query for a series must give numbers, not ${printValue(value)}`);
}

async function ask(call: Call, more: Readonly<Record<string, unknown>>): Promise<string> {
  const secret = await readProfile(call);
  const { address = '', authToken = '', org = '' } = secret;
  if (address === '' || authToken === '' || org === '')
    throw new ProviderError('refused', 'authToken, org, or address not found');
  const url = new URL(joinUrl(addressOf(address), 'api/v2/query'));
  url.searchParams.set('org', org);
  const response = await call.http({
    method: 'POST',
    asksOnly: true,
    url: url.href,
    headers: { Authorization: `Token ${authToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      query: call.query.query ?? '',
      type: 'flux',
      dialect: { annotations: ['datatype', 'group', 'default'], delimiter: ',', header: true },
      ...more,
    }),
    timeoutMs: TIMEOUT_MS,
  });
  const { status } = response;
  if (status >= 200 && status < 300) return response.body;
  const text = errorText(response).replaceAll(authToken, '*****');
  throw new ProviderError(status === 429 || status >= 500 ? 'unavailable' : 'refused', text);
}

/** What the Go client makes of an answer that is an error. */
function errorText({ status, statusText, headers, body }: HttpResponse): string {
  const line = `${status} ${statusText}`;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') return body === '' ? unexpected(status) : `${line}: ${body}`;
  let answer: Json;
  try {
    answer = decodeJson(body);
  } catch (error) {
    return (error as Error).message;
  }
  const { code = '', message = '' } = objectOf(answer);
  if (code !== '' || message !== '')
    return code !== '' && message !== '' ? `${String(code)}: ${String(message)}` : unexpected(status);
  if (status === 429) return 'too many requests: exceeded rate limit';
  if (status === 503) return 'unavailable: service temporarily unavailable';
  const reason = headers['x-influxdb-error'] ?? '';
  return reason === '' ? unexpected(status) : `${line}: ${reason}`;
}

const unexpected = (status: number): string => `Unexpected status code ${status}`;

/** `option v = { timeRangeStart, timeRangeStop, windowPeriod }` as the syntax tree that the API takes beside a query. */
function rangeOption({ startMs, endMs, stepMs }: SeriesRange) {
  const property = (name: string, value: object) => ({
    type: 'Property',
    key: { type: 'Identifier', name },
    value,
  });
  const time = (ms: number) => ({ type: 'DateTimeLiteral', value: new Date(ms).toISOString() });
  const properties = [
    property('timeRangeStart', time(startMs)),
    property('timeRangeStop', time(endMs)),
    property('windowPeriod', { type: 'DurationLiteral', values: [{ magnitude: stepMs, unit: 'ms' }] }),
  ];
  const assignment = {
    type: 'VariableAssignment',
    id: { type: 'Identifier', name: 'v' },
    init: { type: 'ObjectExpression', properties },
  };
  return { type: 'File', package: null, imports: null, body: [{ type: 'OptionStatement', assignment }] };
}
