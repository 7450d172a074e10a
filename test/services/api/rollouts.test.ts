import { beforeEach, expect, it } from 'vitest';
import { ANALYSIS, type TestApi, templateBody, testApi } from '../../support/api.ts';

const ADVICE = '/rollouts/shop/analysisruns';
const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
  await api.call('POST', `${ANALYSIS}/namespaces/shop/analysistemplates`, {
    ...templateBody('errors'),
    spec: { args: [{ name: 'service' }], metrics: (templateBody('errors')['spec'] as { metrics: unknown }).metrics },
  });
  return () => api.app.close();
});

const args = [{ name: 'service', value: 'checkout' }];
const step = { analysis: { templates: [{ templateName: 'errors' }], args } };
const rollout = (status: object = {}, steps: unknown[] = [step, step]) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: {
    name: 'checkout',
    namespace: 'shop',
    uid: 'rollout-1',
    annotations: { 'rollout.argoproj.io/revision': '2' },
  },
  spec: {
    replicas: 3,
    template: {},
    selector: { matchLabels: { app: 'checkout' } },
    strategy: { canary: { maxSurge: 1, steps } },
  },
  status: { currentPodHash: 'new', stableRS: 'old', currentStepIndex: 0, phase: 'Progressing', ...status },
});
const ask = (body: object, query = '') => api.call('POST', `${ADVICE}${query}`, { point: 'Step', ...body });
const names = async () =>
  (await api.call('GET', RUNS)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

it('creates the run that the point needs, once, and says what its phase means', async () => {
  const first = await ask({ rollout: rollout() });
  expect(first.body).toMatchObject({
    create: true,
    verdict: { action: 'wait' },
    run: {
      metadata: {
        name: 'checkout-new-2-0',
        namespace: 'shop',
        uid: expect.any(String),
        ownerReferences: [{ kind: 'Rollout', uid: 'rollout-1' }],
        labels: { app: 'checkout', 'rollout-type': 'Step' },
        annotations: { 'assay/templates': 'AnalysisTemplate/errors' },
      },
      spec: { args },
    },
    status: { path: 'status.canary.currentStepAnalysisRunStatus', value: { name: 'checkout-new-2-0', status: '' } },
  });
  expect((await api.deps.queue.depth()).waiting).toBe(1);
  const remembered = rollout({ canary: { currentStepAnalysisRunStatus: first.body.status.value } });
  expect((await ask({ rollout: remembered })).body).toMatchObject({ create: false, verdict: { action: 'wait' } });
  // A controller that lost its status finds its run again.
  expect((await ask({ rollout: rollout() })).body).toMatchObject({
    create: false,
    run: { metadata: { name: 'checkout-new-2-0' } },
  });
  await api.call('PATCH', `${RUNS}/checkout-new-2-0`, {
    status: { phase: 'Failed', message: 'metric "errors" failed' },
  });
  expect((await ask({ rollout: remembered })).body).toMatchObject({
    verdict: { action: 'abort', abortMessage: 'Step-based analysis phase error/failed: metric "errors" failed' },
    event: { reason: 'AnalysisRunFailed' },
  });
  expect(await names()).toEqual(['checkout-new-2-0']);
});

it('stops the run of a step that is over, and deletes runs whose version is gone', async () => {
  const first = await ask({ rollout: rollout() });
  const next = rollout({ currentStepIndex: 1, canary: { currentStepAnalysisRunStatus: first.body.status.value } });
  const second = await ask({ rollout: next });
  expect(second.body).toMatchObject({
    create: true,
    run: { metadata: { name: 'checkout-new-2-1' } },
    terminate: ['checkout-new-2-0'],
  });
  expect((await api.call('GET', `${RUNS}/checkout-new-2-0`)).body.spec.terminate).toBe(true);
  await api.call('PATCH', `${RUNS}/checkout-new-2-0`, { status: { phase: 'Successful' } });
  const promoted = rollout({ stableRS: 'new', canary: { currentStepAnalysisRunStatus: second.body.status.value } });
  await ask({ rollout: promoted, replicaSets: [] });
  expect(await names()).toEqual(['checkout-new-2-1']);
});

it('writes nothing under dryRun', async () => {
  expect((await ask({ rollout: rollout() }, '?dryRun=All')).body).toMatchObject({
    create: true,
    run: { metadata: { name: 'checkout-new-2-0' } },
  });
  expect(await names()).toEqual([]);
});

it('gives two callers at once the same run', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask({ rollout: rollout() })));
  expect(new Set(answers.map(({ body }) => body.run.metadata.uid)).size).toBe(1);
  expect(await names()).toEqual(['checkout-new-2-0']);
});

it.each([
  { name: 'no point', body: { point: undefined, rollout: rollout() }, status: 422, message: 'point: Required value' },
  {
    name: 'an unknown point',
    body: { point: 'Later', rollout: rollout() },
    status: 422,
    message:
      'point: Unsupported value: "Later": supported values: "Step", "Background", "PrePromotion", "PostPromotion"',
  },
  {
    name: 'an unknown field',
    body: { rollout: rollout(), redy: true },
    status: 422,
    message: 'redy: Forbidden: unknown field; the question knows rollout, point, ready, fastRollback, replicaSets',
  },
  {
    name: 'no Rollout',
    body: { rollout: { ...rollout(), kind: 'Deployment' } },
    status: 422,
    message: 'rollout.kind: Unsupported value: "Deployment"',
  },
  {
    name: 'a Rollout without uid',
    body: { rollout: { ...rollout(), metadata: { name: 'checkout' } } },
    status: 422,
    message: 'rollout.metadata.uid: Required value',
  },
  {
    name: 'steps of a wrong type',
    body: { rollout: rollout({}, ['x']) },
    status: 422,
    message: 'rollout.spec.strategy.canary.steps[0]: Invalid value: "string"',
  },
  {
    name: 'another namespace',
    body: { rollout: { ...rollout(), metadata: { ...rollout().metadata, namespace: 'pay' } } },
    status: 400,
    message: 'the namespace of the rollout does not match',
  },
  {
    name: 'a template that is missing',
    body: { rollout: rollout({}, [{ analysis: { templates: [{ templateName: 'nope' }] } }]) },
    status: 422,
    message: "spec.strategy.canary.steps[0].analysis.templates[0]: AnalysisTemplate 'nope' not found",
  },
  {
    name: 'an argument that nobody gives',
    body: { rollout: rollout({}, [{ analysis: { templates: [{ templateName: 'errors' }] } }]) },
    status: 422,
    message: 'spec.strategy.canary.steps[0].analysis.templates: args.service was not resolved',
  },
])('refuses $name', async ({ body, status, message }) => {
  const answer = await ask(body);
  expect(answer.body).toMatchObject({ kind: 'Status', code: status, message: expect.stringContaining(message) });
  expect(await names()).toEqual([]);
});
