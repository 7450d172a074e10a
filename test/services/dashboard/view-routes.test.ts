import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dashboardPlugin } from '../../../services/dashboard/plugin.ts';
import type { DeadLetter } from '../../../services/domain/dead-letter.ts';
import type { AnalysisRun, AnalysisRunStatus } from '../../../services/domain/run.ts';
import type { MeasureCall, Measurer, Store } from '../../../services/engine/ports.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { redisStore } from '../../../services/store/redis.ts';
import { ANALYSIS, type TestApi, testApi } from '../../support/api.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

const NAMESPACE = `${ANALYSIS}/namespaces/shop`;
const START = Date.parse('2026-01-01T00:00:00Z');

const asked: MeasureCall[] = [];
const measurer = {
  async measure(call: MeasureCall) {
    asked.push(call);
    return { result: { type: '[]float64', value: [0.97] }, value: '[0.97]' };
  },
  metadata: async () => undefined,
} as Partial<Measurer> as Measurer;
let letters: DeadLetter[];

let api: TestApi;
async function open(store: Store): Promise<void> {
  api = await testApi({ store, measurer });
  await api.app.register(
    dashboardPlugin({
      ...api.deps,
      deadLetters: {
        list: async (limit) => ({ total: letters.length, letters: letters.slice(0, limit) }),
        retry: async (_namespace, name) => letters.some((letter) => letter.name === name),
        dismiss: async (_namespace, name) => letters.some((letter) => letter.name === name),
      },
    }),
  );
}
beforeEach(() => {
  letters = [];
  asked.length = 0;
});
afterEach(async () => {
  await api.app.close();
  await api.deps.store.close();
});

const metric = (name: string, more: object = {}) => ({
  name,
  provider: { web: { url: 'http://127.0.0.1:9/{{args.service}}' } },
  ...more,
});
const template = (name: string, spec: object, kind = 'AnalysisTemplate') => ({
  ...{ apiVersion: 'argoproj.io/v1alpha1', kind },
  metadata: { name },
  spec,
});
const createTemplate = (name: string, spec: object) =>
  api.call('POST', `${NAMESPACE}/analysistemplates`, template(name, spec));
const createClusterTemplate = (name: string, spec: object) =>
  api.call('POST', `${ANALYSIS}/clusteranalysistemplates`, template(name, spec, 'ClusterAnalysisTemplate'));

/** A run that has ended, put together from templates as the API does it. */
async function pastRun(
  name: string,
  {
    minute,
    status,
    metadata = {},
    ...spec
  }: { minute: number; status: AnalysisRunStatus; metadata?: object; templates: object[] },
  namespace = 'shop',
): Promise<void> {
  const answer = await api.call('POST', `${ANALYSIS}/namespaces/${namespace}/analysisruns`, {
    ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun' },
    metadata: { name, ...metadata },
    spec: { args: [{ name: 'service', value: 'checkout' }], ...spec },
  });
  expect(answer.status, answer.text).toBe(201);
  const run = answer.body as AnalysisRun;
  const creationTimestamp = new Date(START + minute * 60_000).toISOString();
  await api.deps.store.replace(
    { ...run, metadata: { ...run.metadata, creationTimestamp }, status } as AnalysisRun,
    run.metadata.resourceVersion ?? '',
  );
}

const measured = (phase: 'Successful' | 'Failed', value: string, more: object = {}): AnalysisRunStatus => ({
  phase,
  startedAt: '2026-01-01T00:00:00Z',
  completedAt: '2026-01-01T00:01:00Z',
  metricResults: [
    {
      name: 'errors',
      phase,
      count: 1,
      measurements: [{ phase, value, ...more }],
      ...(phase === 'Failed' && { failed: 1 }),
    },
  ],
});

