import { durationMs } from '../../services/domain/duration.ts';
import { type HttpResponse, type Provider, type ProviderCall, ProviderError, type Reading } from '../contract.ts';
import { shortestDecimal } from '../go-format.ts';
import { joinUrl, originOf } from '../go-url.ts';
import { readAnswer, readingOf } from '../prometheus-answer.ts';
import { readSeries } from '../prometheus-series.ts';
import { type Connection, connect } from './connection.ts';
import { PrometheusQuery } from './query.ts';

type Call = ProviderCall<PrometheusQuery>;
type Form = Readonly<Record<string, string>>;

export const prometheus: Provider<PrometheusQuery> = {
  member: 'prometheus',
  typeName: 'Prometheus',
  schema: PrometheusQuery,
  account: ({ address }, setting) => originOf(address || setting('ARGO_ROLLOUTS_PROMETHEUS_ADDRESS') || ''),

  async metricMetadata(call) {
    await connect(call);
    const { query = '' } = call.query;
    return query === '' ? {} : { ResolvedPrometheusQuery: query };
  },

  async measure(call): Promise<Reading> {
    const connection = await connect(call);
    const response = await (call.query.rangeQuery === undefined
      ? ask(connection, 'query', { query: call.query.query ?? '', time: seconds(call.now) })
      : ask(connection, 'query_range', rangeForm(call, call.query.rangeQuery)));
    return readingOf(readAnswer(response));
  },

  async series(call, range) {
    const connection = await connect(call);
    const query = call.query.query ?? '';
    return readSeries(query, range, call.now, async ({ startMs, endMs, stepMs }) =>
      readAnswer(
        await ask(connection, 'query_range', {
          query,
          start: seconds(startMs),
          end: seconds(endMs),
          step: seconds(stepMs),
        }),
      ),
    );
  },
};

// A server or proxy that does not take the query as a POST says so with one of these; it is then asked again with a GET.
const POST_REFUSED: ReadonlySet<number> = new Set([403, 405, 501]);

async function ask({ address, http, timeoutMs }: Connection, route: string, form: Form): Promise<HttpResponse> {
  const url = joinUrl(address, `api/v1/${route}`);
  const body = new URLSearchParams(form).toString();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const response = await http({ method: 'POST', asksOnly: true, url, headers, body, timeoutMs });
  if (!POST_REFUSED.has(response.status)) return response;
  const withQuery = new URL(url);
  withQuery.search = body;
  return http({ method: 'GET', url: withQuery.href, timeoutMs });
}

function rangeForm(call: Call, { start = '', end = '', step = '' }: NonNullable<PrometheusQuery['rangeQuery']>): Form {
  return {
    query: call.query.query ?? '',
    start: seconds(timeOf(call, 'start', start)),
    end: seconds(timeOf(call, 'end', end)),
    step: seconds(stepOf(step)),
  };
}

function timeOf(call: Call, field: 'start' | 'end', text: string): number {
  try {
    return call.evaluateTime(text);
  } catch (error) {
    throw new ProviderError('refused', `failed to parse rangeQuery.${field} as time: ${(error as Error).message}`);
  }
}

function stepOf(text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    throw new ProviderError('refused', `failed to parse rangeQuery.step as duration: ${(error as Error).message}`);
  }
}

function seconds(ms: number): string {
  return shortestDecimal(ms / 1000);
}
