import { beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import { ANALYSIS, type TestApi, templateBody, testApi } from '../../support/api.ts';
import { TestClock } from '../../support/clock.ts';

const PAYLOAD = {
  name: 'podinfo',
  namespace: 'test',
  phase: 'Progressing',
  checksum: '85d557f47b',
  metadata: { limit: '5' },
};
const START = '2026-01-01T00:00:00Z';

let api: TestApi;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  api = await testApi({ clock });
  const metrics = [
    {
      name: 'errors',
      failureCondition: 'result > {{args.limit}}',
      provider: { web: { url: 'http://127.0.0.1:9/never' } },
    },
  ];
  const spec = { metrics, args: [{ name: 'limit' }] };
  await api.call('POST', `${ANALYSIS}/namespaces/shop/analysistemplates`, templateBody('gate', { spec }));
});

const ask = (query = 'wait=0s', payload: object = PAYLOAD) => api.call('POST', `/flagger/shop/gate?${query}`, payload);
const runs = async (): Promise<readonly AnalysisRun[]> =>
  (await api.deps.store.list({ kind: 'AnalysisRun' })).items as readonly AnalysisRun[];
async function end(phase: 'Successful' | 'Failed' | 'Inconclusive', run?: AnalysisRun): Promise<void> {
  const stored = run ?? (await runs())[0]!;
  const value = phase === 'Failed' ? '9' : '1';
  const measurements = [{ phase, value, startedAt: START, finishedAt: START }];
  const status = {
    phase,
    startedAt: START,
    completedAt: START,
    metricResults: [{ name: 'errors', phase, count: 1, measurements }],
  };
  await api.deps.store.replace({ ...stored, status } as AnalysisRun, stored.metadata.resourceVersion!);
}

describe("Flagger's webhooks", () => {
  it('begin a run of the template with the metadata as arguments, and ask for the same run from then on', async () => {
    const first = await ask();
    expect(first).toMatchObject({ status: 425, text: 'Waiting for its first pass\n' });
    await ask();
    await ask('wait=0s&hook=confirm-promotion');
    const [run, ...more] = await runs();
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      metadata: {
        namespace: 'shop',
        name: expect.stringMatching(/^podinfo-[0-9a-f]{12}$/),
        annotations: { 'assay/flagger-canary': 'test/podinfo', 'assay/templates': 'AnalysisTemplate/gate' },
      },
      spec: { args: [{ name: 'limit', value: '5' }] },
    });
  });

  it('calls at the same moment begin one run', async () => {
    await Promise.all([ask(), ask(), ask(), ask()]);
    expect(await runs()).toHaveLength(1);
  });

  it.each([
    { name: 'a new revision', payload: { ...PAYLOAD, checksum: 'other' } },
    { name: 'other arguments', payload: { ...PAYLOAD, metadata: { limit: '6' } } },
    { name: 'another canary', payload: { ...PAYLOAD, name: 'cart' } },
    { name: 'the time after the rollout', payload: { ...PAYLOAD, phase: 'Succeeded' } },
  ])('have another run for $name', async ({ payload }) => {
    await ask();
    await ask('wait=0s', payload);
    expect(await runs()).toHaveLength(2);
  });

  it.each([
    { phase: 'Successful' as const, hook: '', status: 200 },
    { phase: 'Failed' as const, hook: '', status: 412 },
    { phase: 'Inconclusive' as const, hook: 'pre-rollout', status: 412 },
    { phase: undefined, hook: 'pre-rollout', status: 425 },
    { phase: undefined, hook: 'rollout', status: 202 },
    { phase: 'Failed' as const, hook: 'rollout', status: 412 },
    { phase: 'Failed' as const, hook: 'rollback', status: 200 },
    { phase: 'Successful' as const, hook: 'rollback', status: 412 },
    { phase: undefined, hook: 'rollback', status: 425 },
  ])(
    'of type "$hook" are answered $status when the run is $phase, with the reason',
    async ({ phase, hook, status }) => {
      await ask();
      if (phase !== undefined) await end(phase);
      const answer = await ask(`wait=0s${hook && `&hook=${hook}`}`);
      expect(answer.status).toBe(status);
      if (phase === 'Failed')
        expect(answer.text).toContain('Metric "errors" Failed: value 9; failureCondition "result > 5" was true');
    },
  );

  it('wait for the verdict', async () => {
    const waiting = ask('wait=60s');
    while ((await runs()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await end('Successful');
    expect((await waiting).status).toBe(200);
  });

  it('begin anew when a revision is rolled out again after a long pause, but not during a long rollout', async () => {
    await ask();
    await end('Successful');
    for (let minutes = 0; minutes < 180; minutes += 30) {
      await clock.advance(30 * 60_000);
      expect((await ask()).status).toBe(200);
    }
    await clock.advance(2 * 60 * 60_000);
    expect((await ask()).status).toBe(425);
    expect((await runs()).map(({ metadata }) => metadata.name.replace(/.*-[0-9a-f]{12}/, ''))).toEqual(['', '.1']);
  });

  it.each([
    { name: 'no checksum', payload: { ...PAYLOAD, checksum: undefined }, query: '', says: 'checksum: Required value' },
    { name: 'no name', payload: { ...PAYLOAD, name: undefined }, query: '', says: 'name: Required value' },
    {
      name: 'a number as argument',
      payload: { ...PAYLOAD, metadata: { limit: 5 } },
      query: '',
      says: 'metadata.limit: Invalid value: must be text',
    },
    { name: 'an unknown hook', payload: PAYLOAD, query: 'hook=event', says: 'hook: Unsupported value: "event"' },
    {
      name: 'an argument that nobody gives',
      payload: { ...PAYLOAD, metadata: {} },
      query: '',
      says: 'args.limit was not resolved',
    },
    { name: 'a wait that is none', payload: PAYLOAD, query: 'wait=long', says: 'wait: time: invalid duration' },
  ])('are refused with $name, and begin nothing', async ({ payload, query, says }) => {
    const answer = await ask(query, payload);
    expect(answer.status).toBe(422);
    expect(answer.body.message).toContain(says);
    expect(await runs()).toEqual([]);
  });

  it('name a template that is not there', async () => {
    const answer = await api.call('POST', '/flagger/shop/nothing', PAYLOAD);
    expect(answer.status).toBe(422);
    expect(answer.body.message).toContain("AnalysisTemplate 'nothing' not found");
  });
});
