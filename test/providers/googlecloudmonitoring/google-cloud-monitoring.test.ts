import { generateKeyPairSync, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const MINUTE = 60_000;
const minute = (n: number) => new Date(NOW - (10 - n) * MINUTE).toISOString();

const metadata = await answeringServer();
afterAll(() => metadata.close());

providerConformance('googleCloudMonitoring', {
  spec: (_url, _secret, seconds) => ({
    googleCloudMonitoring: { project: 'p', query: 'up', requestTimeout: `${seconds}s` },
  }),
  options(url, secret) {
    metadata.answer({ access_token: secret });
    const settings: Readonly<Record<string, string>> = {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      GOOGLE_CLOUD_MONITORING_ADDRESS: url,
    };
    return { setting: (name) => settings[name] };
  },
  answer: {
    contentType: 'application/json',
    body: '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}',
  },
});

describe('googleCloudMonitoring', () => {
  let server: AnsweringServer;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keyOf = (more: object = {}) =>
    JSON.stringify({
      type: 'service_account',
      client_email: 'assay@p.iam.gserviceaccount.com',
      private_key: pem,
      private_key_id: 'k1',
      token_uri: `${server.url}/token`,
      ...more,
    });

  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => {
    server.asked.splice(0);
    metadata.asked.splice(0);
    metadata.answer({ access_token: 'machine' });
  });
  afterAll(() => server.close());

  const providers = (secret?: Readonly<Record<string, string>>) => {
    const settings: Readonly<Record<string, string>> = {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      GOOGLE_CLOUD_MONITORING_ADDRESS: server.url,
    };
    return testProviders({
      clock: new TestClock(NOW),
      setting: (name) => settings[name],
      secrets: { read: async () => secret },
    });
  };
  const callOf = (query: object) => callFor({ googleCloudMonitoring: { project: 'p', ...query } });
  const ask = (query: object, secret?: Readonly<Record<string, string>>) =>
    providers(secret).measure(callOf(query)) as Promise<Reading>;

  it('signs in with the account of the machine', async () => {
    server.answer({ timeSeriesData: [] });
    await ask({ mql: 'fetch x' });
    expect(metadata.asked).toMatchObject([
      {
        path: '/computeMetadata/v1/instance/service-accounts/default/token',
        query: { scopes: 'https://www.googleapis.com/auth/monitoring.read' },
        headers: { 'metadata-flavor': 'Google' },
      },
    ]);
    expect(server.asked).toMatchObject([{ headers: { authorization: 'Bearer machine' } }]);
  });

  it('signs in with a key: an assertion that its public half verifies', async () => {
    server.answer({ access_token: 'granted', timeSeriesData: [] });
    await ask(
      { mql: 'fetch x', project: undefined, secretRef: { name: 'g' } },
      { serviceAccountKey: keyOf(), project: 'from-secret' },
    );
    const [token, query] = server.asked;
    const form = new URLSearchParams(token?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
    expect(read(claims)).toEqual({
      iss: 'assay@p.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/monitoring.read',
      aud: `${server.url}/token`,
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    });
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(query).toMatchObject({
      path: '/v3/projects/from-secret/timeSeries:query',
      headers: { authorization: 'Bearer granted' },
    });
    expect(metadata.asked).toEqual([]);
  });

  it.each([
    { name: 'text', key: 'hunter2', want: 'the service account key is not JSON' },
    {
      name: 'credentials of a person',
      key: '{"type":"authorized_user"}',
      want: '"authorized_user" are not those of a service account',
    },
    { name: 'half a key', key: '{"client_email":"a"}', want: 'needs client_email and private_key' },
    {
      name: 'a spoilt key',
      key: '{"client_email":"a","private_key":"hunter2"}',
      want: 'the private_key of a is not a PEM key',
    },
  ])('refuses $name for a key and does not show it', async ({ key, want }) => {
    const asking = ask({ mql: 'x', secretRef: { name: 'g' } }, { serviceAccountKey: key });
    await expect(asking).rejects.toThrow(want);
    await expect(asking).rejects.not.toThrow('hunter2');
  });

  it('says what is missing where nobody issues tokens', async () => {
    metadata.answer('not here', 404);
    await expect(ask({ mql: 'x' })).rejects.toThrow('the metadata server answered 404 Not Found: not here');
  });

  it('asks PromQL as the prometheus provider does', async () => {
    server.answer({ status: 'success', data: { resultType: 'vector', result: [] } });
    expect(await ask({ query: 'up' })).toEqual({ value: '[]', result: { type: '[]float64', value: [] } });
    expect(server.asked).toMatchObject([
      {
        method: 'POST',
        path: '/v1/projects/p/location/global/prometheus/api/v1/query',
        body: 'query=up&time=1767226200',
      },
    ]);
  });

  const listed = (...points: readonly object[]) => ({
    timeSeries: [
      {
        metric: { type: 'run.googleapis.com/request_count', labels: { code: '200' } },
        resource: { labels: { service: 'shop' } },
        points: points.map((value, index) => ({ interval: { endTime: minute(points.length - index) }, value })),
      },
    ],
  });
  const timeSeries = {
    filter: 'metric.type="x"',
    crossSeriesReducer: 'REDUCE_SUM',
    groupByFields: ['resource.labels.zone'],
  };

  it('lists time series over the interval and takes the newest point of each', async () => {
    server.answer(listed({ doubleValue: 3 }, { doubleValue: 2 }));
    expect(await ask({ timeSeries, interval: '10m' })).toMatchObject({ value: '[3]' });
    expect(server.asked).toMatchObject([
      {
        path: '/v3/projects/p/timeSeries',
        query: {
          filter: 'metric.type="x"',
          'interval.startTime': '2026-01-01T00:00:00Z',
          'interval.endTime': '2026-01-01T00:10:00Z',
          'aggregation.alignmentPeriod': '60s',
          'aggregation.perSeriesAligner': 'ALIGN_MEAN',
          'aggregation.crossSeriesReducer': 'REDUCE_SUM',
          'aggregation.groupByFields': 'resource.labels.zone',
        },
      },
    ]);
  });

  it.each([
    { name: 'whole numbers, which are text', points: [{ int64Value: '64' }], want: { value: '[64]' } },
    { name: 'what is not finite', points: [{ doubleValue: 'NaN' }], want: { value: '[NaN]' } },
    { name: 'true', points: [{ boolValue: true }], want: { value: '[1]' } },
    { name: 'no points', points: [], want: { value: '[]', result: { type: 'nil', value: null } } },
  ])('reads $name', async ({ points, want }) => {
    server.answer(listed(...points));
    expect(await ask({ timeSeries })).toMatchObject(want);
  });

  it.each([
    {
      name: 'a distribution',
      status: 200,
      body: listed({ distributionValue: {} }),
      want: 'no number but distributionValue: choose an aligner',
    },
    {
      name: 'half an answer',
      status: 200,
      body: { executionErrors: [{ message: 'too much' }] },
      want: 'half an answer: too much',
    },
    {
      name: 'missing rights',
      status: 403,
      body: { error: { message: 'denied', status: 'PERMISSION_DENIED' } },
      want: '403 Forbidden: denied (check what the credentials may read)',
    },
  ])('fails on $name', async ({ status, body, want }) => {
    server.answer(body, status);
    await expect(ask({ timeSeries })).rejects.toThrow(want);
  });

  it.each([{ query: {} }, { query: { query: 'up', mql: 'x' } }])(
    'wants one language, not $query',
    async ({ query }) => {
      await expect(ask(query)).rejects.toThrow('write one of query, timeSeries and mql');
    },
  );

  it('gives series of both that have ranges', async () => {
    const range = { startMs: NOW - 3 * MINUTE, endMs: NOW, stepMs: MINUTE };
    server.answer({
      timeSeries: [
        {
          metric: { type: 'm', labels: { code: '200' } },
          points: [
            { interval: { endTime: minute(10) }, value: { doubleValue: 3 } },
            { interval: { endTime: minute(8) }, value: { doubleValue: 1 } },
          ],
        },
      ],
    });
    const [aligned] = await providers().series(callOf({ timeSeries }), range);
    expect(aligned).toMatchObject({ name: 'm', tags: { code: '200' }, startMs: range.startMs });
    expect([...(aligned?.values ?? [])]).toEqual([1, Number.NaN, 3]);
    server.answer({
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: {}, values: [[range.startMs / 1000, '7']] }] },
    });
    const [fromPromQl] = await providers().series(callOf({ query: 'up' }), range);
    expect([...(fromPromQl?.values ?? [])]).toEqual([7, Number.NaN, Number.NaN]);
    await expect(providers().series(callOf({ mql: 'x' }), range)).rejects.toThrow('mql has a window of its own');
  });

  it('reads all pages', async () => {
    server.answer({ ...listed({ doubleValue: 1 }), nextPageToken: 'more' });
    await expect(ask({ timeSeries })).rejects.toThrow('more than 20 pages');
    expect(server.asked[1]?.query).toMatchObject({ pageToken: 'more' });
  });
});
