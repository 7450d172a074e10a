import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00.400Z');
const MINUTE = 60_000;

const answerOf = (
  ...series: readonly { readonly host: string; readonly points: readonly (readonly [number, unknown])[] }[]
) => ({
  totalCount: 1,
  nextPageKey: null,
  result: [
    {
      metricId: 'builtin:host.cpu.usage',
      data: series.map(({ host, points }) => ({
        dimensionMap: { 'dt.entity.host': host },
        timestamps: points.map(([timeMs]) => timeMs),
        values: points.map(([, value]) => value),
      })),
    },
  ],
});

providerConformance('dynatrace', {
  spec: (url, _secret, seconds) => ({
    dynatrace: { address: url, metricSelector: 'm', secretRef: { name: 'dt' }, requestTimeout: `${seconds}s` },
  }),
  options: (_, secret) => ({ secrets: { read: async () => ({ dynatrace_token: secret }) } }),
  answer: { contentType: 'application/json', body: JSON.stringify(answerOf({ host: 'a', points: [[1, 2]] })) },
});

describe('dynatrace', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => void server.asked.splice(0));
  afterAll(() => server.close());

  const providers = (secret: Readonly<Record<string, string>>) =>
    testProviders({ clock: new TestClock(NOW), secrets: { read: async () => secret } });
  const callOf = (query: object = {}) =>
    callFor({ dynatrace: { address: server.url, metricSelector: 'm', secretRef: { name: 'dt' }, ...query } });
  const ask = (query: object = {}, secret: Readonly<Record<string, string>> = { dynatrace_token: 't' }) =>
    providers(secret).measure(callOf(query)) as Promise<Reading>;

  it('asks for one point a series over the last five minutes', async () => {
    server.answer(answerOf({ host: 'a', points: [[NOW, 1]] }));
    await ask({ entitySelector: 'type(HOST)' });
    expect(server.asked).toMatchObject([
      {
        method: 'GET',
        path: '/api/v2/metrics/query',
        query: {
          metricSelector: 'm',
          entitySelector: 'type(HOST)',
          resolution: 'Inf',
          from: '1767225900000',
          to: '1767226200000',
        },
        headers: { authorization: 'Api-Token t' },
      },
    ]);
  });

  it.each([
    { name: 'one series', points: [[[1, 0.5]]], value: '[0.5]', result: { type: '[]float64', value: [0.5] } },
    {
      name: 'several series',
      points: [[[1, 1]], [[1, 2]]],
      value: '[1,2]',
      result: { type: '[]float64', value: [1, 2] },
    },
    {
      name: 'a gap among them',
      points: [[[1, null]], [[1, 2]]],
      value: '[2]',
      result: { type: '[]float64', value: [2] },
    },
    { name: 'only gaps', points: [[[1, null]]], value: '[]', result: { type: 'nil', value: null } },
    { name: 'no series', points: [], value: '[]', result: { type: 'nil', value: null } },
  ] as const)('reads $name as $value', async ({ points, value, result }) => {
    server.answer(answerOf(...points.map((each) => ({ host: 'a', points: each }))));
    expect(await ask()).toEqual({ value, result });
  });

  it('keeps what Dynatrace warns of', async () => {
    server.answer({
      result: [{ metricId: 'm', warnings: ['too many dimensions'], data: [{ timestamps: [1], values: [1] }] }],
    });
    expect(await ask()).toMatchObject({ metadata: { warnings: 'too many dimensions' } });
  });

  it.each([
    {
      name: 'a refused selector',
      status: 400,
      body: { error: { code: 400, message: 'bad selector', constraintViolations: [{ message: 'unknown metric' }] } },
      want: /^dynatrace answered 400 Bad Request: bad selector; unknown metric$/,
    },
    {
      name: 'a wrong token',
      status: 401,
      body: { error: { message: 'Token Authentication failed' } },
      want: /401 Unauthorized: Token Authentication failed \(check the credentials\)$/,
    },
    { name: 'throttling', status: 429, body: '', want: /^dynatrace answered 429 Too Many Requests$/ },
    { name: 'a second page', status: 200, body: { nextPageKey: 'x', result: [] }, want: /next page/ },
    {
      name: 'a text for a number',
      status: 200,
      body: answerOf({ host: 'a', points: [[1, 'x']] }),
      want: /"x" is not a number/,
    },
  ])('fails on $name', async ({ status, body, want }) => {
    server.answer(body, status);
    await expect(ask()).rejects.toThrow(want);
  });

  it.each([
    { name: 'no token', secret: {}, query: {}, want: 'secret "dt" does not contain dynatrace_token' },
    {
      name: 'an address that is none',
      secret: { dynatrace_token: 't' },
      query: { address: 'abc' },
      want: 'dynatrace: address "abc" is not a URL',
    },
    {
      name: 'no address',
      secret: { dynatrace_token: 't' },
      query: { address: '' },
      want: 'no address: set address, or the key address of secret "dt"',
    },
    {
      name: 'a bad interval',
      secret: { dynatrace_token: 't' },
      query: { interval: '5x' },
      want: 'interval: time: unknown unit "x" in duration "5x"',
    },
    {
      name: 'an interval of nothing',
      secret: { dynatrace_token: 't' },
      query: { interval: '0' },
      want: 'interval: must be more than nothing, is 0',
    },
    {
      name: 'an address that the secret is not for',
      secret: { dynatrace_token: 't', address: 'https://mine.example' },
      query: {},
      want: /secret "dt" is for https:\/\/mine.example, not for http/,
    },
  ])('asks nobody with $name', async ({ secret, query, want }) => {
    await expect(ask(query, secret as Record<string, string>)).rejects.toThrow(want);
    expect(server.asked).toEqual([]);
  });

  it('takes the address from the secret', async () => {
    server.answer(answerOf());
    await ask({ address: undefined }, { dynatrace_token: 't', address: server.url });
    expect(server.asked).toHaveLength(1);
  });

  it('tries the token with the smallest question', async () => {
    server.answer({});
    await providers({ dynatrace_token: 't' }).check(callOf());
    expect(server.asked).toMatchObject([{ path: '/api/v2/metrics', query: { pageSize: '1' } }]);
  });

  it('gives a series a step, whose points Dynatrace names by their end', async () => {
    const start = Date.parse('2026-01-01T00:00:00Z');
    server.answer(
      answerOf({
        host: 'a',
        points: [
          [start + MINUTE, 1],
          [start + 2 * MINUTE, null],
          [start + 3 * MINUTE, 3],
        ],
      }),
    );
    const [series] = await providers({ dynatrace_token: 't' }).series(callOf(), {
      startMs: start,
      endMs: start + 3 * MINUTE,
      stepMs: MINUTE,
    });
    expect(server.asked[0]?.query).toMatchObject({
      resolution: '1m',
      from: String(start),
      to: String(start + 3 * MINUTE),
    });
    expect(series).toMatchObject({ name: 'builtin:host.cpu.usage', tags: { 'dt.entity.host': 'a' }, startMs: start });
    expect([...(series?.values ?? [])]).toEqual([1, Number.NaN, 3]);
  });

  it('has no steps below a minute', async () => {
    const range = { startMs: NOW - 10 * MINUTE, endMs: NOW, stepMs: 30_000 };
    await expect(providers({ dynatrace_token: 't' }).series(callOf(), range)).rejects.toThrow(
      'a step of 30s is not of whole minutes',
    );
  });
});
