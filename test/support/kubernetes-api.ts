import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve } from './http-server.ts';

/**
 * A Kubernetes API server as far as Jobs, pods, logs and Secrets go, with its rules: a name is taken once, the server gives uid, selector and time of
 * creation, status is written by nobody but the status subresource, owners are checked for their form, and whoever does not sign in is turned away.
 */
export interface KubernetesApi {
  readonly url: string;
  /** `METHOD path?query`, in the order in which they came. */
  readonly requests: readonly string[];
  object(path: string): KubernetesObject | undefined;
  /** Writes as a controller does: pods, Secrets, another controller's Job. */
  put(path: string, object: KubernetesObject): KubernetesObject;
  setStatus(path: string, status: object): void;
  log(pod: string, text: string): void;
  /** Answers the next request otherwise: with a status of its own, or with nothing after doing as asked. */
  failNext(failure: { readonly status: number; readonly message: string } | 'answer lost'): void;
  close(): Promise<void>;
}

export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[];
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: object;
  readonly data?: Readonly<Record<string, string>>;
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export async function startKubernetesApi({ token }: { readonly token?: string } = {}): Promise<KubernetesApi> {
  const objects = new Map<string, KubernetesObject>();
  const logs = new Map<string, string>();
  const requests: string[] = [];
  let failure: Parameters<KubernetesApi['failNext']>[0] | undefined;
  let created = 0;

  const put = (path: string, object: KubernetesObject): KubernetesObject => {
    const uid = object.metadata?.uid ?? randomUUID();
    // A second apart, so that their order shows.
    created += 1;
    const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, created)).toISOString().replace('.000', '');
    const stored = { ...object, metadata: { creationTimestamp, ...object.metadata, uid } };
    objects.set(path, stored);
    return stored;
  };

  const create = (collection: string, body: KubernetesObject): KubernetesObject => {
    const { name = '', namespace, ownerReferences = [] } = body.metadata ?? {};
    const path = `${collection}/${name}`;
    if (namespace !== collection.split('/').at(-2))
      throw new StatusError(400, 'BadRequest', 'the namespace of the provided object does not match the request');
    if (!DNS_NAME.test(name) || name.length > 63)
      throw new StatusError(422, 'Invalid', `Job.batch "${name}" is invalid: metadata.name: Invalid value`);
    if (ownerReferences.some((owner) => !owner['apiVersion'] || !owner['kind'] || !owner['name'] || !owner['uid']))
      throw new StatusError(422, 'Invalid', `Job.batch "${name}" is invalid: metadata.ownerReferences: Required value`);
    if (objects.has(path)) throw new StatusError(409, 'AlreadyExists', `jobs.batch "${name}" already exists`);
    const uid = randomUUID();
    const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
    const { status: _ignored, ...rest } = body;
    return put(path, {
      ...rest,
      metadata: { ...body.metadata, uid },
      spec: { ...body.spec, selector },
      status: {},
    });
  };

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    const url = new URL(request.url ?? '/', 'http://server');
    const path = decodeURIComponent(url.pathname);
    requests.push(`${request.method} ${path}${decodeURIComponent(url.search)}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    if (typeof failure === 'object') {
      const { status, message } = failure;
      failure = undefined;
      throw new StatusError(status, 'InternalError', message);
    }
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as KubernetesObject & { propagationPolicy?: string };
    if (request.method === 'POST') return { status: 201, body: create(path, body) };
    if (path.endsWith('/log')) {
      const log = logs.get(path.split('/').at(-2) ?? '') ?? '';
      return {
        status: 200,
        body: log
          .split('\n')
          .slice(-Number(url.searchParams.get('tailLines')))
          .join('\n'),
      };
    }
    const found = objects.get(path);
    if (request.method === 'GET' && found === undefined && /\/(jobs|pods)$/.test(path))
      return { status: 200, body: { kind: 'List', items: listed(path, url.searchParams.get('labelSelector') ?? '') } };
    if (found === undefined) {
      const [kind = '', name = ''] = path.split('/').slice(-2);
      throw new StatusError(404, 'NotFound', `${kind === 'jobs' ? 'jobs.batch' : kind} "${name}" not found`);
    }
    if (request.method !== 'DELETE') return { status: 200, body: found };
    // In the foreground: what depends on it goes first. Nobody here waits for that.
    if (body.propagationPolicy !== 'Foreground') throw new StatusError(400, 'BadRequest', 'pods would be orphaned');
    objects.delete(path);
    return { status: 200, body: { kind: 'Status', status: 'Success' } };
  };

  const listed = (collection: string, selector: string): readonly KubernetesObject[] =>
    [...objects]
      .filter(([path]) => path.startsWith(`${collection}/`))
      .map(([, object]) => object)
      .filter(({ metadata }) =>
        selector
          .split(',')
          .map((pair) => pair.split('='))
          .every(([key = '', value]) => metadata?.labels?.[key] === value),
      );

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let status = 500;
    let body: unknown;
    try {
      ({ status, body } = await answer(request));
    } catch (error) {
      const { code = 500, reason = 'InternalError', message } = error as StatusError;
      status = code;
      body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code };
    }
    if (failure === 'answer lost') {
      failure = undefined;
      response.destroy();
      return;
    }
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? body : JSON.stringify(body));
  };

  const server = await serve(listener);
  return {
    url: server.url,
    requests,
    object: (path) => objects.get(path),
    put,
    setStatus(path, status) {
      const object = objects.get(path);
      if (object === undefined) throw new Error(`no ${path}`);
      objects.set(path, { ...object, status });
    },
    log: (pod, text) => void logs.set(pod, text),
    failNext: (next) => {
      failure = next;
    },
    close: () => server.close(),
  };
}
