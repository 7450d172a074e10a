import { type HttpResponse, type Provider, type ProviderCall, ProviderError } from '../contract.ts';
import { shortestDecimal } from '../go-format.ts';
import { originOf } from '../go-url.ts';
import { setHeaders, withBasicAuth } from '../http-layers.ts';
import { endpoint, readJsonAnswer } from '../json-answer.ts';
import { objectOf } from '../json-shape.ts';
import { readDuration } from '../look-back.ts';
import { readAnswer, readingOf } from '../prometheus-answer.ts';
import { readSeries } from '../prometheus-series.ts';
import { LokiQuery } from './query.ts';

type Call = ProviderCall<LokiQuery>;

export const loki: Provider<LokiQuery> = {
  member: 'loki',
  typeName: 'Loki',
  schema: LokiQuery,
  account: ({ address, tenant }) => (tenant === undefined ? originOf(address) : `${originOf(address)} ${tenant}`),

  async measure(call) {
    const { query } = call.query;
    return readingOf(readAnswer(await ask(call, 'query', { query, time: seconds(call.now) })));
  },

  async check(call) {
    await ask(call, 'query', { query: 'vector(1)' });
  },

  async series(call, range) {
    const { query } = call.query;
    return readSeries(query, range, call.now, async ({ startMs, endMs, stepMs }) =>
      readAnswer(
        await ask(call, 'query_range', {
          query,
          start: seconds(startMs),
          end: seconds(endMs),
          step: seconds(stepMs),
        }),
      ),
    );
  },
};

async function ask(call: Call, route: string, parameters: Readonly<Record<string, string>>): Promise<HttpResponse> {
  const { address, tenant, headers = [], authentication, requestTimeout = '10s' } = call.query;
  const url = endpoint('Loki', address, `loki/api/v1/${route}`);
  url.search = new URLSearchParams(parameters).toString();
  const http = withBasicAuthIf(call, authentication?.basicAuth);
  const response = await http({
    method: 'GET',
    url: url.href,
    headers: setHeaders(tenant === undefined ? {} : { 'X-Scope-OrgID': tenant }, headers),
    timeoutMs: readDuration('requestTimeout', requestTimeout),
  });
  // Loki's failures are plain text, which only this reads; its successes are Prometheus'.
  const { resultType } = objectOf(readJsonAnswer('Loki', response)['data']);
  if (resultType === 'streams')
    throw new ProviderError(
      'refused',
      'Loki: the query yields log lines, not numbers: count them, as in sum(count_over_time({app="shop"} |= "error" [5m]))',
    );
  return response;
}

function withBasicAuthIf(call: Call, basicAuth: Parameters<typeof withBasicAuth>[1] | undefined) {
  return basicAuth === undefined ? call.http : withBasicAuth(call.http, basicAuth);
}

// Nanoseconds without a fraction would be read as such; seconds may have one.
const seconds = (ms: number): string => shortestDecimal(ms / 1000);
