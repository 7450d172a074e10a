// The requests of the Kayenta vectors whose `given` is in words: each by its name, with that given made true here.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Resource } from '../../../services/domain/resource.ts';
import type { Account } from '../../../services/kayenta/accounts.ts';
import { readConfig, stampConfig } from '../../../services/kayenta/canary-config.ts';
import { newDocument } from '../../../services/kayenta/documents.ts';
import { runOf } from '../../../services/kayenta/execution-run.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { type TestKayenta, testKayenta } from '../../support/kayenta.ts';
import { matches } from '../../vectors/suites/kayenta-http/matches.ts';

// biome-ignore lint/suspicious/noExplicitAny: vector files are data of many shapes.
type Data = any;

const DATA: Data = JSON.parse(
  readFileSync(new URL('../../vectors/data/kayenta-http.json', import.meta.url).pathname, 'utf8'),
);
const caseOf = (name: string): Data => DATA.http.find((one: Data) => one.name === name);
const configOf = (name: string): Data => DATA.canaryConfigs.find((one: Data) => one.name === name).config;

const ALL_TYPES = ['METRICS_STORE', 'OBJECT_STORE', 'CONFIGURATION_STORE'] as const;
const START = Date.parse('2020-09-09T13:00:00Z');

let source: TestServer;
/** The values that a source answers for a scope, 1 s apart. */
let samples: Readonly<Record<string, readonly number[]>>;
let kayenta: TestKayenta;
let clock: TestClock;

beforeEach(async () => {
  samples = {};
  clock = new TestClock(START + 3_600_000);
  source = await serve((request, response) => answerSource(request.url ?? '', request, response));
  kayenta = await testKayenta(accountsAt(source.url), clock);
});
afterEach(async () => {
  await kayenta.close();
  await source.close();
});

function accountsAt(baseUrl: string): readonly Account[] {
  const endpoint = { baseUrl };
  const metrics = { supportedTypes: ['METRICS_STORE'] as const, endpoint };
  return [
    { name: 'prometheus-account', type: 'prometheus', ...metrics },
    { name: 'graphite-account', type: 'graphite', ...metrics },
    { name: 'sfx', type: 'signalfx', ...metrics, accessToken: 'token', defaultScopeKey: 'canary-scope' },
    { name: 'wavefront-prod', type: 'wavefront', ...metrics, apiToken: 'token' },
    { name: 'atlas-account', type: 'atlas', ...metrics },
    ...['in-memory-store-account', 'intuit-kayenta', 'configs-account', 'my-google-account'].map((name) => ({
      name,
      type: 'memory',
      supportedTypes: ALL_TYPES.slice(1),
    })),
  ];
}

/** Prometheus, Graphite and SignalFx in one: the scope stands somewhere in what is asked. */
function answerSource(url: string, request: Data, response: Data): void {
  const json = (body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const valuesFor = (text: string) => Object.entries(samples).find(([scope]) => text.includes(scope))?.[1] ?? [];
  const decoded = decodeURIComponent(url);
  if (url.startsWith('/-/healthy')) response.end('ok');
  else if (url.startsWith('/api/v1/query_range')) {
    const values = valuesFor(decoded).map((value, index) => [START / 1000 + index, String(value)]);
    json({
      status: 'success',
      data: { resultType: 'matrix', result: values.length === 0 ? [] : [{ metric: {}, values }] },
    });
  } else if (url.startsWith('/render'))
    json([{ target: 't', datapoints: valuesFor(decoded).map((value, index) => [value, START / 1000 + index]) }]);
  else if (url.startsWith('/v2/signalflow')) {
    let program = '';
    request.on('data', (chunk: Buffer) => (program += chunk.toString()));
    request.on('end', () => {
      const events = valuesFor(program).map(
        (value, index) =>
          `event: data\ndata: ${JSON.stringify({ data: [{ tsId: 'a', value }], logicalTimestampMs: START + index })}\n\n`,
      );
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.join(''));
    });
  } else response.writeHead(404).end();
}

