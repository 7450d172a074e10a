import { type Json, resultOfJson } from '../../services/domain/result.ts';
import { alignSamples, completeSteps } from '../align-samples.ts';
import { type Http, type Provider, type ProviderCall, ProviderError } from '../contract.ts';
import { goJson } from '../go-format.ts';
import { originOf } from '../go-url.ts';
import { setHeader, withBasicAuth } from '../http-layers.ts';
import { endpoint, readJsonAnswer } from '../json-answer.ts';
import { type JsonObject, listOf, objectOf } from '../json-shape.ts';
import { lookBack, readDuration } from '../look-back.ts';
import { addressFor, readSecretRef } from '../secret-ref.ts';
import { pickFrom, readPath } from './pick-value.ts';
import { ElasticsearchQuery } from './query.ts';
import { readBody, withBuckets, withWindow } from './search-body.ts';

type Call = ProviderCall<ElasticsearchQuery>;

const SOURCE = 'Elasticsearch';

export const elasticsearch: Provider<ElasticsearchQuery> = {
  member: 'elasticsearch',
  typeName: 'Elasticsearch',
  schema: ElasticsearchQuery,
  account: ({ address, secretRef }) => (address ? originOf(address) : (secretRef?.name ?? 'no address')),

  async measure(call) {
    const { query, interval, timeField = '@timestamp', jsonPath } = call.query;
    const path = readPath(jsonPath);
    const body = readBody(query);
    // Without a window byte for byte: numbers beyond 2^53 stay what they are.
    const windowed =
      interval === undefined ? query : JSON.stringify(withWindow(body, timeField, lookBack(call.now, interval)));
    const value = pickFrom(await search(call, windowed), path);
    return { result: resultOfJson(value), value: goJson(value) };
  },

  async check(call) {
    await search(call, '{"size":0}');
  },

  /** The same search in a histogram over time: each bucket is read as an answer of its own. */
  async series(call, range) {
    const { query, timeField = '@timestamp', jsonPath } = call.query;
    const path = readPath(jsonPath);
    const { startMs, stepMs, count } = completeSteps(range, call.now);
    const window = { startMs, endMs: startMs + count * stepMs };
    const body = withBuckets(withWindow(readBody(query), timeField, window), timeField, window, stepMs);
    const answer = await search(call, JSON.stringify(body));
    const buckets = listOf(objectOf(objectOf(answer['aggregations'])['steps'])['buckets']).map(objectOf);
    const samples = buckets.map(({ key, doc_count, ...aggregations }) => {
      const own = { hits: { total: { value: doc_count ?? 0, relation: 'eq' } }, aggregations };
      return [Number(key), numberOf(pickFrom(own as JsonObject, path))] as const;
    });
    return [{ name: jsonPath ?? '{$}', tags: {}, ...alignSamples(samples, range, call.now) }];
  },
};

async function search(call: Call, body: string): Promise<JsonObject> {
  const { index, requestTimeout = '10s' } = call.query;
  const { http, address } = await signedIn(call);
  const response = await http({
    method: 'POST',
    asksOnly: true,
    url: endpoint(SOURCE, address, `${index === undefined ? '' : `${encodeURIComponent(index)}/`}_search`).href,
    // Without compatible-with: OpenSearch and old servers refuse that.
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body,
    timeoutMs: readDuration('requestTimeout', requestTimeout),
  });
  const answer = readJsonAnswer(SOURCE, response);
  if (answer['timed_out'] === true)
    throw new ProviderError('unavailable', `${SOURCE}: the search timed out and answered in part`);
  const { failed, total } = objectOf(answer['_shards']);
  if (typeof failed === 'number' && failed > 0)
    throw new ProviderError('unavailable', `${SOURCE}: ${failed} of ${String(total)} shards failed, half an answer`);
  return answer;
}

async function signedIn(call: Call): Promise<{ readonly http: Http; readonly address: string }> {
  const { address = '', secretRef } = call.query;
  if (secretRef === undefined) {
    if (address === '') throw new ProviderError('refused', `${SOURCE}: no address: set address or secretRef`);
    return { http: call.http, address };
  }
  const secret = await readSecretRef(call, secretRef);
  const { 'api-key': apiKey, username, password } = secret;
  const target = addressFor(address, secretRef, secret);
  if (apiKey) {
    const http: Http = (request) =>
      call.http({ ...request, headers: setHeader(request.headers ?? {}, 'Authorization', `ApiKey ${apiKey}`) });
    return { http, address: target };
  }
  if (!username || !password)
    throw new ProviderError('refused', `secret "${secretRef.name}" needs api-key, or username and password`);
  return { http: withBasicAuth(call.http, { username, password }), address: target };
}

function numberOf(value: Json): number {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  throw new ProviderError(
    'refused',
    `${SOURCE}: a series needs a jsonPath to one number, not ${goJson(value).slice(0, 100)}`,
  );
}
