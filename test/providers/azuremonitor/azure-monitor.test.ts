import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const RESOURCE = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/app';

type Points = readonly object[];

const metricOf = (name: string, series: readonly Points[], more: object = {}) => ({
  name: { value: name },
  errorCode: 'Success',
  timeseries: series.map((data) => ({ data })),
  ...more,
});
const answerOf = (...metrics: readonly object[]) => ({ access_token: 'at', value: metrics });

const machine = await answeringServer();
afterAll(() => machine.close());

providerConformance('azureMonitor', {
  spec: (_url, _secret, seconds) => ({
    azureMonitor: {
      resourceId: RESOURCE,
      metricNames: ['Requests'],
      aggregation: ['Total'],
      requestTimeout: `${seconds}s`,
    },
  }),
  options(url, secret) {
    machine.answer({ access_token: secret });
    const settings: Readonly<Record<string, string>> = {
      IDENTITY_ENDPOINT: `${machine.url}/msi/token`,
      IDENTITY_HEADER: 'h',
      AZURE_RESOURCE_MANAGER_ADDRESS: url,
    };
    return { setting: (name) => settings[name] };
  },
  answer: { contentType: 'application/json', body: JSON.stringify(answerOf(metricOf('Requests', [[{ total: 1 }]]))) },
});

describe('azureMonitor', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => {
    server.asked.splice(0);
    machine.asked.splice(0);
    machine.answer({ access_token: 'machine' });
  });
  afterAll(() => server.close());

  const SECRET = { 'tenant-id': 't/1', 'client-id': 'cid', 'client-secret': 'hunter2' };
  const ask = (
    query: object,
    more: Readonly<Record<string, string>> = {},
    secret: Readonly<Record<string, string>> = SECRET,
  ) => {
    const settings: Readonly<Record<string, string>> = {
      AZURE_AUTHORITY_HOST: server.url,
      AZURE_RESOURCE_MANAGER_ADDRESS: server.url,
      ...more,
    };
    return testProviders({
      clock: new TestClock(NOW),
      setting: (name) => settings[name],
      secrets: { read: async () => secret },
    }).measure(
      callFor({
        azureMonitor: {
          resourceId: RESOURCE,
          metricNames: ['Requests', 'Http5xx'],
          aggregation: ['Total'],
          secretRef: { name: 'az' },
          ...query,
        },
      }),
    ) as Promise<Reading>;
  };

  it('asks Entra for a token, then the resource for its metrics', async () => {
    server.answer(answerOf(metricOf('Requests', [[{ total: 2 }]]), metricOf('Http5xx', [[{ total: 1 }]])));
    await ask({
      metricNamespace: 'Microsoft.Web/sites',
      filter: "Instance eq '*'",
      timegrain: 'PT5M',
      interval: '10m',
    });
    const [token, metrics] = server.asked;
    expect(token).toMatchObject({ method: 'POST', path: '/t/1/oauth2/v2.0/token' });
    expect(Object.fromEntries(new URLSearchParams(token?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'cid',
      client_secret: 'hunter2',
      scope: 'https://management.azure.com/.default',
    });
    expect(metrics).toMatchObject({
      method: 'GET',
      path: `${RESOURCE}/providers/Microsoft.Insights/metrics`,
      query: {
        'api-version': '2023-10-01',
        metricnames: 'Requests,Http5xx',
        metricnamespace: 'Microsoft.Web/sites',
        aggregation: 'Total',
        interval: 'PT5M',
        timespan: '2026-01-01T00:00:00Z/2026-01-01T00:10:00Z',
        $filter: "Instance eq '*'",
      },
      headers: { authorization: 'Bearer at' },
    });
  });

  it('asks the machine for its identity where no secret is named', async () => {
    server.answer(answerOf(metricOf('Requests', []), metricOf('Http5xx', [])));
    const settings = { IDENTITY_ENDPOINT: `${machine.url}/msi/token`, IDENTITY_HEADER: 'h', AZURE_CLIENT_ID: 'user' };
    await ask({ secretRef: undefined }, settings);
    expect(machine.asked).toMatchObject([
      {
        path: '/msi/token',
        query: { resource: 'https://management.azure.com/', client_id: 'user', 'api-version': '2019-08-01' },
        headers: { 'x-identity-header': 'h' },
      },
    ]);
    expect(server.asked).toMatchObject([{ headers: { authorization: 'Bearer machine' } }]);
  });

  const both = (requests: readonly Points[], errors: readonly Points[]) =>
    answerOf(metricOf('Requests', requests), metricOf('Http5xx', errors));

  it.each([
    {
      name: 'a list a metric, nil where a point has no data',
      body: both([[{ total: 10 }, { total: 20 }]], [[{ total: 0 }, {}]]),
      value: '{"Http5xx":[0,null],"Requests":[10,20]}',
    },
    {
      name: 'several time series one after another',
      body: both([[{ total: 1 }], [{ total: 2 }]], []),
      value: '{"Http5xx":[],"Requests":[1,2]}',
    },
    {
      name: 'names that Azure spells otherwise',
      body: answerOf(metricOf('requests', [[{ total: 1 }]]), metricOf('HTTP5XX', [[{ total: 2 }]])),
      value: '{"Http5xx":[2],"Requests":[1]}',
    },
  ])('reads $name', async ({ body, value }) => {
    server.answer(body);
    expect(await ask({})).toEqual({ value, result: { type: 'map[string]interface {}', value: JSON.parse(value) } });
  });

  it('reads several aggregations apart', async () => {
    server.answer(both([[{ total: 10, average: 2.5 }]], [[{}]]));
    expect(await ask({ aggregation: ['Total', 'Average'] })).toMatchObject({
      value: '{"Http5xx":{"Average":[null],"Total":[null]},"Requests":{"Average":[2.5],"Total":[10]}}',
    });
  });

  it('is nil when no point has data', async () => {
    server.answer(both([[{}]], []));
    expect(await ask({})).toMatchObject({ result: { type: 'nil', value: null } });
  });

  it.each([
    {
      name: 'a metric without an answer',
      body: answerOf(metricOf('Requests', [])),
      status: 200,
      want: 'no answer for the metric Http5xx',
    },
    {
      name: 'an error inside a 200',
      body: answerOf(metricOf('Requests', [], { errorCode: 'InternalServerError', errorMessage: 'later' })),
      status: 200,
      want: 'Azure Monitor: metric Requests: InternalServerError later',
    },
    { name: 'a text for a number', body: both([[{ total: 'x' }]], []), status: 200, want: '"x" is not a number' },
    {
      name: 'wrong credentials',
      body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided' },
      status: 401,
      want: 'of client cid, answered 401 Unauthorized: AADSTS7000215: Invalid client secret provided (check the credentials)',
    },
    { name: 'no token', body: {}, status: 200, want: 'answered without an access_token' },
  ])('fails on $name', async ({ body, status, want }) => {
    server.answer(body, status);
    await expect(ask({})).rejects.toThrow(want);
  });

  it('asks nobody for what is no resource, and without a whole secret', async () => {
    await expect(ask({}, {}, { 'tenant-id': 't' })).rejects.toThrow('secret "az" does not contain client-id');
    await expect(ask({ resourceId: 'app' })).rejects.toThrow('resourceId must begin with /subscriptions/');
    expect(server.asked).toEqual([]);
  });
});
