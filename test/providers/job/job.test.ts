import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deferred, Reading } from '../../../providers/contract.ts';
import type { MeasureCall, Providers } from '../../../providers/create-providers.ts';
import { hashedJobName, jobName } from '../../../providers/job/manifest.ts';
import { selectorText } from '../../../providers/job/response.ts';
import { chooseCluster, hasServiceAccount, openCluster } from '../../../providers/kubernetes.ts';
import type { Measurement } from '../../../services/domain/run.ts';
import { type Kubeconfig, writeKubeconfig } from '../../support/kubeconfig.ts';
import { type KubernetesApi, startKubernetesApi } from '../../support/kubernetes-api.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const UID = '34e4d823-4ba9-4afe-8775-6384561d7ef3';
const TOKEN = 'hunter2-hunter2';
const SPEC = {
  backoffLimit: 0,
  // A field that no client package knows yet.
  somethingNewer: { kept: true },
  template: {
    metadata: { labels: { app: 'smoke' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'smoke' }] },
  },
};

let api: KubernetesApi;
let kubeconfig: Kubeconfig;
let settings: Record<string, string>;
let providers: Providers;

beforeEach(async () => {
  api = await startKubernetesApi({ token: TOKEN });
  kubeconfig = await writeKubeconfig(api.url, { token: TOKEN });
  settings = { ...kubeconfig.settings };
  providers = testProviders({ setting: (name) => settings[name] });
});
afterEach(async () => {
  providers.close();
  await api.close();
  await kubeconfig.remove();
});

const call = (more: Partial<MeasureCall> = {}, metric = 'smoke'): MeasureCall =>
  callFor(
    { job: { spec: SPEC } },
    { run: { uid: UID, name: 'run', namespace: 'shop' }, metric: { name: metric }, ...more },
  );
const JOB = `/apis/batch/v1/namespaces/shop/jobs/${UID}.smoke.1`;
const started: Measurement = {
  phase: 'Running',
  startedAt: '2026-11-01T00:00:00Z',
  metadata: { 'job-name': `${UID}.smoke.1`, 'job-namespace': 'shop' },
};
const verdictOf = (answer: Reading | Deferred | undefined) =>
  answer !== undefined && 'verdict' in answer ? answer.verdict : answer;
const jobs = (): readonly string[] =>
  api.requests.filter((request) => request.startsWith('POST')).map((request) => request.slice('POST '.length));
/** A failed pod of the Job at the path. */
const failPod = (name: string, more: object = {}): void => {
  const uid = api.object(JOB)?.metadata?.uid ?? '';
  api.put(`/api/v1/namespaces/shop/pods/${name}`, {
    metadata: {
      name,
      labels: { 'batch.kubernetes.io/controller-uid': uid },
      ownerReferences: [{ kind: 'Job', uid, controller: true }],
    },
    status: {
      phase: 'Failed',
      containerStatuses: [{ name: 'smoke', state: { terminated: { exitCode: 3 } } }],
      ...more,
    },
  });
};