describe.each(['memory', 'redis'] as const)('the history of a template, on %s', (kind) => {
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    if (kind === 'redis') redis = await startRedis();
  });
  afterAll(() => redis?.stop());
  beforeEach(async () => {
    await open(redis === undefined ? memoryStore() : redisStore({ url: redis.url, prefix: 'views', log: keptLog() }));
  });

  it('has its runs, newest first, with what each metric came to', async () => {
    await createTemplate('errors', { args: [{ name: 'service' }], metrics: [metric('errors')] });
    await createTemplate('other', { args: [{ name: 'service' }], metrics: [metric('other')] });
    await createClusterTemplate('errors', { args: [{ name: 'service' }], metrics: [metric('errors')] });
    const errors = [{ templateName: 'errors' }];
    const rollout = {
      annotations: { 'rollout.argoproj.io/revision': '7' },
      labels: { 'rollouts-pod-template-hash': '5d4f' },
    };
    await pastRun('b', { minute: 2, templates: errors, metadata: rollout, status: measured('Failed', '[0.9]') });
    await pastRun('a', { minute: 1, templates: errors, status: measured('Successful', '0.99') });
    await pastRun('c', {
      minute: 3,
      templates: [...errors, { templateName: 'other' }],
      status: measured('Failed', '42', { metadata: { classification: 'Fail' } }),
    });
    await pastRun('d', { minute: 4, templates: [{ templateName: 'other' }], status: measured('Failed', '1') });
    const global = [{ templateName: 'errors', clusterScope: true }];
    await pastRun('e', { minute: 5, templates: global, status: measured('Failed', '1') });
    await pastRun('f', { minute: 6, templates: global, status: measured('Failed', '1') }, 'other-shop');

    const { body } = await api.call('GET', '/ui/api/templates/shop/errors/history');
    expect(body).toMatchObject({
      total: 3,
      runs: [
        { name: 'c', release: 'c', metrics: [{ name: 'errors', phase: 'Failed', value: '42', score: 42 }] },
        {
          name: 'b',
          release: 'revision 7 (5d4f)',
          phase: 'Failed',
          sentence: expect.stringContaining('value [0.9]'),
          metrics: [{ name: 'errors', phase: 'Failed', value: '[0.9]' }],
        },
        { name: 'a', namespace: 'shop', phase: 'Successful', metrics: [{ value: '0.99' }] },
      ],
    });
    expect(body.runs[1].metrics[0]).not.toHaveProperty('score');
    const newest = (await api.call('GET', '/ui/api/templates/shop/errors/history?limit=1')).body;
    expect([newest.total, newest.runs.map(({ name }: { name: string }) => name)]).toEqual([3, ['c']]);
    const everywhere = (await api.call('GET', '/ui/api/clustertemplates/errors/history')).body;
    expect(everywhere.runs.map(({ name }: { name: string }) => name)).toEqual(['f', 'e']);
    expect((await api.call('GET', '/ui/api/templates/shop/none/history')).body).toEqual({ total: 0, runs: [] });

    const { templates } = (await api.call('GET', '/ui/api/templates')).body;
    expect(templates).toMatchObject([
      { kind: 'AnalysisTemplate', name: 'errors', runs: 3, verdicts: [{ name: 'c' }, { name: 'b' }, { name: 'a' }] },
      { kind: 'AnalysisTemplate', name: 'other', runs: 2, verdicts: [{ name: 'd' }, { name: 'c' }] },
      { kind: 'ClusterAnalysisTemplate', namespace: '', name: 'errors', metrics: ['errors'], runs: 2 },
    ]);
  });
});

describe('a template', () => {
  beforeEach(() => open(memoryStore()));

  it('says its arguments, with those of the templates that it refers to, and what is wrong with it', async () => {
    await createClusterTemplate('latency', {
      args: [{ name: 'percentile', value: '99' }],
      metrics: [metric('latency')],
    });
    const secret = { secretKeyRef: { name: 'api', key: 'token' } };
    await createTemplate('errors', {
      args: [{ name: 'service' }, { name: 'token', valueFrom: secret }, { name: 'unused', value: '' }],
      metrics: [metric('errors', { successCondition: 'result >> 1', count: 5 })],
      templates: [{ templateName: 'latency', clusterScope: true }],
    });
    const { body } = await api.call('GET', '/ui/api/templates/shop/errors');
    expect(body).toMatchObject({
      template: { metadata: { name: 'errors' } },
      arguments: [
        { name: 'service', isRequired: true },
        { name: 'token', valueFrom: secret, isRequired: false },
        { name: 'unused', value: '', isRequired: false },
        { name: 'percentile', value: '99', isRequired: false },
      ],
      others: [{ kind: 'ClusterAnalysisTemplate', metadata: { name: 'latency' } }],
      findings: expect.arrayContaining([
        expect.objectContaining({
          severity: 'error',
          path: 'spec.metrics[0].successCondition',
          excerpt: expect.stringContaining('^'),
        }),
        expect.objectContaining({ path: 'spec.metrics[0]' }),
      ]),
    });
    expect((await api.call('GET', '/ui/api/templates')).body.templates[0].errors).toBeGreaterThan(0);
  });

  it.each([
    { name: 'nothing', refs: [{ templateName: 'none' }], path: 'spec.templates[0]', message: "'none' not found" },
    { name: 'itself', refs: [{ templateName: 'errors' }], path: 'spec.templates[0]', message: 'refers to itself' },
    { name: 'a twin', refs: [{ templateName: 'twin' }], path: 'spec.templates', message: 'specified multiple times' },
  ])('that refers to $name says so', async ({ refs, path, message }) => {
    await createTemplate('twin', { args: [{ name: 'limit', value: '2' }], metrics: [metric('twin')] });
    await createTemplate('errors', {
      args: [{ name: 'limit', value: '1' }],
      metrics: [metric('errors')],
      templates: refs,
    });
    const { body, status } = await api.call('GET', '/ui/api/templates/shop/errors');
    expect(status).toBe(200);
    expect(body.findings).toContainEqual(
      expect.objectContaining({ severity: 'error', path, message: expect.stringContaining(message) }),
    );
  });

  it('that is not there is not found', async () => {
    for (const path of ['templates/shop/none', 'clustertemplates/none'])
      expect((await api.call('GET', `/ui/api/${path}`)).status).toBe(404);
  });
});

