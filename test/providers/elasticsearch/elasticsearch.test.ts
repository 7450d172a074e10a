import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const MINUTE = 60_000;

const answer = {
  took: 3,
  timed_out: false,
  _shards: { total: 1, failed: 0 },
  hits: { total: { value: 120, relation: 'eq' } },
  aggregations: {
    errors: { doc_count: 6 },
    empty: { value: null },
    p95: { values: { '95.0': 123.5, '99.0': 'NaN' } },
    hosts: {
      buckets: [
        { key: 'a', n: { value: 1 } },
        { key: 'b', n: { value: 2 } },
      ],
    },
    none: { buckets: [] },
  },
};

providerConformance('elasticsearch', {
  spec: (url, _secret, seconds) => ({
    elasticsearch: { address: url, query: '{"size":0}', secretRef: { name: 'es' }, requestTimeout: `${seconds}s` },
  }),
  options: (_, secret) => ({ secrets: { read: async () => ({ username: 'assay', password: secret }) } }),
  answer: { contentType: 'application/json', body: JSON.stringify(answer) },
});

describe('elasticsearch', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => {
    server.asked.splice(0);
    server.answer(answer);
  });
  afterAll(() => server.close());

  const providers = (secret: Readonly<Record<string, string>> = {}) =>
    testProviders({ clock: new TestClock(NOW), secrets: { read: async () => secret } });
  const callOf = (query: object = {}) =>
    callFor({ elasticsearch: { address: server.url, query: '{"size":0}', ...query } });
  const ask = (query: object = {}, secret: Readonly<Record<string, string>> = {}) =>
    providers(secret).measure(callOf(query)) as Promise<Reading>;
  const sent = () => JSON.parse(server.asked[0]?.body ?? '') as unknown;

  it('sends the body as it is, to all indices or some, with an API key', async () => {
    const query = '{"size":0, "query":{"term":{"id":12345678901234567890}}}';
    await ask({ query });
    await ask({ query, index: 'logs-*,<app-{now/d}>', secretRef: { name: 'es' } }, { 'api-key': 'a2V5' });
    expect(server.asked).toMatchObject([
      { method: 'POST', path: '/_search', body: query },
      { path: '/logs-*,<app-{now/d}>/_search', headers: { authorization: 'ApiKey a2V5' } },
    ]);
  });

  it('adds the window of an interval to what the body asks for', async () => {
    await ask({ query: '{"query":{"term":{"a":1}}}', interval: '5m', timeField: 'ts' });
    const window = { range: { ts: { gte: NOW - 5 * MINUTE, lt: NOW, format: 'epoch_millis' } } };
    expect(sent()).toEqual({ query: { bool: { filter: [{ term: { a: 1 } }, window] } } });
  });

  it.each([
    { jsonPath: '{$.aggregations.errors.doc_count}', value: '6', type: 'float64' },
    { jsonPath: '{$.aggregations.p95.values.95\\.0}', value: '123.5', type: 'float64' },
    { jsonPath: '{$.aggregations.p95.values.99\\.0}', value: 'null', type: 'nil' },
    { jsonPath: '{$.aggregations.empty.value}', value: 'null', type: 'nil' },
    { jsonPath: '{$.aggregations.hosts.buckets[1].n.value}', value: '2', type: 'float64' },
    { jsonPath: '{$.aggregations.hosts.buckets[*].n.value}', value: '[1,2]', type: '[]interface {}' },
    { jsonPath: '{$.aggregations.hosts.buckets[0:1].n.value}', value: '[1]', type: '[]interface {}' },
    { jsonPath: '{$.aggregations.hosts.buckets[?(@.key=="b")].n.value}', value: '[2]', type: '[]interface {}' },
    { jsonPath: '{$.aggregations.none.buckets[*].n.value}', value: 'null', type: 'nil' },
  ])('reads $jsonPath as $value', async ({ jsonPath, value, type }) => {
    expect(await ask({ jsonPath })).toMatchObject({ value, result: { type } });
  });

  it('gives conditions the whole answer without a path', async () => {
    expect(await ask()).toMatchObject({ result: { type: 'map[string]interface {}', value: answer } });
  });

  it.each([
    {
      name: 'a path that leads nowhere',
      query: { jsonPath: '{$.nope}' },
      body: answer,
      want: 'Could not find JSONPath in body: nope is not found',
    },
    {
      name: 'a search that timed out',
      query: {},
      body: { ...answer, timed_out: true },
      want: 'timed out and answered in part',
    },
    {
      name: 'failed shards',
      query: {},
      body: { ...answer, _shards: { total: 5, failed: 2 } },
      want: '2 of 5 shards failed',
    },
  ])('fails on $name', async ({ query, body, want }) => {
    server.answer(body);
    await expect(ask(query)).rejects.toThrow(want);
  });

  it('says why a body is refused', async () => {
    server.answer({ error: { type: 'parsing_exception', reason: 'unknown query [nope]' }, status: 400 }, 400);
    await expect(ask()).rejects.toThrow('Elasticsearch answered 400 Bad Request: unknown query [nope]');
  });

  it.each([
    {
      name: 'a body that is no JSON',
      query: { query: '{' },
      secret: {},
      want: 'query is not JSON: unexpected end of JSON input',
    },
    { name: 'a body that is a list', query: { query: '[]' }, secret: {}, want: 'query must be a JSON object' },
    { name: 'a broken path', query: { jsonPath: '{$.a' }, secret: {}, want: 'jsonPath: unclosed action' },
    {
      name: 'half a password',
      query: { secretRef: { name: 'es' } },
      secret: { username: 'u' },
      want: 'secret "es" needs api-key, or username and password',
    },
    { name: 'no address', query: { address: '' }, secret: {}, want: 'no address' },
  ])('asks nobody with $name', async ({ query, secret, want }) => {
    await expect(ask(query, secret as Record<string, string>)).rejects.toThrow(want);
    expect(server.asked).toEqual([]);
  });

  it('gives a series: the same search a step, each step read as an answer', async () => {
    const range = { startMs: NOW - 3 * MINUTE, endMs: NOW, stepMs: MINUTE };
    const bucket = (minute: number, more: object) => ({ key: NOW - (3 - minute) * MINUTE, ...more });
    server.answer({
      aggregations: {
        steps: {
          buckets: [
            bucket(0, { doc_count: 4, lat: { value: 0.5 } }),
            bucket(1, { doc_count: 0, lat: { value: null } }),
            bucket(2, { doc_count: 2, lat: { value: 0.7 } }),
          ],
        },
      },
    });
    const query = '{"size":5,"query":{"term":{"a":1}},"aggs":{"lat":{"avg":{"field":"ms"}}}}';
    const [latency] = await providers().series(callOf({ query, jsonPath: '{$.aggregations.lat.value}' }), range);
    expect([...(latency?.values ?? [])]).toEqual([0.5, Number.NaN, 0.7]);
    const [documents] = await providers().series(callOf({ query, jsonPath: '{$.hits.total.value}' }), range);
    expect([...(documents?.values ?? [])]).toEqual([4, 0, 2]);
    const window = { range: { '@timestamp': { gte: range.startMs, lt: NOW, format: 'epoch_millis' } } };
    expect(sent()).toEqual({
      size: 0,
      query: { bool: { filter: [{ term: { a: 1 } }, window] } },
      aggs: {
        steps: {
          date_histogram: {
            field: '@timestamp',
            fixed_interval: '60000ms',
            min_doc_count: 0,
            extended_bounds: { min: range.startMs, max: NOW - 1 },
          },
          aggs: { lat: { avg: { field: 'ms' } } },
        },
      },
    });
  });
});
