import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00.250Z');
const MINUTE = 60_000;

const answerOf = (resultType: string, result: readonly object[]) => ({
  status: 'success',
  data: { resultType, result, stats: {} },
});

providerConformance('loki', {
  spec: (url, secret, seconds) => ({
    loki: {
      address: url,
      query: 'sum(rate({app="shop"}[5m]))',
      authentication: { basicAuth: { username: 'assay', password: secret } },
      requestTimeout: `${seconds}s`,
    },
  }),
  answer: {
    contentType: 'application/json',
    body: JSON.stringify(answerOf('vector', [{ metric: {}, value: [1, '1'] }])),
  },
});

describe('loki', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => void server.asked.splice(0));
  afterAll(() => server.close());

  const providers = () => testProviders({ clock: new TestClock(NOW) });
  const callOf = (query: object = {}) => callFor({ loki: { address: `${server.url}/logs`, query: 'q', ...query } });
  const ask = (query: object = {}) => providers().measure(callOf(query)) as Promise<Reading>;

  it('asks for one instant, as the tenant, headers last', async () => {
    server.answer(answerOf('vector', []));
    await ask({ tenant: 'team-a', headers: [{ key: 'Authorization', value: 'Bearer t' }] });
    expect(server.asked).toMatchObject([
      {
        method: 'GET',
        path: '/logs/loki/api/v1/query',
        query: { query: 'q', time: '1767226200.25' },
        headers: { 'x-scope-orgid': 'team-a', authorization: 'Bearer t' },
      },
    ]);
  });

  it.each([
    {
      name: 'a vector',
      body: answerOf('vector', [{ value: [1, '0.5'] }, { value: [1, '+Inf'] }]),
      value: '[0.5,+Inf]',
    },
    { name: 'no series', body: answerOf('vector', []), value: '[]' },
  ])('reads $name as $value', async ({ body, value }) => {
    server.answer(body);
    expect(await ask()).toMatchObject({ value, result: { type: '[]float64' } });
  });

  it.each([
    {
      name: 'log lines',
      status: 200,
      body: answerOf('streams', []),
      want: 'yields log lines, not numbers: count them',
    },
    {
      name: 'a parse error, which is text',
      status: 400,
      body: 'parse error at line 1, col 1: syntax error',
      want: 'Loki answered 400 Bad Request: parse error at line 1, col 1: syntax error',
    },
    {
      name: 'a missing tenant',
      status: 401,
      body: 'no org id\n',
      want: 'Loki answered 401 Unauthorized: no org id (check the credentials)',
    },
  ])('fails on $name', async ({ status, body, want }) => {
    server.answer(body, status);
    await expect(ask()).rejects.toThrow(want);
  });

  it('gives a series a step, of steps that have ended', async () => {
    const start = Date.parse('2026-01-01T00:08:00Z');
    server.answer(answerOf('matrix', [{ metric: { app: 'shop' }, values: [[start / 1000, '7']] }]));
    const [series] = await providers().series(callOf(), { startMs: start, endMs: start + 5 * MINUTE, stepMs: MINUTE });
    expect(server.asked).toMatchObject([
      {
        path: '/logs/loki/api/v1/query_range',
        query: { start: String(start / 1000), end: String(start / 1000 + 60), step: '60' },
      },
    ]);
    expect(series).toMatchObject({ tags: { app: 'shop' }, notes: ['newest bucket incomplete, left out'] });
    expect([...(series?.values ?? [])]).toEqual([7, Number.NaN]);
  });
});
