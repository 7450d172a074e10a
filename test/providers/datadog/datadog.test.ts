import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

// The client package is loaded by the first request: seconds.
describe('datadog', { timeout: 60_000 }, () => {
  let server: TestServer;
  let respond: { status: number; body: unknown };
  let seen: { path: string; body: unknown }[];

  beforeEach(async () => {
    seen = [];
    server = await serve(async (request, response) => {
      const body = await text(request);
      seen.push({ path: request.url ?? '', body: body === '' ? undefined : JSON.parse(body) });
      response.writeHead(respond.status).end(JSON.stringify(respond.body));
    });
  });
  afterEach(() => server.close());

  const providers = (secret: object = {}, now = NOW) =>
    testProviders({
      clock: new TestClock(now),
      secrets: {
        read: async () => ({ address: server.url, 'api-key': 'the-api-key', 'app-key': 'the-app-key', ...secret }),
      },
    });
  const ask = (query: object, secret: object = {}) =>
    providers(secret).measure(callFor({ datadog: query })) as Promise<Reading>;
  const series = (query: object, from: number, to: number, now = NOW) =>
    providers({}, now).series(callFor({ datadog: query }), {
      startMs: START + from * MINUTE,
      endMs: START + to * MINUTE,
      stepMs: MINUTE,
    });

  it.each([
    { address: 'api.datadoghq.eu', message: 'Get "api.datadoghq.eu/api/v1/query?' },
    { address: 'ftp://datadog', message: 'unsupported protocol scheme "ftp"' },
  ])('refuses the address $address', async ({ address, message }) => {
    await expect(ask({ query: 'avg:up{*}' }, { address })).rejects.toMatchObject({
      message: expect.stringContaining(message),
    });
  });

  it('joins address and route as text, as Argo does', async () => {
    respond = { status: 200, body: {} };
    await ask({ query: 'avg:up{*}' }, { address: `${server.url}/proxy/` });
    expect(seen.map(({ path }) => path.replace(/\?.*/, ''))).toEqual(['/proxy//api/v1/query']);
  });

  it.each(['v1', 'v2'])('%s: shows no key that an answer repeats', async (apiVersion) => {
    respond = { status: 403, body: { errors: ['the-api-key and the-app-key do not belong together'] } };
    await expect(ask({ apiVersion, query: 'avg:up{*}' })).rejects.toMatchObject({
      kind: 'refused',
      message: 'received authentication error response code: 403 {"errors":["***** and ***** do not belong together"]}',
    });
  });

  it.each([
    { status: 429, kind: 'unavailable' },
    { status: 503, kind: 'unavailable' },
    { status: 404, kind: 'refused' },
  ])('status $status is $kind', async ({ status, kind }) => {
    respond = { status, body: 'x' };
    await expect(ask({ query: 'avg:up{*}' })).rejects.toMatchObject({
      kind,
      message: `received non 2xx response code: ${status} "x"`,
    });
  });

  it.each([
    { name: 'numbers as text', series: [{ pointlist: [[1, '2']] }] },
    { name: 'a point that is none', series: [{ pointlist: [5] }] },
    { name: 'a series that is none', series: [[]] },
  ])('v1 refuses $name', async ({ series: wrong }) => {
    respond = { status: 200, body: { series: wrong } };
    await expect(ask({ query: 'avg:up{*}' })).rejects.toThrow('Could not parse JSON body: json: cannot unmarshal');
  });

  it('v1 prints what it was given where the first series has no points', async () => {
    respond = { status: 200, body: { series: [{}, { pointlist: [[1700000000000, 1e-7]] }] } };
    expect(await ask({ query: 'avg:up{*}' })).toMatchObject({
      result: { type: 'nil' },
      value: '[{"pointlist":null},{"pointlist":[[1700000000000,1e-7]]}]',
    });
  });

  it('v2 keeps the 50 lowest and 50 highest of many groups, and all of them for conditions', async () => {
    const values = Array.from({ length: 103 }, (_, index) => (index * 37) % 103);
    const columns = [
      { name: 'host', type: 'group', values: values.map((value) => [`host-${value}`]) },
      { name: 'query', type: 'number', values },
    ];
    respond = { status: 200, body: { data: { attributes: { columns } } } };
    const { result, metadata } = await ask({ apiVersion: 'v2', query: 'avg:up{*} by {host}' });
    expect(result).toEqual({ type: '[]float64', value: values });
    expect(metadata?.['groups_truncated']).toBe('true');
    const kept = JSON.parse(metadata?.['groups'] ?? '[]') as { name: string; value: number }[];
    expect(kept.map(({ value }) => value)).toEqual([
      ...Array(50).keys(),
      ...Array.from({ length: 50 }, (_, i) => i + 53),
    ]);
  });

  it('v1 gives a series for each of Datadog’s, on the steps that have ended', async () => {
    const point = (minute: number, value: number | null) => [START + minute * MINUTE, value];
    const pointlist = [point(2, 2), point(3, null), point(4, 4), point(5, 5)];
    respond = {
      status: 200,
      body: { series: [{ metric: 'shop.errors', tag_set: ['version:canary', 'url:a:b'], interval: 300, pointlist }] },
    };
    expect(await series({ query: 'sum:shop.errors{*} by {version}' }, 2, 8, START + 5.5 * MINUTE)).toEqual([
      {
        name: 'shop.errors',
        tags: { version: 'canary', url: 'a:b' },
        startMs: START + 2 * MINUTE,
        stepMs: MINUTE,
        values: new Float64Array([2, Number.NaN, 4]),
        notes: ['newest bucket incomplete, left out', "Datadog's buckets of 300s are wider than the step of 60s"],
      },
    ]);
    const parameters = new URL(seen[0]?.path ?? '', server.url).searchParams;
    expect(Object.fromEntries(parameters)).toEqual({
      query: 'sum:shop.errors{*} by {version}',
      from: String(START / 1000 + 120),
      to: String(START / 1000 + 300),
    });
  });

  it('v2 asks for the step and reads rows of values over one row of times', async () => {
    const attributes = {
      times: [2, 3].map((minute) => START + minute * MINUTE),
      series: [{ group_tags: ['version:canary'] }, { group_tags: [] }],
      values: [
        [2, null],
        [0.5, 0.25],
      ],
    };
    respond = { status: 200, body: { data: { type: 'timeseries_response', attributes } } };
    const query = { apiVersion: 'v2', queries: { a: 'sum:x{*}', b: 'sum:y{*}' }, formula: 'a / b' };
    const grid = { name: 'a / b', startMs: START + 2 * MINUTE, stepMs: MINUTE };
    expect(await series(query, 2, 4)).toEqual([
      { ...grid, tags: { version: 'canary' }, values: new Float64Array([2, Number.NaN]) },
      { ...grid, tags: {}, values: new Float64Array([0.5, 0.25]) },
    ]);
    expect(seen).toEqual([
      {
        path: '/api/v2/query/timeseries',
        body: {
          data: {
            type: 'timeseries_request',
            attributes: {
              ...{ from: START + 2 * MINUTE, to: START + 4 * MINUTE, interval: MINUTE },
              queries: [
                { data_source: 'metrics', name: 'a', query: 'sum:x{*}' },
                { data_source: 'metrics', name: 'b', query: 'sum:y{*}' },
              ],
              formulas: [{ formula: 'a / b' }],
            },
          },
        },
      },
    ]);
  });

  it('v2 takes half a series for a failure', async () => {
    respond = { status: 200, body: { data: { attributes: { times: [START], series: [{}], values: [[]] } } } };
    await expect(series({ apiVersion: 'v2', query: 'avg:up{*}' }, 0, 2)).rejects.toThrow('0 values for 1 times');
  });
});