async function send(request: Data, ids: Readonly<Record<string, string>> = {}) {
  const payload = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const answer = await kayenta.app.inject({
    method: request.method,
    url: request.path.replace(/\{(\w+)\}/g, (_: string, name: string) => ids[name] ?? name),
    query: request.query ?? {},
    headers: request.headers ?? {},
    ...(payload === undefined ? {} : { payload }),
  });
  const isJson = String(answer.headers['content-type']).startsWith('application/json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.payload,
    body: isJson ? answer.json() : undefined,
  };
}

async function expectCase(name: string, ids: Readonly<Record<string, string>> = {}): Promise<void> {
  const { request, response } = caseOf(name);
  const answer = await send(request, ids);
  expect(answer.status, answer.text).toBe(response.status);
  if (response.bodyMatches !== undefined)
    expect(matches(response.bodyMatches, answer.body), `${answer.text.slice(0, 2000)}`).toBe(true);
  if (response.bodyEmpty) expect(answer.text).toBe('');
  if (response.contentType !== undefined) expect(answer.headers['content-type']).toContain(response.contentType);
  for (const [header, value] of Object.entries(response.headers ?? {})) expect(answer.headers[header]).toBe(value);
  if (response.body !== undefined && !('canaryExecutionId' in response.body))
    expect(answer.body).toEqual(response.body);
}

const storeConfig = async (id: string, config: Data, updated = clock.now()): Promise<void> => {
  const stamped = stampConfig({ ...readConfig(config), id }, { created: updated, updated });
  await kayenta.deps.store.create(newDocument('CanaryConfig', id, { config: stamped }));
};

const post = (path: string, body: Data, query: Data = {}) =>
  send({ method: 'POST', path, query, headers: { 'content-type': 'application/json' }, body });

const scope = (name: string) => ({
  scope: name,
  location: 'us-east-1',
  start: new Date(START).toISOString(),
  end: new Date(START + 60_000).toISOString(),
  step: 1,
  extendedScopeParams: { namespace: 'ns' },
});
const requestFor = (thresholds = { pass: 75, marginal: 50 }) => ({
  scopes: { default: { controlScope: scope('control'), experimentScope: scope('experiment') } },
  thresholds,
});
const range = (from: number, to: number, count = 60) =>
  Array.from({ length: count }, (_, index) => from + ((index * 7) % (to - from + 1)));

/** Starts an ad-hoc execution and carries it out. */
async function judged(config: Data, account: string): Promise<Readonly<Record<string, string>>> {
  const { body } = await post(
    '/canary',
    { canaryConfig: config, executionRequest: requestFor() },
    { metricsAccountName: account },
  );
  await kayenta.advance(body.canaryExecutionId);
  return body;
}

/** Starts a standalone analysis over the past and carries it out: the analysis starts an execution, waits for it, and ends. */
async function analysed(config: Data, account: string) {
  const executionRequest = {
    scopes: [
      {
        scopeName: 'default',
        controlScope: 'control',
        experimentScope: 'experiment',
        step: 1,
        startTimeIso: new Date(START).toISOString(),
        endTimeIso: new Date(START + 60_000).toISOString(),
        extendedScopeParams: { namespace: 'ns' },
      },
    ],
    thresholds: { pass: 75, marginal: 50 },
  };
  const { body } = await post(
    '/standalone_canary_analysis',
    { canaryConfig: config, executionRequest },
    { metricsAccountName: account },
  );
  const id = body.canaryAnalysisExecutionId as string;
  await kayenta.advance(id);
  const [executionId] = (await kayenta.app.inject(`/standalone_canary_analysis/${id}`))
    .json()
    .stageStatus.flatMap((stage: Data) => stage.executionId ?? []);
  await kayenta.advance(executionId);
  await clock.advanceTo(clock.now() + 2000);
  await kayenta.advance(id);
  return body;
}

