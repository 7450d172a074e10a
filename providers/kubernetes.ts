import { readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { AxiosError, AxiosRequestConfig } from 'axios';
import { ProviderError } from './contract.ts';
import { goQuote } from './go-format.ts';
import { networkErrorText } from './go-net-error.ts';

/**
 * The Kubernetes API server that the operator has named. client-node reads kubeconfigs and signs in (tokens, certificates, exec plugins, OIDC); requests
 * carry their JSON as it is, since the package's generated classes drop every field that is newer than they are. The outbound guard has no say here:
 * the address is the operator's, no template can choose it. Instead nothing is redirected, and answers end at 10 MiB.
 */
export interface Cluster {
  /** The server's address, for limits and logs. */
  readonly server: string;
  /** Any status is an answer. Throws ProviderError `unavailable` without one, in Go's words. */
  send(request: ClusterRequest, signal: AbortSignal): Promise<ClusterAnswer>;
}

export interface ClusterRequest {
  /** PATCH is a merge patch. */
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With slash and without query: `/apis/batch/v1/namespaces/shop/jobs`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ClusterAnswer {
  readonly status: number;
  readonly body: string;
}

/** The API server does not let us in now: a token is being exchanged, or the program that fetches one fails. */
export class SignInError extends ProviderError {}

/** Which cluster: a kubeconfig (several paths, as kubectl takes them), or the one this pod runs in. */
export type ClusterChoice = { readonly kubeconfig: string } | { readonly inCluster: string };

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

type Setting = (name: string) => string | undefined;

/** KUBECONFIG, else the pod's own cluster; undefined when there is neither. A kubeconfig in the home folder is not looked for: writing Jobs needs to be asked for. */
export function chooseCluster(setting: Setting): ClusterChoice | undefined {
  const kubeconfig = setting('KUBECONFIG');
  return kubeconfig === undefined ? ownCluster(setting) : { kubeconfig };
}

/** The cluster of this pod, by what Kubernetes puts into its environment. */
export function ownCluster(setting: Setting): { readonly inCluster: string } | undefined {
  const host = setting('KUBERNETES_SERVICE_HOST');
  if (host === undefined) return undefined;
  const name = host.includes(':') ? `[${host}]` : host;
  return { inCluster: `https://${name}:${setting('KUBERNETES_SERVICE_PORT') ?? '443'}` };
}

/** How the choice is called where nothing may be read from disk. */
export function clusterName(choice: ClusterChoice | undefined): string {
  if (choice === undefined) return 'none';
  return 'kubeconfig' in choice ? choice.kubeconfig : choice.inCluster;
}

const clusters = new Map<string, { readonly stamp: string; readonly cluster: Promise<Cluster> }>();

/**
 * The chosen cluster, the same object until its kubeconfig changes: sign-in helpers keep what they got. `folder` holds a pod's token and certificate.
 * Throws ProviderError `refused` when the kubeconfig cannot be read.
 */
export function openCluster(choice: ClusterChoice, folder = SERVICE_ACCOUNT): Promise<Cluster> {
  const key = JSON.stringify([choice, folder]);
  const stamp = 'kubeconfig' in choice ? choice.kubeconfig.split(delimiter).map(changedAt).join() : '';
  const known = clusters.get(key);
  if (known?.stamp === stamp) return known.cluster;
  const cluster = load(choice, folder);
  clusters.set(key, { stamp, cluster });
  cluster.catch(() => clusters.delete(key));
  return cluster;
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function load(choice: ClusterChoice, folder: string): Promise<Cluster> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  if ('inCluster' in choice) loadOwn(config, choice.inCluster, folder);
  else loadFiles(config, choice.kubeconfig, () => new client.KubeConfig());
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new ProviderError('refused', `${clusterName(choice)}: the current context names no cluster`);
  const { server } = cluster;
  return { server: new URL(server).origin, send: (request, signal) => send(config, server, request, signal) };
}

function loadOwn(config: KubeConfig, server: string, folder: string): void {
  const name = 'in-cluster';
  config.loadFromClusterAndUser(
    { name, server, caFile: join(folder, 'ca.crt'), skipTLSVerify: false },
    { name, authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } } },
  );
}

/** As kubectl reads KUBECONFIG: several files, missing ones left out, the first context named wins. */
function loadFiles(config: KubeConfig, paths: string, fresh: () => KubeConfig): void {
  const existing = paths.split(delimiter).filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (existing.length === 0) throw new ProviderError('refused', `kubeconfig ${paths}: no such file`);
  for (const [index, path] of existing.entries()) {
    try {
      const part = index === 0 ? config : fresh();
      part.loadFromFile(path);
      if (part !== config) config.mergeConfig(part, Boolean(config.currentContext));
    } catch (error) {
      throw new ProviderError('refused', `kubeconfig ${path}: ${(error as Error).message}`, { cause: error });
    }
  }
  // client-node takes plain HTTP (kubectl proxy) only for clusters that do not verify.
  for (const cluster of config.clusters)
    if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
}

async function send(
  config: KubeConfig,
  server: string,
  { method, path, query = {}, body }: ClusterRequest,
  signal: AbortSignal,
): Promise<ClusterAnswer> {
  const url = new URL(server.replace(/\/+$/, '') + path);
  url.search = new URLSearchParams(query).toString();
  const failure = (text: string, cause: unknown): ProviderError => {
    const operation = method.slice(0, 1) + method.slice(1).toLowerCase();
    return new ProviderError('unavailable', `${operation} ${goQuote(url.href)}: ${text}`, { cause });
  };
  const { default: axios } = await import('axios');
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const { headers, ...signedIn } = await signIn(config);
    const response = await axios.request<string>({
      ...signedIn,
      headers: { ...headers, ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }) },
      url: url.href,
      method,
      ...(body !== undefined && { data: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, deadline]),
      responseType: 'text',
      transformResponse: [],
      validateStatus: () => true,
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      proxy: false,
    });
    return { status: response.status, body: response.data };
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    if (deadline.aborted) throw failure('context deadline exceeded', error);
    if (signal.aborted) throw failure('context canceled', error);
    const { cause = error, message } = error as AxiosError;
    if (message.startsWith('maxContentLength')) throw failure('the answer is larger than 10 MiB', error);
    throw failure(networkErrorText(cause, url), error);
  }
}

/** Credentials in the form that axios takes, read anew: tokens are exchanged while Assay runs. */
async function signIn(config: KubeConfig): Promise<AxiosRequestConfig> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] & { auth?: string } = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new SignInError('refused', `signing in to the Kubernetes API: ${text}`, { cause: error });
  }
  const { agent, auth, headers } = options;
  const [username = '', ...password] = auth?.split(':') ?? [];
  return {
    httpAgent: agent,
    httpsAgent: agent,
    headers: {
      ...(headers as Record<string, string>),
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'assay',
    },
    ...(auth !== undefined && { auth: { username, password: password.join(':') } }),
  };
}

/** The API server's own words for what it refused. */
export function apiErrorText({ status, body }: ClusterAnswer): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // Not the API server's JSON but, say, a proxy's page.
  }
  return `the Kubernetes API answered ${status}: ${body.slice(0, 200)}`;
}

/** Whether a pod has what it takes to sign in to its own cluster. */
export function hasServiceAccount(folder = SERVICE_ACCOUNT): boolean {
  try {
    return readFileSync(join(folder, 'token'), 'utf8') !== '';
  } catch {
    return false;
  }
}
