import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { OBSERVER_NAMES, observerQuery } from '../../../providers/flagger/observers.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00.900Z');

const vector = (...values: readonly string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
});

providerConformance('flagger', {
  spec: (url, _secret, seconds) => ({
    flagger: {
      provider: { type: 'prometheus', address: url, secretRef: { name: 'p' } },
      query: 'up',
      requestTimeout: `${seconds}s`,
    },
  }),
  options: (_, secret) => ({ secrets: { read: async () => ({ token: secret }) } }),
  answer: { contentType: 'application/json', body: JSON.stringify(vector('1')) },
});

describe('flagger', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => void server.asked.splice(0));
  afterAll(() => server.close());

  const SECRETS = { dynatrace_token: 't', sf_token_key: 't', username: 'u', password: 'p' };
  const providers = (secret: Readonly<Record<string, string>> = SECRETS) =>
    testProviders({
      clock: new TestClock(NOW),
      secrets: { read: async (namespace) => (namespace === 'default' ? secret : undefined) },
    });
  const callOf = (type: string, more: object = {}) =>
    callFor({ flagger: { provider: { type, address: server.url, secretRef: { name: 's' } }, query: 'q', ...more } });
  const ask = (type: string, more: object = {}) => providers().measure(callOf(type, more)) as Promise<Reading>;

  const flow = (...points: readonly (readonly [string, number | null])[]) =>
    [
      ...points.map(
        ([tsId, value]) =>
          `event: data\ndata: ${JSON.stringify({ logicalTimestampMs: 1, data: [{ tsId, value }] })}\n\n`,
      ),
      'event: control-message\ndata: {"event":"END_OF_CHANNEL"}\n\n',
    ].join('');
  const dynatrace = (...series: readonly (readonly unknown[])[]) => ({
    result: [{ data: series.map((values) => ({ values })) }],
  });

  it.each([
    { type: 'prometheus', which: 'the last series', body: vector('1', '2'), value: '2' },
    { type: 'dynatrace', which: "the last series' first value", body: dynatrace([1], [2, 3]), value: '2' },
    { type: 'dynatrace', which: 'null as 0', body: dynatrace([null]), value: '0' },
    { type: 'splunk', which: 'the newest number', body: flow(['a', 1], ['a', 2], ['a', null]), value: '2' },
  ])('$type reads $which', async ({ type, body, value }) => {
    server.answer(body);
    expect(await ask(type)).toEqual({ value, result: { type: 'float64', value: Number(value) } });
  });

  it.each([
    { type: 'prometheus', body: vector(), kind: 'no-data', want: 'no values found' },
    { type: 'prometheus', body: vector('NaN'), kind: 'no-data', want: 'no values found' },
    {
      type: 'dynatrace',
      body: dynatrace(),
      kind: 'no-data',
      want: 'invalid response: {"result":[{"data":[]}]}: no values found',
    },
    {
      type: 'dynatrace',
      body: '<html>',
      kind: 'refused',
      want: "error unmarshaling result: invalid character '<' looking for beginning of value, '<html>'",
    },
    { type: 'splunk', body: flow(), kind: 'no-data', want: 'invalid response: no values found' },
    {
      type: 'splunk',
      body: flow(['a', 1], ['b', 1]),
      kind: 'refused',
      want: 'invalid response: query returned multiple values',
    },
    {
      type: 'splunk',
      body: 'event: error\ndata: {"message":"x"}\n\n',
      kind: 'refused',
      want: 'error executing query: SignalFlow: x',
    },
  ])('$type fails with $want', async ({ type, body, kind, want }) => {
    server.answer(body);
    await expect(ask(type)).rejects.toMatchObject({ kind, message: want });
  });

  it.each(['dynatrace', 'splunk'])('asks %s for ten intervals, up to a whole second', async (type) => {
    server.answer(type === 'splunk' ? flow(['a', 1]) : dynatrace([1]));
    await ask(type, { interval: '30s' });
    const { from, to, start, stop } = server.asked[0]?.query ?? {};
    expect([from ?? start, to ?? stop]).toEqual(['1767225900000', '1767226200000']);
  });

  it.each([
    { type: 'dynatrace', path: '/api/v2/metrics', body: {} },
    { type: 'splunk', path: '/v2/metric', body: {} },
    { type: 'prometheus', path: '/api/v1/query', body: vector('1') },
  ])('tests the connection of $type at $path', async ({ type, path, body }) => {
    server.answer(body);
    await providers().check(callOf(type));
    expect(server.asked).toMatchObject([{ method: 'GET', path }]);
    server.answer('no', 403);
    await expect(providers().check(callOf(type))).rejects.toThrow(/^error response: .*403 Forbidden/);
  });

  it.each([
    {
      name: 'a type of Flagger that has a provider of its own',
      type: 'datadog',
      more: {},
      want: 'provider.flagger.provider.type: must be one of prometheus, dynatrace, stackdriver, splunk',
    },
    {
      name: 'query and observer',
      type: 'prometheus',
      more: { observer: 'istio' },
      want: 'write either query or observer',
    },
    {
      name: 'an observer without metric',
      type: 'prometheus',
      more: { query: undefined, observer: 'istio' },
      want: 'observer istio needs a metric',
    },
    {
      name: 'an unknown observer',
      type: 'prometheus',
      more: { query: undefined, observer: 'toString', metric: 'request-duration' },
      want: 'there is no observer toString: write one of apisix, appmesh',
    },
    {
      name: 'an observer elsewhere',
      type: 'splunk',
      more: { query: undefined, observer: 'istio', metric: 'request-duration' },
      want: 'observers ask prometheus, not splunk',
    },
    {
      name: 'a bad interval',
      type: 'dynatrace',
      more: { interval: '1d' },
      want: 'error parsing metric interval: time: unknown unit "d" in duration "1d"',
    },
  ])('asks nobody with $name', async ({ type, more, want }) => {
    await expect(ask(type, more)).rejects.toThrow(want);
    expect(server.asked).toEqual([]);
  });

  it.each([
    { observer: 'istio', metric: 'request-success-rate', read: '99.5', value: '99.5' },
    { observer: 'istio', metric: 'request-duration', read: '12.9', value: '12' },
    { observer: 'http', metric: 'request-duration', read: '0.0129', value: '12' },
  ])('$observer reads $read as a $metric of $value', async ({ observer, metric, read, value }) => {
    server.answer(vector(read));
    expect(await ask('prometheus', { query: undefined, observer, metric, model: { target: 'shop' } })).toMatchObject({
      value,
    });
  });
});

describe("Flagger's built-in queries", () => {
  it('are all PromQL to a real Prometheus', async () => {
    const prometheus = await startPrometheus({});
    try {
      const providers = testProviders();
      const model = { namespace: 'ns', target: 'shop', service: 'shop', ingress: 'shop', route: 'r', interval: '1m' };
      const metrics = ['request-success-rate', 'request-duration'] as const;
      for (const observer of OBSERVER_NAMES)
        for (const metric of metrics) {
          const asking = providers.measure(
            callFor({
              flagger: { provider: { type: 'prometheus', address: prometheus.url }, observer, metric, model },
            }),
          );
          await expect(asking, `${observer} ${metric}`).rejects.toThrow('running query failed: no values found');
          expect(observerQuery(observer, metric, model)).toContain('[1m]');
        }
    } finally {
      await prometheus.stop();
    }
  });
});