describe('canary configs', () => {
  it('argo-config-lookup', async () => {
    const { response } = caseOf('argo-config-lookup');
    for (const { id, name, updatedTimestamp, applications } of response.body)
      await storeConfig(id, { name, applications, metrics: [] }, updatedTimestamp);
    const answer = await send(caseOf('argo-config-lookup').request);
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(response.body.length);
    expect(answer.body).toEqual(expect.arrayContaining(response.body));
  });
  it('config-get-ok', async () => {
    await storeConfig('canary_config_12345', { name: 'c', applications: ['test-app'], metrics: [] });
    await expectCase('config-get-ok');
  });
  it('config-post-id-taken', async () => {
    await send(caseOf('config-post-own-id').request);
    await expectCase('config-post-id-taken');
  });
  it('config-post-name-taken-in-application', async () => {
    await storeConfig('other', { name: 'my-config-1', applications: ['myapp'], metrics: [] });
    await expectCase('config-post-name-taken-in-application');
  });
  it.each(['config-put-ok', 'config-delete-ok'])('%s', async (name) => {
    await send(caseOf('config-post-own-id').request);
    await expectCase(name);
  });
  it('config-roundtrip-drops-unknown-and-nulls', async () => {
    const { body } = caseOf('config-post-own-id').request;
    const metrics = body.metrics.map((metric: Data) => ({ ...metric, query: { ...metric.query, unknownField: 1 } }));
    await post('/canaryConfig', { ...body, isNew: true, templates: null, metrics });
    await expectCase('config-roundtrip-drops-unknown-and-nulls');
  });
});

describe('executions', () => {
  it('argo-start', async () => {
    await storeConfig('bf9795c0-170f-403e-bb7f-fef3f9a44d42', {
      name: 'c',
      applications: ['guestbook'],
      metrics: [{ name: 'm', query: { type: 'wavefront', metricName: 'm' }, groups: ['g'], scopeName: 'default' }],
    });
    const answer = await send(caseOf('argo-start').request);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ canaryExecutionId: expect.stringMatching(/^[0-9A-Z]{26}$/) });
  });
  it('argo-poll-running', async () => {
    const id = '01DS50WVHAWSTAQACJKB1VKDQB';
    const context = { application: 'a', canaryConfigId: 'ad-hoc', metricsAccountName: 'm', storageAccountName: 's' };
    const asked = { context, config: readConfig({ metrics: [] }), request: requestFor(), buildTimeMillis: START };
    await kayenta.deps.store.create(newDocument('CanaryExecution', id, { ...asked, startTimeMillis: START }));
    // Without its run it would be canceled.
    const metric = { name: 'canary', provider: { canaryExecution: { executionId: id } } };
    await kayenta.deps.store.create(runOf(id, 'a', metric) as Resource);
    await expectCase('argo-poll-running');
  });
  it('argo-poll-unknown-id', () => expectCase('argo-poll-unknown-id'));
  it('canary-start-no-metrics', async () => {
    await storeConfig('canary_config_12345', { name: 'c', applications: ['test-app'], metrics: [] });
    await expectCase('canary-start-no-metrics');
  });
  it('canary-adhoc-metric-without-scope-name', () => expectCase('canary-adhoc-metric-without-scope-name'));
  it('canary-no-accounts-configured', async () => {
    await kayenta.close();
    kayenta = await testKayenta([], clock);
    await expectCase('canary-no-accounts-configured');
  });
  it('signalfx-adhoc-canary-result-healthy', async () => {
    samples = { control: range(40, 45), experiment: range(40, 45) };
    await expectCase('signalfx-adhoc-canary-result-healthy', await judged(configOf('signalfx-integration'), 'sfx'));
  });
  it('signalfx-adhoc-canary-result-unhealthy', async () => {
    samples = { control: range(40, 45), experiment: range(400, 450) };
    await expectCase('signalfx-adhoc-canary-result-unhealthy', await judged(configOf('signalfx-integration'), 'sfx'));
  });
  it('orca-cancel', async () => {
    const { body } = await post('/canary', {
      canaryConfig: configOf('prometheus-integration-cpu'),
      executionRequest: requestFor(),
    });
    const { request, response } = caseOf('orca-cancel');
    const answer = await send({ ...request, path: `/pipelines/${body.canaryExecutionId}/cancel` });
    expect(answer).toMatchObject({ status: response.status, text: '' });
    expect(answer.headers['content-length']).toBe('0');
    expect((await kayenta.app.inject(`/canary/${body.canaryExecutionId}`)).json()).toMatchObject({
      complete: true,
      status: 'canceled',
    });
  });
  it('canary-error-metric-result', async () => {
    // Four equal samples on one side and none that can be compared on the other.
    samples = { control: [793658709.3333334, 793658709.3333334, 793658709.3333334, 793658709.3333334], experiment: [] };
    const { body } = await post('/canary', {
      canaryConfig: {
        metrics: [
          {
            name: 'm',
            query: { type: 'prometheus', customInlineTemplate: 'PromQL:m{s="${scope}"}' },
            groups: ['System'],
            scopeName: 'default',
            analysisConfigurations: { canary: { direction: 'increase', effectSize: { measure: 'unknown' } } },
          },
        ],
        classifier: { groupWeights: { System: 100 } },
      },
      executionRequest: {
        scopes: {
          default: {
            controlScope: { ...scope('control'), end: new Date(START + 240_000).toISOString(), step: 60 },
            experimentScope: { ...scope('experiment'), end: new Date(START + 240_000).toISOString(), step: 60 },
          },
        },
        thresholds: { pass: 95, marginal: 75 },
      },
    });
    await kayenta.advance(body.canaryExecutionId);
    const answer = (await kayenta.app.inject(`/canary/${body.canaryExecutionId}`)).json();
    expect(answer).toMatchObject({ complete: true, result: { canaryDuration: 'PT4M' } });
  });
});