describe('what a person does', () => {
  beforeEach(() => open(memoryStore()));
  const trial = (body: object, headers = {}) => api.call('POST', '/ui/api/trials', body, headers);
  const provider = 'web:\n  url: http://metrics/{{args.service}}\n';

  it('tries a query and its conditions', async () => {
    const answer = await trial({
      namespace: 'shop',
      provider,
      successCondition: 'result[0] >= 0.95',
      failureCondition: 'result[0 < 1',
      args: [{ name: 'service', value: 'checkout' }],
    });
    expect(answer.body).toMatchObject({
      measurement: { phase: 'Error' },
      resultType: '[]float64',
      conditions: [{ held: true }, { error: expect.stringContaining('| result[0 < 1') }],
    });
    expect(asked.map((call) => call.provider)).toEqual([{ web: { url: 'http://metrics/checkout' } }]);
    expect((await api.call('GET', `${NAMESPACE}/analysisruns`)).body.items).toEqual([]);
  });

  it.each([
    { name: 'a provider that is no YAML', body: { provider: 'web: [' }, status: 422, field: 'provider' },
    { name: 'a provider that is a word', body: { provider: 'web' }, status: 422, field: 'provider' },
    { name: 'no provider', body: {}, status: 422, field: 'provider' },
    { name: 'a field it does not know', body: { provider, condition: 'true' }, status: 422, field: 'condition' },
    { name: 'an argument without a value', body: { provider }, status: 422, field: 'metric' },
    {
      name: 'a source that does something',
      body: { provider: 'job:\n  spec: {}' },
      status: 422,
      field: 'metric.provider',
    },
    { name: 'a body that is no JSON', body: '{', status: 400, field: undefined },
  ])('is told what is wrong with $name', async ({ body, status, field }) => {
    const answer = await api.call('POST', '/ui/api/trials', body);
    expect(answer.status, answer.text).toBe(status);
    if (field !== undefined) expect(answer.body.details.causes[0].field).toBe(field);
    expect(asked).toEqual([]);
  });

  it('begins with an example of each source that can be tried', async () => {
    const { providers } = (await api.call('GET', '/ui/api/providers')).body as {
      providers: { member: string; example: string }[];
    };
    expect(providers.map(({ member }) => member)).toEqual(expect.arrayContaining(['prometheus', 'web', 'loki']));
    expect(providers.map(({ member }) => member)).not.toContain('job');
    expect(providers.find(({ member }) => member === 'prometheus')?.example).toMatch(/^prometheus:\n {2}\w+: /);
  });

  it('runs a run again, with other arguments', async () => {
    await createTemplate('errors', { args: [{ name: 'service' }], metrics: [metric('errors')] });
    await pastRun('web', { minute: 1, templates: [{ templateName: 'errors' }], status: measured('Failed', '1') });
    const path = '/ui/api/runs/shop/web/retry';
    expect((await api.call('POST', path)).body).toEqual({ namespace: 'shop', name: 'web.1' });
    const changed = await api.call('POST', path, { args: [{ name: 'service', value: 'cart' }] });
    expect(changed.body.name).toBe('web.2');
    const { spec, metadata } = (await api.call('GET', `${NAMESPACE}/analysisruns/web.2`)).body;
    expect(spec.args).toEqual([{ name: 'service', value: 'cart' }]);
    expect(metadata.annotations).toMatchObject({ 'assay/templates': 'AnalysisTemplate/errors' });
    expect((await api.call('POST', path, { args: [{ name: 'none', value: '' }] })).status).toBe(422);
    expect((await api.call('POST', '/ui/api/runs/shop/none/retry')).status).toBe(404);
  });

  it('sends a dead letter again, or forgets it', async () => {
    letters = [{ namespace: 'shop', name: 'one' } as DeadLetter];
    expect((await api.call('GET', '/ui/api/dead-letters')).body).toEqual({ total: 1, letters });
    expect((await api.call('POST', '/ui/api/dead-letters/shop/one/retry')).status).toBe(200);
    expect((await api.call('DELETE', '/ui/api/dead-letters/shop/one')).status).toBe(200);
    expect((await api.call('POST', '/ui/api/dead-letters/shop/two/retry')).status).toBe(404);
  });

  it.each([
    ['POST', '/ui/api/trials'],
    ['POST', '/ui/api/runs/shop/web/retry'],
    ['POST', '/ui/api/dead-letters/shop/one/retry'],
    ['DELETE', '/ui/api/dead-letters/shop/one'],
  ] as const)('is no page of another origin: %s %s', async (method, path) => {
    letters = [{ namespace: 'shop', name: 'one' } as DeadLetter];
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' };
    expect((await api.call(method, path, { provider }, foreign)).status).toBe(403);
    expect(asked).toEqual([]);
  });
});
