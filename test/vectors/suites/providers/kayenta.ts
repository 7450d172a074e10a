import { createAddressGuard } from '../../../../providers/address-guard.ts';
import { createHttp } from '../../../../providers/http.ts';
import { doubleToJson } from '../../../../services/domain/json-double.ts';
import { KayentaError } from '../../../../services/kayenta/kayenta-error.ts';
import { metricsSources } from '../../../../services/kayenta/sources/index.ts';
import {
  fetchMetricSets,
  type MetricsSource,
  type SourceRequest,
} from '../../../../services/kayenta/sources/metrics-source.ts';
import type { Outcome } from '../../suite.ts';
import { matches } from '../kayenta-http/matches.ts';
import { scopeOf } from '../kayenta-http/pure.ts';
import { atServer, type Case, type Expect } from './case.ts';
import { startExchangeServer } from './exchange-server.ts';

/** Provider files whose name is not the source's type. */
const SOURCE_TYPES: Readonly<Record<string, string>> = { googlemonitoring: 'stackdriver' };

// biome-ignore lint/suspicious/noExplicitAny: a case's spec has the shape of its source.
type Spec = any;

/** Plays a case of Kayenta's metrics sources: the query text, or a fetch against a server that compares its requests. */
export async function playKayenta(file: string, written: Case): Promise<Outcome> {
  const type = SOURCE_TYPES[file] ?? file;
  const source = metricsSources.get(type);
  if (source === undefined) throw new Error(`no metrics source ${type}`);
  const server = await startExchangeServer();
  const { spec, expect = {}, exchanges = [], metricName } = atServer(written, server.url) as Case & { spec: Spec };
  const http = createHttp(createAddressGuard(), {});
  server.expect(exchanges);
  try {
    const request: SourceRequest = {
      metricName: spec.metricName ?? metricName ?? 'metric',
      query: spec.query,
      scope: scopeOf({ start: 0, end: 0, ...spec.scope }),
      account: { name: 'acct', type, endpoint: { baseUrl: server.url }, ...spec.account },
      ...(spec.templates ? { templates: spec.templates } : {}),
    };
    const actual = await answerOf(prepared(source, spec), request, 'query' in expect || exchanges.length === 0, (ask) =>
      http.send(ask, AbortSignal.timeout(ask.timeoutMs)),
    );
    const faults = server.faults();
    return fits(expect, actual) && faults.length === 0
      ? { name: written.name, status: 'passed' }
      : { name: written.name, status: 'failed', expected: expect, actual: { ...actual, faults } };
  } finally {
    http.close();
    await server.close();
  }
}

/** A case may give the finished PromQL instead of a metric config's query. */
function prepared(source: MetricsSource, spec: Spec): MetricsSource {
  return spec.query.promql === undefined ? source : { ...source, buildQuery: () => spec.query.promql };
}

type Actual = Readonly<Record<string, unknown>>;

async function answerOf(
  source: MetricsSource,
  request: SourceRequest,
  onlyQuery: boolean,
  http: Parameters<typeof fetchMetricSets>[2],
): Promise<Actual> {
  try {
    if (onlyQuery) return { query: source.buildQuery(request) };
    const sets = await fetchMetricSets(source, request, http);
    return {
      metricSets: sets.map(({ values, ...set }) => ({
        ...set,
        values: Array.from(values, (value) =>
          doubleToJson(value)
            .toString()
            .replace(/^Infinity$/, '+Inf'),
        ).map((text) =>
          ['NaN', '+Inf', '-Infinity'].includes(text) ? text.replace('-Infinity', '-Inf') : Number(text),
        ),
      })),
    };
  } catch (error) {
    if (!(error instanceof KayentaError)) throw error;
    return { error: error.message, errorKind: error.retryable ? 'retryable' : 'fatal' };
  }
}

function fits(expect: Expect, actual: Actual): boolean {
  return Object.entries(expect).every(([name, wanted]) => {
    switch (name) {
      case 'note':
        return true;
      case 'errorContains':
        return String(actual['error'] ?? '').includes(String(wanted));
      case 'metricSets':
      case 'query':
      case 'error':
      case 'errorKind':
        return matches(wanted, actual[name]);
      default:
        throw new Error(`nothing checks ${name}`);
    }
  });
}
