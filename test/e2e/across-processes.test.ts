/** Two API processes over one real Redis: what another process writes is seen at once, and who loses one of them goes on at the other. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomObjectsApi, KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Resource } from '../../services/domain/resource.ts';
import { type RedisStore, redisStore } from '../../services/store/redis.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { findKubectl, runKubectl } from '../support/kubectl.ts';
import { keptLog } from '../support/log.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const GROUP = { group: 'argoproj.io', version: 'v1alpha1', namespace: 'shop', plural: 'analysisruns' };
const RUNS = `/apis/argoproj.io/v1alpha1/namespaces/shop/analysisruns`;
const WRITES = 100;
/** A person does not see less; a busy machine may take it. */
const SEEN_WITHIN_MS = 300;
/** An informer stops at a connection that is lost; programs start it again after a pause. */
const RESTART_AFTER_MS = 100;

let redis: RedisServer;
/** Writes as a worker does, from a process that is neither of the two. */
let store: RedisStore;
let home: string;
const apis: AssayServer[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-across-'));
  redis = await startRedis();
  store = redisStore({ url: redis.url, prefix: 'assay', log: keptLog() });
  const start = () => startAssay({ command: 'api', flags: ['--redis', redis.url] });
  apis.push(...(await Promise.all([start(), start()])));
});
afterAll(async () => {
  await store?.close();
  await Promise.all(apis.map((api) => api.stop()));
  await redis?.stop();
  await rm(home, { recursive: true });
});

const runOf = (name: string, phase?: string): Resource =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'shop' },
    spec: { metrics: [{ name: 'm', provider: { web: { url: 'http://127.0.0.1:9/', jsonPath: '{$}' } } }] },
    ...(phase && { status: { phase } }),
  }) as Resource;
const versionOf = ({ metadata }: Resource): string => metadata.resourceVersion!;
const now = (): number => performance.timeOrigin + performance.now();

it('what a worker writes is in the frames of watches and the answers to ?wait= at once', async () => {
  const { url } = apis[0]!;
  const control = new AbortController();
  const watched = await fetch(`${url}${RUNS}?watch=true&resourceVersion=${await store.revision()}`, {
    signal: control.signal,
  });
  const frames = watched.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const [toFrame, toAnswer]: number[][] = [[], []];
  for (let write = 0; write < WRITES; write += 1) {
    const name = `run-${write}`;
    const created = await store.create(runOf(name));
    await frames.next();
    const answer = fetch(`${url}${RUNS}/${name}?wait=30s`).then((response) => response.json() as Promise<object>);
    // So that the question is there before the verdict.
    await fetch(`${url}/healthz`);
    await store.replace(runOf(name, 'Successful'), versionOf(created));
    const writtenAt = now();
    const [frame] = await Promise.all([
      frames.next().then(({ value }) => {
        toFrame!.push(now() - writtenAt);
        return value;
      }),
      answer.then((run) => {
        toAnswer!.push(now() - writtenAt);
        expect(run).toMatchObject({ status: { phase: 'Successful' } });
      }),
    ]);
    expect(frame).toContain(`"name":"${name}"`);
  }
  control.abort();
  expect(quantiles('written to frame received', toFrame!).p50).toBeLessThan(SEEN_WITHIN_MS);
  expect(quantiles('written to ?wait= answered', toAnswer!).p50).toBeLessThan(SEEN_WITHIN_MS);
});

function quantiles(name: string, values: number[]): { readonly p50: number } {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.floor((values.length - 1) * share)]!;
  console.log(`${name}: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms of ${values.length}`);
  return { p50: at(0.5) };
}