describe('a Job', () => {
  it('is made with the whole spec, and owned by the run', async () => {
    await providers.measure(call());
    expect(api.object(JOB)).toMatchObject({
      metadata: {
        labels: { 'analysisrun.argoproj.io/uid': UID },
        annotations: { 'analysisrun.argoproj.io/metric-name': 'smoke' },
        ownerReferences: [{ kind: 'AnalysisRun', name: 'run', uid: UID, controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        somethingNewer: { kept: true },
        template: { metadata: { labels: { app: 'smoke', 'analysisrun.argoproj.io/uid': UID } } },
      },
    });
  });

  it('is made once, though the process dies before anything is recorded', async () => {
    const first = await providers.measure(call());
    const path = { uid: api.object(JOB)?.metadata?.uid };
    const again = await providers.measure(call());
    expect(again).toEqual({ ...first, resumeAt: expect.any(Number) });
    expect(api.object(JOB)?.metadata?.uid).toBe(path.uid);
  });

  it('is made once, though the answer to its creation is lost', async () => {
    api.failNext('answer lost');
    await expect(providers.measure(call())).rejects.toMatchObject({
      kind: 'unavailable',
      message: `Post "${api.url}/apis/batch/v1/namespaces/shop/jobs": EOF`,
    });
    expect(await providers.measure(call())).toMatchObject({ metadata: { 'job-name': `${UID}.smoke.1` } });
    expect(jobs()).toHaveLength(2);
  });

  it.each([
    { name: 'without an owner', metadata: {} },
    { name: 'of another run', metadata: { ownerReferences: [{ uid: 'other', controller: true }] } },
    { name: 'that the run owns but does not control', metadata: { ownerReferences: [{ uid: UID }] } },
  ])('$name is not adopted', async ({ metadata }) => {
    api.put(JOB, { metadata: { name: `${UID}.smoke.1`, ...metadata } });
    await expect(providers.measure(call())).rejects.toMatchObject({
      kind: 'refused',
      message: `jobs.batch "${UID}.smoke.1" already exists`,
    });
  });

  it.each([
    { name: 'another namespace', more: { ARGO_ROLLOUTS_ANALYSIS_JOB_NAMESPACE: 'jobs' }, namespace: 'jobs' },
    { name: 'another cluster', more: { ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG: 'its path' }, namespace: 'shop' },
  ])('in $name has no owner and is adopted by its label', async ({ more, namespace }) => {
    Object.assign(settings, more);
    if (settings['ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG'] !== undefined) {
      settings['ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG'] = kubeconfig.path;
      settings['KUBECONFIG'] = '/nowhere';
    }
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${UID}.smoke.1`;
    await providers.measure(call());
    expect(api.object(path)?.metadata?.ownerReferences).toBeUndefined();
    await providers.measure(call());

    api.put(path, { metadata: { labels: { 'analysisrun.argoproj.io/uid': 'other' } } });
    await expect(providers.measure(call())).rejects.toThrow('already exists');
  });

  it('of a metric whose name is cut to the same as another has a name of its own, every time', async () => {
    const names = async (metric: string) => (await providers.measure(call({}, metric))) as Deferred;
    const one = await names('service-endpoint-reachable-from-inside');
    const two = await names('service-endpoint-reachable-from-outside');
    const twoAgain = await names('service-endpoint-reachable-from-outside');
    expect(one.metadata?.['job-name']).toBe(`${UID}.service-endpoint-reachab.1`);
    expect(two.metadata?.['job-name']).toMatch(/\.service-endpoin-[0-9a-f]{8}\.1$/);
    expect(twoAgain.metadata).toEqual(two.metadata);
  });
});

describe('the name of a Job', () => {
  it.each([
    { metric: 'short', attempt: 1, want: `${UID}.short.1` },
    { metric: 'twenty-four-characters-a', attempt: 9, want: `${UID}.twenty-four-characters-a.9` },
    { metric: 'twenty-four-characters-a', attempt: 10, want: `${UID}.twenty-four-characters.10` },
    { metric: 'cut-at-the-dash-as-it-is-here', attempt: 1, want: `${UID}.cut-at-the-dash-as-it-is.1` },
  ])('of $metric, attempt $attempt', ({ metric, attempt, want }) => {
    expect(jobName(UID, metric, attempt)).toBe(want);
    expect(hashedJobName(UID, metric, attempt).length).toBeLessThanOrEqual(63);
  });
});

describe('the end of a Job', () => {
  beforeEach(async () => {
    await providers.measure(call());
  });
  const finish = (...conditions: object[]): void => api.setStatus(JOB, { conditions });
  const resume = async () => verdictOf(await providers.resume(call(), started));

  it.each([
    { name: 'complete', conditions: [{ type: 'Complete', status: 'True' }], phase: 'Successful' },
    { name: 'failed', conditions: [{ type: 'Failed', status: 'True' }], phase: 'Failed' },
    {
      name: 'both, the later counts',
      conditions: [
        { type: 'Failed', status: 'True' },
        { type: 'Complete', status: 'True' },
      ],
      phase: 'Successful',
    },
  ])('$name', async ({ conditions, phase }) => {
    finish(...conditions);
    expect(await resume()).toEqual({ phase });
  });

  it.each([
    { name: 'nothing yet', conditions: [] },
    { name: 'a condition that is not true', conditions: [{ type: 'Failed', status: 'False' }] },
    { name: 'an announcement', conditions: [{ type: 'FailureTarget', status: 'True' }] },
  ])('is not reached with $name', async ({ conditions }) => {
    finish(...conditions);
    expect(await resume()).toMatchObject({ deferred: true });
  });

  it('in failure says why, with the end of the log', async () => {
    failPod('smoke-1', { containerStatuses: [{ name: 'smoke', state: { terminated: { exitCode: 9 } } }] });
    failPod('smoke-2');
    api.log(
      'smoke-2',
      [...Array.from({ length: 50 }, (_, line) => `line ${line}`), 'checkout answers 500', ''].join('\n'),
    );
    finish({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached its limit' });
    const { message = '' } = (await resume()) as { message?: string };
    const lines = message.split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'BackoffLimitExceeded: Job has reached its limit',
      'Pod smoke-2, container smoke ended with 3:',
    ]);
    expect(lines.at(-1)).toBe('checkout answers 500');
    expect(lines.length).toBeLessThanOrEqual(12);
  });

  it("in failure takes no other Job's log for its own", async () => {
    failPod('stranger');
    api.put('/api/v1/namespaces/shop/pods/stranger', {
      ...api.object('/api/v1/namespaces/shop/pods/stranger'),
      metadata: {
        ...api.object('/api/v1/namespaces/shop/pods/stranger')?.metadata,
        ownerReferences: [{ uid: 'other' }],
      },
    });
    finish({ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' });
    expect(await resume()).toEqual({ phase: 'Failed', message: 'DeadlineExceeded' });
  });

  it('is awaited while the API server is away, and an Error when the Job is gone', async () => {
    api.failNext({ status: 503, message: 'etcd is away' });
    expect(await resume()).toMatchObject({ deferred: true });
    const { metadata } = started;
    const gone = { ...started, metadata: { ...metadata, 'job-name': 'gone' } };
    await expect(providers.resume(call(), gone)).rejects.toThrow('job.batch "gone" not found');
  });

  it('is awaited while the API server lets nobody in; a first one is an Error', async () => {
    api.failNext({ status: 401, message: 'Unauthorized' });
    expect(await resume()).toMatchObject({ deferred: true });
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/sign-in' } };
    const failing = await writeKubeconfig(api.url, user);
    settings = { ...failing.settings };
    expect(await resume()).toMatchObject({ deferred: true });
    await expect(providers.measure(call({ attempt: 2 }))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('signing in to the Kubernetes API'),
    });
    await failing.remove();
  });

  it('is looked for less and less often, at most once a second', async () => {
    const at = async (seconds: number) => {
      const now = Date.parse('2026-11-01T00:00:00Z') + seconds * 1000;
      const clocked = testProviders({
        setting: (name) => settings[name],
        clock: { now: () => now, sleepUntil: async () => {} },
      });
      const { resumeAt = 0 } = (await clocked.resume(call(), started)) as Deferred;
      clocked.close();
      return (resumeAt - now) / 1000;
    };
    expect([await at(0), await at(18), await at(200)]).toEqual([1, 6, 20]);
  });
});

describe('what a run leaves behind', () => {
  it('is taken away by metric, oldest first, and never while it runs', async () => {
    for (const [metric, attempt] of [
      ['smoke', 1],
      ['other', 1],
      ['smoke', 2],
      ['smoke', 3],
      ['smoke', 4],
    ] as const)
      await providers.measure(call({ attempt }, metric));
    const measurements: Measurement[] = [started, { phase: 'Successful', finishedAt: '2026-11-01T00:00:00Z' }];
    await providers.collect(call(), { name: 'smoke', phase: 'Running', measurements }, 1);
    const left = [
      ['smoke', 1],
      ['other', 1],
      ['smoke', 2],
      ['smoke', 3],
      ['smoke', 4],
    ].filter(
      ([metric, attempt]) =>
        api.object(`/apis/batch/v1/namespaces/shop/jobs/${UID}.${metric}.${attempt}`) !== undefined,
    );
    expect(left).toEqual([
      ['smoke', 1],
      ['other', 1],
      ['smoke', 4],
    ]);
  });

  it('is taken away when the run stops, also when it is gone already', async () => {
    await providers.measure(call());
    for (let time = 0; time < 2; time += 1)
      expect(verdictOf(await providers.cancel(call(), started))).toEqual({ phase: 'Inconclusive' });
    expect(api.object(JOB)).toBeUndefined();
  });
});

describe('the cluster', () => {
  it('is needed', async () => {
    settings = {};
    await expect(providers.measure(call())).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('set KUBECONFIG'),
    });
  });

  it('turns away who does not sign in, and the token is shown nowhere', async () => {
    const wrong = await writeKubeconfig(api.url, { token: `not-${TOKEN}` });
    settings['KUBECONFIG'] = wrong.path;
    const error = await providers.measure(call()).catch((reason: Error) => reason);
    expect(error).toMatchObject({ kind: 'refused', message: 'Unauthorized' });
    expect(JSON.stringify(error)).not.toContain(TOKEN);
    await wrong.remove();
  });

  it('follows a kubeconfig that changes', async () => {
    await writeFile(kubeconfig.path, 'clusters: []\nusers: []\ncontexts: []');
    await utimes(kubeconfig.path, 1, 1);
    await expect(providers.measure(call())).rejects.toThrow('the current context names no cluster');
  });

  it.each([
    { name: 'nothing', settings: {}, want: undefined },
    { name: 'a pod', settings: { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, want: { inCluster: 'https://10.0.0.1:443' } },
    {
      name: 'a pod with IPv6',
      settings: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' },
      want: { inCluster: 'https://[fd00::1]:6443' },
    },
    {
      name: 'a pod with a kubeconfig',
      settings: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBECONFIG: '/etc/kube' },
      want: { kubeconfig: '/etc/kube' },
    },
  ])('is chosen by $name', ({ settings: given, want }) => {
    expect(chooseCluster((name) => (given as Record<string, string>)[name])).toEqual(want);
  });

  it('of a pod is asked with the mounted token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-account-'));
    expect(hasServiceAccount(folder)).toBe(false);
    await writeFile(join(folder, 'token'), TOKEN);
    await writeFile(join(folder, 'ca.crt'), '');
    expect(hasServiceAccount(folder)).toBe(true);
    const cluster = await openCluster({ inCluster: 'https://127.0.0.1:1' }, folder);
    await expect(cluster.send({ method: 'GET', path: '/version' }, new AbortController().signal)).rejects.toThrow(
      'Get "https://127.0.0.1:1/version": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    await rm(folder, { recursive: true });
  });
});

it('a selector reads as Kubernetes writes it', () => {
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['a', 'b'] },
    { key: 'env', operator: 'NotIn', values: ['dev'] },
    { key: 'app', operator: 'Exists' },
    { key: 'old', operator: 'DoesNotExist' },
  ];
  expect(selectorText({ matchLabels: { job: 'x' }, matchExpressions })).toBe(
    'job=x,tier in (a,b),env notin (dev),app,!old',
  );
});
