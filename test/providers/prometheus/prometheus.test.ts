import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { type PrometheusServer, startPrometheus } from '../../support/prometheus.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** Minutes 0 … 9, canary counting up, stable with a gap; samples every minute. */
const history = `${[
  '# TYPE errors gauge',
  ...Array.from({ length: 10 }, (_, i) => `errors{version="canary"} ${i} ${START / 1000 + i * 60}`),
  ...[0, 1, 8, 9].map((i) => `errors{version="stable"} 0.5 ${START / 1000 + i * 60}`),
  '# TYPE odd gauge',
  ...['NaN', '+Inf', '-Inf', '1e21', '0.1'].map((x, i) => `odd{i="${i}"} ${x} ${START / 1000}`),
  '# EOF',
].join('\n')}\n`;

describe('against a real Prometheus', () => {
  let prometheus: PrometheusServer;
  beforeAll(async () => {
    prometheus = await startPrometheus({ history });
  });
  afterAll(() => prometheus?.stop());

  const ask = (query: object, now = START + 9 * MINUTE) =>
    testProviders({ clock: new TestClock(now) }).measure(
      callFor({ prometheus: { address: prometheus.url, ...query } }),
    ) as Promise<Reading>;

  it.each([
    { query: 'scalar(errors{version="canary"})', result: { type: 'float64', value: 9 }, value: '9' },
    { query: 'sort(errors)', result: { type: '[]float64', value: [0.5, 9] }, value: '[0.5,9]' },
    { query: 'nothing', result: { type: '[]float64', value: [] }, value: '[]' },
    { query: 'last_over_time(odd[1h])', value: '[NaN,+Inf,-Inf,1000000000000000000000,0.1]' },
  ])('$query reads $value', async ({ query, value, ...want }) => {
    expect(await ask({ query })).toMatchObject({ value, ...want });
  });

  it('asks a range between two expressions', async () => {
    const rangeQuery = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:03:00Z', step: '1m30s' };
    expect(await ask({ query: 'errors{version="canary"}', rangeQuery })).toMatchObject({ value: '[0,1,3]' });
  });

  it.each([
    { query: 'sum(', want: /^bad_data: .*parse error: unclosed left parenthesis/ },
    { query: 'errors * on() group_left() errors', want: /^execution: found duplicate series for the match group/ },
    { query: '"text"', want: /^unexpected value type "string"$/ },
  ])('$query fails with $want', async ({ query, want }) => {
    await expect(ask({ query })).rejects.toThrow(want);
  });

  const series = (from: number, to: number, now: number, stepMs = MINUTE) =>
    testProviders({ clock: new TestClock(now) }).series(
      callFor({ prometheus: { address: prometheus.url, query: 'last_over_time(errors[59s])' } }),
      { startMs: from, endMs: to, stepMs },
    );

  it('gives a series a step, gaps as NaN', async () => {
    const found = await series(START, START + 10 * MINUTE, START + 60 * MINUTE);
    const byVersion = Object.fromEntries(found.map((one) => [one.tags['version'], one]));
    expect([...(byVersion['canary']?.values ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const gap = Number.NaN;
    expect([...(byVersion['stable']?.values ?? [])]).toEqual([0.5, 0.5, gap, gap, gap, gap, gap, gap, 0.5, 0.5]);
    expect(byVersion['canary']).toMatchObject({ startMs: START, stepMs: MINUTE, tags: { version: 'canary' } });
    expect(byVersion['canary']).not.toHaveProperty('notes');
  });

  it('aligns to the step and leaves out what has not ended yet, saying so', async () => {
    const [canary] = await series(START + 1, START + 10 * MINUTE, START + 5 * MINUTE + 30_000);
    expect(canary).toMatchObject({ startMs: START + MINUTE, notes: ['newest bucket incomplete, left out'] });
    expect([...(canary?.values ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it('says when no step has ended', async () => {
    await expect(series(START, START + 10 * MINUTE, START + 30_000)).rejects.toThrow(
      'no whole step of 60s between 2026-01-01T00:00:00.000Z and 2026-01-01T00:00:30.000Z',
    );
  });
});

describe('what goes over the wire', () => {
  let server: TestServer;
  let seen: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];

  beforeAll(async () => {
    server = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push({
        line: `${request.method} ${request.url}`,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(200, { 'content-type': 'application/json' });
      if (request.url === '/token') response.end('{"access_token":"T"}');
      else response.end('{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}');
    });
  });
  afterAll(() => server.close());
  afterEach(() => {
    seen = [];
  });
  const ask = (query: object, settings: Readonly<Record<string, string>> = {}) =>
    testProviders({ clock: new TestClock(START + 123), setting: (name) => settings[name] }).measure(
      callFor({ prometheus: { address: server.url, query: 'up', ...query } }),
    );

  it('keeps path and query of the address, and sends the time in fractions of a second', async () => {
    await ask({ address: `${server.url}/prom//?tenant=a` });
    expect(seen).toMatchObject([{ line: 'POST /prom/api/v1/query?tenant=a', body: 'query=up&time=1767225600.123' }]);
  });

  it('has one last word on Authorization: headers, then token, then password', async () => {
    const oauth2 = { tokenUrl: `${server.url}/token`, clientId: 'id', clientSecret: 'cs' };
    const basicAuth = { username: 'u', password: 'p' };
    const headers = [
      { key: 'authorization', value: 'Own' },
      { key: 'X-Scope', value: 'a' },
    ];
    await ask({ authentication: { basicAuth } });
    await ask({ authentication: { basicAuth, oauth2 } });
    await ask({ authentication: { basicAuth, oauth2 }, headers });
    expect(
      seen.map(({ line, headers: sent }) =>
        `${line.split(' ')[1]} ${sent.authorization} ${sent['x-scope'] ?? ''}`.trim(),
      ),
    ).toEqual([
      '/api/v1/query Basic dTpw',
      '/token Basic aWQ6Y3M=',
      '/api/v1/query Bearer T',
      '/token Own a',
      '/api/v1/query Own a',
    ]);
  });

  it('is signed for Amazon Managed Prometheus, and only for that', async () => {
    const sigv4 = { region: 'eu-west-1' };
    const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'SECRET', AWS_SESSION_TOKEN: 'SESSION' };
    await ask({ authentication: { sigv4 } }, keys);
    await ask(
      {
        address: `${server.url}/aps-workspaces`,
        authentication: { sigv4, basicAuth: { username: 'u', password: 'p' } },
      },
      keys,
    );
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(seen[1]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260101\/eu-west-1\/aps\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    expect(seen[1]?.headers['x-amz-security-token']).toBe('SESSION');
  });

  it.each([
    { query: { address: 'prometheus:9090' }, want: 'prometheus address is not is url format' },
    { query: { address: '' }, want: 'prometheus address is not configured' },
    { query: { timeout: -1 }, want: 'prometheus timeout should not be negative' },
    {
      query: { authentication: { basicAuth: { password: 'p' } } },
      want: 'missing mandatory parameter in metric for basic auth setup: username',
    },
    {
      query: { authentication: { oauth2: { tokenUrl: 'http://x' } } },
      want: 'missing mandatory parameter in metric for OAuth2 setup',
    },
    {
      query: { rangeQuery: { start: '2026-01-01', end: '2026-01-01', step: '5' } },
      want: 'failed to parse rangeQuery.step as duration: time: missing unit in duration "5"',
    },
  ])('is nothing when $want', async ({ query, want }) => {
    await expect(ask(query)).rejects.toThrow(want);
    expect(seen).toEqual([]);
  });
});
