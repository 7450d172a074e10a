import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A kubeconfig for a server on loopback, and the settings by which providers find it. */
export interface Kubeconfig {
  readonly path: string;
  readonly settings: { readonly KUBECONFIG: string };
  remove(): Promise<void>;
}

export async function writeKubeconfig(
  server: string,
  user: Readonly<Record<string, unknown>> = {},
): Promise<Kubeconfig> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-kubeconfig-'));
  const path = join(folder, 'config');
  // JSON is YAML.
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(path, JSON.stringify(config));
  return { path, settings: { KUBECONFIG: path }, remove: () => rm(folder, { recursive: true, force: true }) };
}
