import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { apiErrorText, type ClusterChoice, openCluster } from '../../providers/kubernetes.ts';
import { selfSigned } from '../support/tls.ts';

let folder: string;
let server: Server;
let url: string;
let respond: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-cluster-'));
  server = createServer({ ...selfSigned, requestCert: true, rejectUnauthorized: false }, (request, response) =>
    respond(request, response),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  respond = (request, response) => response.end(request.headers.authorization ?? 'nobody');
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const TRUSTED = { 'certificate-authority-data': base64(selfSigned.cert) };

/** Writes a kubeconfig in which a cluster and a user of the same name belong together. */
function kubeconfig(name: string, cluster: object, user: object, current = name): string {
  const path = join(folder, `${crypto.randomUUID()}.yaml`);
  const config = {
    clusters: [{ name, cluster: { server: url, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': current,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function get(choice: ClusterChoice | string, signal = new AbortController().signal) {
  const cluster = await openCluster(typeof choice === 'string' ? { kubeconfig: choice } : choice, folder);
  return cluster.send({ method: 'GET', path: '/version' }, signal);
}

describe('an API server over TLS', () => {
  it('is trusted by the authority in the kubeconfig', async () => {
    expect(await get(kubeconfig('a', TRUSTED, { token: 'let-me-in' }))).toEqual({
      status: 200,
      body: 'Bearer let-me-in',
    });
    await expect(get(kubeconfig('a', {}, { token: 'let-me-in' }))).rejects.toMatchObject({
      kind: 'unavailable',
      message: `Get "${url}/version": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    });
  });

  it('is told who asks by certificate, by password or by the token of the pod, which is exchanged', async () => {
    respond = (request, response) => {
      const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
      response.end(`${subject?.CN ?? ''} ${request.headers.authorization ?? ''}`);
    };
    const pair = { 'client-certificate-data': base64(selfSigned.cert), 'client-key-data': base64(selfSigned.key) };
    expect((await get(kubeconfig('a', TRUSTED, pair))).body).toBe('localhost ');
    const password = kubeconfig('a', TRUSTED, { username: 'me', password: 'a:b' });
    expect((await get(password)).body).toBe(` Basic ${base64('me:a:b')}`);

    writeFileSync(join(folder, 'token'), 'pod-token');
    writeFileSync(join(folder, 'ca.crt'), selfSigned.cert);
    expect((await get({ inCluster: url })).body).toBe(' Bearer pod-token');
  });

  it('is the one of the first file that names it, and the files may stand in a row', async () => {
    const second = kubeconfig('b', TRUSTED, { token: 'second' });
    const first = kubeconfig('a', TRUSTED, { token: 'first' });
    expect((await get([join(folder, 'missing'), first, second].join(delimiter))).body).toBe('Bearer first');
    expect((await get([kubeconfig('c', TRUSTED, {}, ''), second].join(delimiter))).body).toBe('Bearer second');
  });
});

describe('an answer', () => {
  let known: string;
  beforeAll(() => {
    known = kubeconfig('a', TRUSTED, { token: 'hunter2-hunter2' });
  });

  it('without an end is not read to it', async () => {
    const block = Buffer.alloc(1024 * 1024, ' ');
    let sent = 0;
    respond = (_, response) => {
      const endless = function* () {
        for (; ; sent += block.length) yield block;
      };
      pipeline(Readable.from(endless()), response, () => {});
    };
    await expect(get(known)).rejects.toThrow('the answer is larger than 10 MiB');
    expect(sent).toBeLessThan(30 * 1024 * 1024);
  });

  it('that sends on elsewhere is the answer', async () => {
    respond = (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    expect(await get(known)).toMatchObject({ status: 302 });
  });

  it('is not waited for when the call is given up', async () => {
    const controller = new AbortController();
    respond = () => controller.abort();
    await expect(get(known, controller.signal)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `Get "${url}/version": context canceled`,
    });
  });

  it('that refuses has the words of the API server, or what else stands there', () => {
    expect(apiErrorText({ status: 403, body: '{"message":"jobs.batch is forbidden"}' })).toBe(
      'jobs.batch is forbidden',
    );
    expect(apiErrorText({ status: 502, body: '<html>bad gateway</html>' })).toBe(
      'the Kubernetes API answered 502: <html>bad gateway</html>',
    );
  });
});

it.each([
  { name: 'is missing', text: undefined, says: 'no such file' },
  { name: 'is empty', text: '', says: 'kubeconfig' },
  { name: 'is no YAML', text: 'clusters: [', says: 'kubeconfig' },
  {
    name: 'names no cluster',
    text: 'clusters: []\nusers: []\ncontexts: []',
    says: 'the current context names no cluster',
  },
  {
    name: 'signs in with a program that is not there',
    text: JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: 'https://localhost:1' } }],
      users: [
        { name: 'a', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-program' } } },
      ],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      'current-context': 'a',
    }),
    says: 'signing in to the Kubernetes API',
  },
])('a kubeconfig that $name is refused', async ({ text, says }) => {
  const path = join(folder, `${crypto.randomUUID()}.yaml`);
  if (text !== undefined) writeFileSync(path, text);
  await expect(get(path)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(says) });
});
