/** What Kayenta's clients ask, in their order, of a live server over a real Prometheus: they must find what they read, and nothing that they cannot. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deferred, Reading } from '../../providers/contract.ts';
import { assay as assayCommand } from '../support/assay-command.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { type PrometheusServer, startPrometheus } from '../support/prometheus.ts';
import { callFor, testProviders } from '../support/providers.ts';
import { releaseHistory } from '../support/release-history.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-kayenta-'));
const history = releaseHistory(Date.now());
const iso = (ms: number) => new Date(ms).toISOString();
/** The hour that is looked at, with the offset of a controller in another time zone. */
const START = history.endMs - 3_600_000;
const withOffset = (ms: number) => `${new Date(ms + 7_200_000).toISOString().slice(0, 19)}+02:00`;

let prometheus: PrometheusServer;
let assay: AssayServer;
beforeAll(async () => {
  prometheus = await startPrometheus({ history: history.text });
  writeFileSync(
    join(folder, 'kayenta.yml'),
    `kayenta:
  prometheus:
    enabled: true
    accounts:
      - { name: prod, endpoint: { base-url: ${prometheus.url} } }
      - { name: gone, endpoint: { base-url: "http://127.0.0.1:1" } }
  memory:
    enabled: true
    accounts:
      - { name: storage, supportedTypes: [OBJECT_STORE] }
      - { name: configs, supportedTypes: [CONFIGURATION_STORE] }
`,
  );
  assay = await startAssay({ flags: ['--kayenta-accounts', join(folder, 'kayenta.yml')] });
}, 60_000);
afterAll(async () => {
  await Promise.all([assay?.stop(), prometheus?.stop()]);
  rmSync(folder, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: clients read into answers of every shape.
type Body = any;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

/** One call as a client sends it. No answer of Kayenta's API may hold null: clients cannot read it. */
async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(assay.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  expect(text, `${method} ${path}`).not.toMatch(/[:[,]null\b/);
  return { status: answer.status, headers: answer.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

async function untilComplete(path: string): Promise<Body> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50)) {
    const { status, body } = await call('GET', path);
    expect(status).toBe(200);
    expect(typeof body.complete).toBe('boolean');
    if (body.complete) return body;
    expect(body).not.toHaveProperty('result');
  }
  throw new Error(`${path} did not complete`);
}

const config = (name: string, more: object = {}) => ({
  name,
  applications: ['shop'],
  isNew: true,
  judge: { name: 'NetflixACAJudge-v1.0', judgeConfigurations: {} },
  metrics: [
    {
      name: 'errors',
      query: {
        type: 'prometheus',
        queryType: 'PROMQL',
        customInlineTemplate: 'PromQL:sum(errors{version="${scope}"})',
      },
      groups: ['quality'],
      analysisConfigurations: { canary: { direction: 'increase' } },
      scopeName: 'default',
    },
    {
      name: 'requests',
      query: { type: 'prometheus', metricName: 'requests', customInlineTemplate: 'app="shop",version="${scope}"' },
      groups: ['load'],
      analysisConfigurations: { canary: { direction: 'either' } },
      scopeName: 'default',
    },
  ],
  classifier: { groupWeights: { quality: 60, load: 40 } },
  ...more,
});
const side = (scope: string, more: object = {}) => ({
  scope,
  location: 'eu',
  start: iso(START),
  end: iso(history.endMs),
  step: 60,
  ...more,
});
const request = (canary: string, more: object = {}) => ({
  scopes: { default: { controlScope: side('v1', more), experimentScope: side(canary, more) } },
  thresholds: { pass: 95, marginal: 75 },
});
const store = async (body: object): Promise<string> => (await call('POST', '/canaryConfig', body)).body.canaryConfigId;

describe("Argo's kayenta provider", () => {
  /** With the very client: a slash at the end of the address, no configuration account, times with an offset, a dot in the id. */
  async function measure(canary: string, step: number): Promise<{ reading: Reading | Error; id: string }> {
    const providers = testProviders();
    const scope = (name: string) => ({
      scope: name,
      region: '',
      step,
      start: withOffset(START),
      end: withOffset(history.endMs),
    });
    const metric = callFor({
      kayenta: {
        address: `${assay.url}/`,
        application: 'shop',
        canaryConfigName: 'argo',
        metricsAccountName: 'prod',
        configurationAccountName: '',
        storageAccountName: 'storage',
        threshold: { pass: 95, marginal: 75 },
        scopes: [{ name: 'default', controlScope: scope('v1'), experimentScope: scope(canary) }],
      },
    });
    try {
      const started = (await providers.measure(metric)) as Deferred;
      const id = started.metadata?.['canaryExecutionId'] ?? '';
      await untilComplete(`/canary/${id}`);
      const inFlight = { phase: 'Running' as const, metadata: { canaryExecutionId: id } };
      return {
        id,
        reading: await (providers.resume(metric, inFlight) as Promise<Reading>).catch((error: Error) => error),
      };
    } finally {
      providers.close();
    }
  }
  beforeAll(() => store(config('argo', { id: 'argo.config.v1' })));

  it('finds the config by its name, starts, polls and reads a score', async () => {
    expect((await measure('v2', 60)).reading).toMatchObject({ value: '100', verdict: { phase: 'Successful' } });
    expect((await measure('v3', 60)).reading).toMatchObject({ value: '40', verdict: { phase: 'Failed' } });
  });

  it('gets an Error for the step of 0 that it sends when none is set, and the execution says so', async () => {
    const { id, reading } = await measure('v2', 0);
    expect(reading).toMatchObject({ message: 'Missing Score' });
    const { body } = await call('GET', `/canary/${id}`);
    expect(body).toMatchObject({
      status: 'terminal',
      exception: { details: { errors: [expect.stringMatching(/400 .*step.*zero/)] } },
    });
  });

  it('sees only what its Go client decodes', async () => {
    const { body } = await call('GET', '/canaryConfig?application=shop&configurationAccountName=storage');
    const [found] = body.filter(({ name }: { name: string }) => name === 'argo');
    expect(found).toEqual({
      id: 'argo.config.v1',
      name: 'argo',
      updatedTimestamp: expect.any(Number),
      updatedTimestampIso: expect.stringMatching(/Z$/),
      applications: ['shop'],
    });
    expect(Number.isInteger(found.updatedTimestamp)).toBe(true);
    const empty =
      '/canary/argo.config.v1?application=&metricsAccountName=&configurationAccountName=&storageAccountName=';
    const started = await call('POST', empty, request('v2', { location: '', start: withOffset(START) }));
    expect(started).toMatchObject({
      status: 200,
      body: { canaryExecutionId: expect.stringMatching(/^[0-9A-Z]{26}$/) },
    });
    expect(await untilComplete(`/canary/${started.body.canaryExecutionId}`)).toMatchObject({
      application: expect.stringMatching(/^kayenta-/),
      metricsAccountName: 'prod',
      canaryExecutionRequest: { scopes: { default: { controlScope: { start: iso(START).replace('.000Z', 'Z') } } } },
    });
  });
});

describe("Orca's kayentaCanary stage", () => {
  const start = async (canary: string, account = 'prod'): Promise<string> => {
    const { body: configs } = await call('GET', '/canaryConfig');
    for (const each of configs)
      expect(each).toMatchObject({ id: expect.any(String), name: expect.any(String), applications: expect.any(Array) });
    const matches = configs.filter(({ name, applications }: Body) => name === 'orca' && applications.includes('shop'));
    expect(matches).toHaveLength(1);
    const query = `application=shop&parentPipelineExecutionId=01PIPELINE&metricsAccountName=${account}&storageAccountName=storage`;
    const asked = { ...request(canary, { extendedScopeParams: { zone: null } }), siteLocal: {} };
    const { status, body } = await call('POST', `/canary/${matches[0].id}?${query}`, asked);
    expect(status).toBe(200);
    return body.canaryExecutionId;
  };
  beforeAll(() => store(config('orca')));

  it.each([
    { canary: 'v2', score: 100, classification: 'Pass' },
    { canary: 'v3', score: 40, classification: 'Fail' },
  ])(
    'judges $canary, reads what its decoder needs, and asks for the accounts',
    async ({ canary, score, classification }) => {
      const done = await untilComplete(`/canary/${await start(canary)}?storageAccountName=storage`);
      expect(done).toMatchObject({
        status: 'succeeded',
        application: 'shop',
        parentPipelineExecutionId: '01PIPELINE',
        result: {
          judgeResult: { score: { score, classification, classificationReason: expect.any(String) } },
          canaryDuration: 'PT1H',
        },
        canaryExecutionRequest: { thresholds: { pass: 95, marginal: 75 }, siteLocal: {} },
      });
      for (const result of done.result.judgeResult.results)
        expect(result.controlMetadata.stats.count).toBeGreaterThanOrEqual(50);
      for (const { controlScope, experimentScope } of Object.values<Body>(done.canaryExecutionRequest.scopes))
        for (const scope of [controlScope, experimentScope])
          expect([scope.start, scope.end]).toEqual([expect.any(String), expect.any(String)]);
      const { body: accounts } = await call('GET', '/credentials');
      expect(accounts.find(({ name }: Body) => name === 'prod')).toMatchObject({
        type: 'prometheus',
        supportedTypes: ['METRICS_STORE'],
      });
    },
  );

  it('cancels an execution whose source is away', async () => {
    const id = await start('v2', 'gone');
    const answer = await fetch(`${assay.url}/pipelines/${id}/cancel`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '""',
    });
    expect([
      answer.status,
      answer.headers.get('content-length'),
      answer.headers.get('transfer-encoding'),
      await answer.text(),
    ]).toEqual([202, '0', null, '']);
    const done = await untilComplete(`/canary/${id}`);
    expect(done).toMatchObject({ status: 'canceled', complete: true });
    expect(done).not.toHaveProperty('exception');
    expect((await call('PUT', `/pipelines/${id}/cancel`, '')).status).toBe(202);
    expect((await call('PUT', '/pipelines/01UNKNOWN/cancel', '')).status).toBe(404);
  });

  it('finds its executions as runs, labelled with application and id', async () => {
    const id = await start('v2');
    await untilComplete(`/canary/${id}`);
    const selector = encodeURIComponent(`kayenta.assay/execution-id=${id},kayenta.assay/application=shop`);
    const { body } = await call(
      'GET',
      `/apis/argoproj.io/v1alpha1/namespaces/kayenta/analysisruns/${id.toLowerCase()}?wait=5s`,
    );
    expect(body.status).toMatchObject({ phase: 'Successful' });
    const list = await call('GET', `/apis/argoproj.io/v1alpha1/analysisruns?labelSelector=${selector}`);
    expect(list.body.items).toHaveLength(1);
  });
});

describe('Deck through Gate', () => {
  it('edits a config, tries it, lists and shows the run and its samples', async () => {
    const { body: accounts } = await call('GET', '/credentials');
    for (const account of accounts)
      expect(account).toMatchObject({
        locations: expect.any(Array),
        recommendedLocations: expect.any(Array),
        supportedTypes: expect.any(Array),
      });
    expect((await call('GET', '/judges')).body).toContainEqual({ name: 'NetflixACAJudge-v1.0', visible: true });
    expect((await call('GET', '/metadata/metricsService?filter=ERR&metricsAccountName=prod')).body).toEqual([
      { name: 'errors' },
    ]);

    const created = await call(
      'POST',
      '/canaryConfig?configurationAccountName=configs',
      config('deck', { metrics: [] }),
    );
    const id = created.body.canaryConfigId;
    const changed = config('deck', { id, classifier: { groupWeights: { quality: 90, load: 40 } } });
    const put = await call('PUT', `/canaryConfig/${id}?configurationAccountName=configs`, changed);
    expect(put.headers.get('warning')).toContain('groupWeights add up to 130');
    const { body: stored } = await call('GET', `/canaryConfig/${id}?configurationAccountName=configs`);
    expect(stored).toMatchObject({ name: 'deck', createdTimestamp: expect.any(Number) });
    expect(stored).not.toHaveProperty('isNew');

    const started = await call(
      'POST',
      `/canary/${id}?application=deck-app&metricsAccountName=prod&storageAccountName=storage`,
      request('v3'),
    );
    await untilComplete(`/canary/${started.body.canaryExecutionId}?storageAccountName=storage`);
    const { body: runs } = await call(
      'GET',
      '/canary/executions?application=deck-app&limit=20&page=1&statuses=SUCCEEDED',
    );
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run).toMatchObject({
      pipelineId: started.body.canaryExecutionId,
      canaryConfigId: id,
      config: { name: 'deck' },
      startTimeIso: expect.any(String),
    });
    expect((await call('GET', '/canary/executions?application=deck-app&page=2')).body).toEqual([]);

    const { body: pairs } = await call('GET', `/metricSetPairList/${run.metricSetPairListId}?accountName=storage`);
    expect(pairs.map(({ id }: Body) => id)).toEqual(run.result.judgeResult.results.map(({ id }: Body) => id));
    expect(pairs[0]).toMatchObject({
      name: 'errors',
      scopes: { control: { startTimeMillis: START, stepMillis: 60_000 } },
      attributes: { control: { query: 'sum(errors{version="v1"})' } },
    });
    expect(pairs[0].values.control).toHaveLength(61);
    const judged = await call(
      'POST',
      `/judges/judge?canaryConfigId=${id}&metricSetPairListId=${run.metricSetPairListId}&passThreshold=95&marginalThreshold=75`,
    );
    expect(judged.body.score).toEqual(run.result.judgeResult.score);
    expect((await call('DELETE', `/canaryConfig/${id}`)).status).toBe(204);
  });

  it('shows a failed run with its config and what went wrong', async () => {
    const backwards = request('v2', { start: iso(history.endMs), end: iso(START) });
    const { body } = await call('POST', '/canary?metricsAccountName=prod', {
      canaryConfig: config('x'),
      executionRequest: backwards,
    });
    const done = await untilComplete(`/canary/${body.canaryExecutionId}`);
    expect(done).toMatchObject({
      status: 'terminal',
      application: 'ad-hoc',
      config: { name: 'x' },
      exception: { details: { errors: [expect.stringMatching(/end timestamp must not be before start/)] } },
      stageStatus: { fetchControl0: 'terminal', mixMetrics: 'not_started', judge: 'not_started' },
    });
  });
});

describe('Referee', () => {
  it('runs ad hoc, then a retrospective analysis, and shows each judgement with its samples', async () => {
    await call('GET', '/credentials');
    const adHoc = await call('POST', '/canary?application=ref&metricsAccountName=prod&storageAccountName=storage', {
      canaryConfig: config('ref'),
      executionRequest: request('v2'),
    });
    expect((await untilComplete(`/canary/${adHoc.body.canaryExecutionId}`)).stageStatus).toMatchObject({
      setupContext: 'succeeded',
      judge: 'succeeded',
    });

    const started = await call(
      'POST',
      '/standalone_canary_analysis?application=ref&metricsAccountName=prod&storageAccountName=storage',
      {
        canaryConfig: config('ref'),
        executionRequest: {
          scopes: [
            { controlScope: 'v1', experimentScope: 'v2', startTimeIso: iso(START), endTimeIso: iso(history.endMs) },
          ],
          thresholds: { pass: 95, marginal: 75 },
          analysisIntervalMins: 30,
        },
      },
    );
    const done = await untilComplete(`/standalone_canary_analysis/${started.body.canaryAnalysisExecutionId}`);
    expect(done).toMatchObject({
      status: 'succeeded',
      executionStatus: 'SUCCEEDED',
      canaryAnalysisExecutionResult: {
        didPassThresholds: true,
        hasWarnings: true,
        canaryScores: [100, 100],
        canaryScoreMessage: 'Final canary score 100.0 met or exceeded the pass score threshold.',
      },
    });
    expect(done.canaryConfig).toMatchObject({ name: 'ref' });
    for (const { metricSetPairListId, judgementStartTimeIso } of done.canaryAnalysisExecutionResult
      .canaryExecutionResults) {
      expect(judgementStartTimeIso).toBe(iso(START).replace('.000Z', 'Z'));
      expect((await call('GET', `/metricSetPairList/${metricSetPairListId}`)).status).toBe(200);
    }
    const report = await assayCommand([
      'report',
      started.body.canaryAnalysisExecutionId,
      '--server',
      assay.url,
      '--out',
      '-',
    ]);
    expect([report.code, report.err]).toEqual([0, '']);
    expect(report.out).toContain('<h2>Judgement 2</h2>');
  });
});

it('a process that dies while it waits for a source leaves an execution that ends once', {
  timeout: 40_000,
}, async () => {
  const data = mkdtempSync(join(folder, 'data-'));
  const flags = ['--kayenta-accounts', join(folder, 'kayenta.yml')];
  const first = await startAssay({ data, flags });
  const other = assay;
  assay = first;
  try {
    const { body } = await call('POST', '/canary?metricsAccountName=gone', {
      canaryConfig: config('x'),
      executionRequest: request('v2'),
    });
    const path = `/canary/${body.canaryExecutionId}`;
    while ((await call('GET', path)).body.status !== 'running') await sleep(20);
    await first.program.stop('SIGKILL');
    // The source is back, under the same name.
    writeFileSync(
      join(folder, 'back.yml'),
      `kayenta: { prometheus: { accounts: [{ name: gone, endpoint: { baseUrl: "${prometheus.url}" } }] } }`,
    );
    assay = await startAssay({ data, flags: ['--kayenta-accounts', join(folder, 'back.yml')] });
    const done = await untilComplete(path);
    expect(done).toMatchObject({ status: 'succeeded', result: { judgeResult: { score: { score: 100 } } } });
    expect((await call('GET', '/metricSetPairList')).body.map(({ id }: Body) => id)).toEqual([
      done.metricSetPairListId,
    ]);
    expect((await call('GET', '/pipelines')).body).toEqual([body.canaryExecutionId]);
    await assay.stop();
    const offline = await assayCommand(['report', body.canaryExecutionId, '--data', data, '--out', '-']);
    expect(offline.out).toContain('Score 100 is Pass.');
  } finally {
    await assay.stop();
    assay = other;
  }
});
