import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCluster } from '../../../providers/kubernetes.ts';
import type { Secrets } from '../../../services/engine/ports.ts';
import { firstOf, kubernetesSecrets } from '../../../services/secrets/kubernetes.ts';
import { type Kubeconfig, writeKubeconfig } from '../../support/kubeconfig.ts';
import { type KubernetesApi, startKubernetesApi } from '../../support/kubernetes-api.ts';

const TOKEN = 'hunter2-hunter2';
const PATH = '/api/v1/namespaces/shop/secrets/datadog';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let api: KubernetesApi;
let kubeconfig: Kubeconfig;
let secrets: Secrets;
beforeEach(async () => {
  api = await startKubernetesApi({ token: TOKEN });
  kubeconfig = await writeKubeconfig(api.url, { token: TOKEN });
  secrets = kubernetesSecrets(async (path) =>
    (await openCluster({ kubeconfig: kubeconfig.path })).send({ method: 'GET', path }, AbortSignal.timeout(5000)),
  );
  const data = { 'api-key': base64('k-ä'), empty: '' };
  api.put(PATH, { kind: 'Secret', metadata: { name: 'datadog', namespace: 'shop' }, data });
});
afterEach(async () => {
  await api.close();
  await kubeconfig.remove();
});

it('gives all keys of a Secret as text', async () => {
  expect(await secrets.read('shop', 'datadog')).toEqual({ 'api-key': 'k-ä', empty: '' });
});

it('reads anew, so that an exchanged key is picked up', async () => {
  await secrets.read('shop', 'datadog');
  api.put(PATH, { kind: 'Secret', data: { 'api-key': base64('new') } });
  expect(await secrets.read('shop', 'datadog')).toEqual({ 'api-key': 'new' });
});

it.each([
  { namespace: 'shop', name: 'nothing' },
  { namespace: 'elsewhere', name: 'datadog' },
  { namespace: 'shop', name: '../pods/datadog' },
])('$namespace/$name is not there', async ({ namespace, name }) => {
  expect(await secrets.read(namespace, name)).toBeUndefined();
});

it('says what the API server says when it refuses', async () => {
  api.failNext({ status: 403, message: 'secrets "datadog" is forbidden: User "assay" cannot get resource "secrets"' });
  await expect(secrets.read('shop', 'datadog')).rejects.toThrow('secrets "datadog" is forbidden: User "assay"');
});

it('takes nothing for a Secret that is none', async () => {
  api.put('/api/v1/namespaces/shop/secrets/page', { kind: 'ConfigMap', data: { a: base64('b') } });
  await expect(secrets.read('shop', 'page')).rejects.toThrow('no Secret for secrets "page"');
});

it('comes after mounted files', async () => {
  const mounted: Secrets = { read: async (_, name) => (name === 'datadog' ? { 'api-key': 'mounted' } : undefined) };
  const both = firstOf([mounted, secrets]);
  expect(await both.read('shop', 'datadog')).toEqual({ 'api-key': 'mounted' });
  api.put('/api/v1/namespaces/shop/secrets/other', { kind: 'Secret', data: { a: base64('b') } });
  expect(await both.read('shop', 'other')).toEqual({ a: 'b' });
  expect(await firstOf([]).read('shop', 'datadog')).toBeUndefined();
});
