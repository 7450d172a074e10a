import { durationMs } from '../../services/domain/duration.ts';
import { type Json, resultOfJson } from '../../services/domain/result.ts';
import { alignSamples } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError, type Series } from '../contract.ts';
import { goJson } from '../go-format.ts';
import { decodeJson } from '../go-json.ts';
import { originOf } from '../go-url.ts';
import { objectOf } from '../json-shape.ts';
import { SkyWalkingQuery } from './query.ts';

type Call = ProviderCall<SkyWalkingQuery>;

const TIMEOUT_MS = 30_000;
const MINUTE_MS = 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';

export const skywalking: Provider<SkyWalkingQuery> = {
  member: 'skywalking',
  typeName: 'skywalking',
  schema: SkyWalkingQuery,
  account: ({ address = '' }) => originOf(address),

  async measure(call) {
    const { interval = '' } = call.query;
    const data = await ask(call, call.now - duration(interval), call.now);
    return { result: resultOfJson(data), value: goJson(data) };
  },

  /** The first list of values of the answer, one a minute; a coarser step takes the last minute of each. */
  async series(call, range) {
    const data = await ask(call, range.startMs, range.endMs);
    const values = firstValues(data);
    if (values === undefined)
      throw new ProviderError(
        'refused',
        'the SkyWalking answer holds no values { values { value } } to read a range from',
      );
    const firstMinute = Math.floor(range.startMs / MINUTE_MS) * MINUTE_MS;
    const samples = values.map((value, index) => [firstMinute + index * MINUTE_MS, value] as const);
    const series: Series = { name: 'values', tags: {}, ...alignSamples(samples, range, call.now) };
    return [series];
  },
};

function duration(text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
}

async function ask({ query, http, setting }: Call, fromMs: number, toMs: number): Promise<Json> {
  const { address = '', query: document = '' } = query;
  const zone = setting('TZ') || undefined;
  const variables = { duration: { start: minute(fromMs, zone), end: minute(toMs, zone), step: 'MINUTE' } };
  const { status, body } = await http({
    method: 'POST',
    asksOnly: true,
    url: `${address}/graphql`,
    headers: { 'Content-Type': JSON_TYPE, Accept: JSON_TYPE },
    body: JSON.stringify({ query: document, variables }),
    timeoutMs: TIMEOUT_MS,
  });
  let answer: Json;
  try {
    answer = decodeJson(body);
  } catch (error) {
    const text =
      status === 200
        ? `decoding response: ${(error as Error).message}`
        : `graphql: server returned a non-200 status code: ${status}`;
    throw new ProviderError(status === 429 || status >= 500 ? 'unavailable' : 'refused', text);
  }
  const { data = null, errors } = objectOf(answer);
  const [first] = Array.isArray(errors) ? (errors as readonly Json[]) : [];
  if (first !== undefined) throw new ProviderError('refused', `graphql: ${String(objectOf(first)['message'] ?? '')}`);
  if (data === null) throw new ProviderError('no-data', 'no results returned from SkyWalking query');
  return data;
}

/** `2026-08-17 1030` in the process's zone, which Argo sends and the server reads in its own; UTC unless TZ says otherwise. */
function minute(ms: number, timeZone = 'UTC'): string {
  const options = {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', options).formatToParts(ms).map(({ type, value }) => [type, value]),
  );
  return `${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}${parts['minute']}`;
}

/** The first `values: { values: [{ value }] }` in the answer, wherever it stands. */
function firstValues(data: Json): readonly number[] | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const own = Array.isArray(data) ? undefined : objectOf(data)['values'];
  if (Array.isArray(own)) return (own as readonly Json[]).map((item) => Number(objectOf(item)['value'] ?? Number.NaN));
  for (const inner of Object.values(data)) {
    const found = firstValues(inner as Json);
    if (found !== undefined) return found;
  }
  return undefined;
}