it('clients whose API process is killed go on at the other one without a gap', async () => {
  const proxy = await balancer(() => apis.map(({ url }) => Number(new URL(url).port)));
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'assay', server: proxy.url, skipTLSVerify: true }, { name: 'nobody' });
  const client = config.makeApiClient(CustomObjectsApi);
  let lists = 0;
  const listRuns = () => {
    lists += 1;
    return client.listNamespacedCustomObject({ ...GROUP, labelSelector: 'late=yes' }) as Promise<never>;
  };
  const informer = makeInformer(config, RUNS, listRuns, 'late=yes');
  const seen: string[] = [];
  for (const event of ['add', 'update'] as const)
    informer.on(event, (run: KubernetesObject) => seen.push(`${event} ${run.metadata?.name}`));
  informer.on('error', () => setTimeout(() => void informer.start(), RESTART_AFTER_MS));
  await informer.start();

  const kubectl = startNodeProgram([
    '-e',
    `require('node:child_process').spawn(${JSON.stringify(findKubectl())}, ${JSON.stringify([
      ...[
        '--server',
        apis[0]!.url,
        '--cache-dir',
        `${home}/cache`,
        '-n',
        'shop',
        'get',
        'analysisruns',
        '-l',
        'late=yes',
      ],
      ...['-w', '--output-watch-events', '-o', 'jsonpath={.object.metadata.name} {.object.metadata.resourceVersion};'],
    ])}, { stdio: 'inherit' })`,
  ]);

  const create = async (name: string): Promise<Resource> => {
    const run = runOf(name);
    return store.create({ ...run, metadata: { ...run.metadata, labels: { late: 'yes' } } });
  };
  const before = await create('before');
  await kubectl.says(`before ${versionOf(before)};`);
  await expect.poll(() => seen).toEqual(['add before']);

  await apis[0]!.program.stop('SIGKILL');
  await kubectl.ended;
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names)
    await store.replace(
      await create(name).then((run) => ({ ...run, status: { phase: 'Running' } }) as Resource),
      versionOf((await store.get({ kind: 'AnalysisRun', namespace: 'shop', name }))!),
    );
  await expect
    .poll(() => seen, { timeout: 10_000 })
    .toEqual(['add before', ...names.flatMap((name) => [`add ${name}`, `update ${name}`])]);
  // It went on from its version: it did not need to list again.
  expect(lists).toBe(1);
  await informer.stop();
  await proxy.close();

  const path = `${RUNS}?watch=true&labelSelector=late%3Dyes&timeoutSeconds=1&resourceVersion=${versionOf(before)}`;
  const { stdout } = await runKubectl(findKubectl(), apis[1]!.url, home, { args: ['get', '--raw', path] });
  const rest = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; object: Resource });
  expect(rest.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(
    names.flatMap((name) => [`ADDED ${name}`, `MODIFIED ${name}`]),
  );
}, 60_000);

it('a Redis that dies and comes back: no longer ready, what is asked is told so, and watches go on without a gap', async () => {
  const { url } = apis[1]!;
  const follow = async (from: string) => {
    const answer = await fetch(`${url}${RUNS}?watch=true&resourceVersion=${from}`);
    return answer.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  };
  const first = await store.create(runOf('before-the-end'));
  const frames = await follow(String(Number(versionOf(first)) - 1));
  expect((await frames.next()).value).toContain('before-the-end');

  process.kill(redis.pid, 'SIGKILL');
  const isReady = async (): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;
  await expect.poll(isReady).toBe(false);
  const listed = await fetch(url + RUNS);
  expect([listed.status, listed.headers.get('retry-after')]).toEqual([503, '1']);
  // One that wants to know what is there now cannot be told, and says so in its stream.
  const late = await fetch(`${url}${RUNS}?watch=true&timeoutSeconds=60`);
  expect(await late.text()).toMatch(
    /^\{"type":"ERROR","object":\{"kind":"Status",.*"reason":"ServiceUnavailable".*\}\n$/u,
  );

  await redis.restart();
  await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
  const second = await expect
    .poll(() => store.create(runOf('after-the-end')).then(versionOf, () => undefined), { timeout: 10_000 })
    .toBeDefined()
    .then(() => store.get({ kind: 'AnalysisRun', namespace: 'shop', name: 'after-the-end' }));
  expect((await frames.next()).value).toContain(`"resourceVersion":"${versionOf(second!)}"`);
}, 60_000);

/** Each connection goes to the first of the servers that takes it, as with a load balancer that notices at once. */
async function balancer(portsOf: () => readonly number[]): Promise<{ readonly url: string; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const join = (socket: Socket, [port, ...others]: readonly number[]): void => {
    if (port === undefined) return void socket.destroy();
    const target = connect(port, '127.0.0.1');
    open.add(target);
    target.once('connect', () => {
      target.removeAllListeners('error').on('error', () => socket.destroy());
      target.on('close', () => socket.destroy());
      socket.on('close', () => target.destroy());
      socket.pipe(target).pipe(socket);
    });
    target.once('error', () => join(socket, others));
  };
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    join(socket, portsOf());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