describe('standalone analyses', () => {
  it('standalone-result-prometheus-good', async () => {
    samples = { control: range(40, 45), experiment: range(39, 46) };
    const ids = await analysed(configOf('prometheus-integration-cpu'), 'prometheus-account');
    await expectCase('standalone-result-prometheus-good', ids);
  });
  it('standalone-result-prometheus-bad', async () => {
    samples = { control: range(10, 20), experiment: range(20, 23) };
    const ids = await analysed(configOf('prometheus-integration-cpu'), 'prometheus-account');
    await expectCase('standalone-result-prometheus-bad', ids);
  });
  it('standalone-result-graphite-good', async () => {
    samples = { control: range(40, 45), experiment: range(40, 45) };
    const ids = await analysed(configOf('graphite-integration-cpu'), 'graphite-account');
    await expectCase('standalone-result-graphite-good', ids);
  });
});

describe('the rest', () => {
  it('orca-credentials', async () => {
    await kayenta.close();
    kayenta = await testKayenta(
      [
        {
          name: 'prometheus-account',
          type: 'prometheus',
          supportedTypes: ['METRICS_STORE'],
          endpoint: { baseUrl: 'http://localhost:9090' },
          password: 'secret',
          bearerToken: 'secret',
        },
        { name: 'in-memory-store-account', type: 'memory', supportedTypes: ALL_TYPES },
      ],
      clock,
    );
    const answer = await send(caseOf('orca-credentials').request);
    expect(matches(caseOf('orca-credentials').response.bodyMatches, answer.body)).toBe(true);
    expect(answer.text).not.toContain('secret');
  });
  it('judge-direct-unknown-judge', async () => {
    await storeConfig('x', { name: 'c', applications: ['a'], metrics: [], judge: { name: 'nope-v1' } });
    await expectCase('judge-direct-unknown-judge');
  });
  it('metric-set-pair-list-get and metric-set-pair-single-missing', async () => {
    samples = { control: range(40, 45), experiment: range(40, 45, 50) };
    const { canaryExecutionId } = await judged(configOf('prometheus-integration-cpu'), 'prometheus-account');
    const { metricSetPairListId } = (await kayenta.app.inject(`/canary/${canaryExecutionId}`)).json();
    await expectCase('metric-set-pair-list-get', { metricSetPairListId });
    await expectCase('metric-set-pair-single-missing', { metricSetPairListId });
  });
  it('health', () => expectCase('health'));

  it('every case whose given is in words is here', () => {
    const written = readFileSync(new URL(import.meta.url).pathname, 'utf8');
    const worded = DATA.http
      .filter((one: Data) => typeof one.given === 'string')
      .map((one: Data) => one.name as string);
    expect(worded.filter((name: string) => !written.includes(name))).toEqual([]);
  });
});
