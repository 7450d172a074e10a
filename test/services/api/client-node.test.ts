import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  makeInformer,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../services/queue/clock.ts';
import { sqliteStore } from '../../../services/store/sqlite.ts';
import { ANALYSIS, runBody, type TestApi, testApi } from '../../support/api.ts';

/** The Kubernetes client library for Node, unmodified, as a program that uses Argo's kinds has it. */

const GROUP = { group: 'argoproj.io', version: 'v1alpha1', namespace: 'shop', plural: 'analysisruns' };
const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;

/** An informer stops at errors other than 410; programs start it again after a pause. */
const RESTART_AFTER_MS = 200;

let data: string;
let api: TestApi;
let config: KubeConfig;
let port: number;

async function listen(on: number): Promise<void> {
  api = await testApi({ clock: systemClock, store: await sqliteStore(data) });
  const url = await api.app.listen({ host: '127.0.0.1', port: on });
  port = Number(new URL(url).port);
}

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'assay-client-'));
  await listen(0);
  config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'assay', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'nobody' },
  );
});
afterEach(async () => {
  await stop();
  await rm(data, { recursive: true });
});

async function stop(): Promise<void> {
  await api.app.close();
  await api.deps.store.close();
}

it('creates, reads, changes and deletes through CustomObjectsApi', async () => {
  const client = config.makeApiClient(CustomObjectsApi);
  await client.createNamespacedCustomObject({ ...GROUP, body: runBody('a') });
  const run = (await client.getNamespacedCustomObject({ ...GROUP, name: 'a' })) as { spec: object };
  await client.replaceNamespacedCustomObject({
    ...GROUP,
    name: 'a',
    body: { ...run, spec: { ...run.spec, terminate: true } },
  });
  await client.patchNamespacedCustomObject({
    ...GROUP,
    name: 'a',
    body: [{ op: 'add', path: '/metadata/labels', value: { x: 'y' } }],
  });
  const list = (await client.listNamespacedCustomObject({ ...GROUP, labelSelector: 'x=y' })) as {
    items: { spec: { terminate: boolean } }[];
  };
  expect(list.items.map(({ spec }) => spec.terminate)).toEqual([true]);
  await client.deleteNamespacedCustomObject({ ...GROUP, name: 'a' });
  await expect(client.getNamespacedCustomObject({ ...GROUP, name: 'a' })).rejects.toMatchObject({ code: 404 });
});

it('finds the kinds by itself through KubernetesObjectApi', async () => {
  const client = KubernetesObjectApi.makeApiClient(config);
  const created = await client.create({
    ...runBody('a'),
    metadata: { name: 'a', namespace: 'shop' },
  } as KubernetesObject);
  expect(created.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(
    (
      await client.read({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AnalysisRun',
        metadata: { name: 'a', namespace: 'shop' },
      })
    ).metadata?.name,
  ).toBe('a');
});

it('follows runs with an informer, across a restart of the server that forgets its history', async () => {
  const client = config.makeApiClient(CustomObjectsApi);
  const listRuns = () =>
    client.listNamespacedCustomObject(GROUP) as Promise<{ kind: string; items: KubernetesObject[] }>;
  const informer = makeInformer(config, RUNS, listRuns as never);
  const seen: string[] = [];
  const restarts: NodeJS.Timeout[] = [];
  for (const event of ['add', 'update', 'delete'] as const)
    informer.on(event, (run: KubernetesObject) => seen.push(`${event} ${run.metadata?.name}`));
  informer.on('error', (error) => {
    seen.push(`error ${String(error)}`);
    restarts.push(setTimeout(() => void informer.start(), RESTART_AFTER_MS));
  });
  await api.call('POST', RUNS, runBody('a'));
  await informer.start();
  await api.call('POST', RUNS, runBody('b'));
  await api.call('PATCH', `${RUNS}/b`, { status: { phase: 'Running' } });
  await api.call('DELETE', `${RUNS}/a`);
  await expect.poll(() => seen).toEqual(['add a', 'add b', 'update b', 'delete a']);
  seen.length = 0;
  await stop();
  await listen(port);
  // The history of before is gone: the informer's version is too old, so it lists again and finds what it has missed.
  await api.call('DELETE', `${RUNS}/b`);
  await api.call('POST', RUNS, runBody('c'));
  await expect
    .poll(() => seen.filter((line) => !line.startsWith('error')).sort(), { timeout: 15_000 })
    .toEqual(['add c', 'delete b']);
  await informer.stop();
  for (const restart of restarts) clearTimeout(restart);
});
