/** One trace from the request that creates a run to the calls that measure it and tell of it, through an API process and a worker over one Redis. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const RUNS = '/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const [INTERNAL, SERVER, CLIENT, CONSUMER] = [1, 2, 3, 5];

let folder: string;
let redis: RedisServer;
let collector: OtlpReceiver;
let source: TestServer;
let api: AssayServer;
let worker: NodeProgram;
const asked: (string | undefined)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-tracing-'));
  [redis, collector] = await Promise.all([startRedis(), startOtlpReceiver()]);
  source = await serve((request, response) => {
    if (request.method === 'GET') asked.push(request.headers['traceparent'] as string | undefined);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  const env = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20s3cret',
  };
  const settings = ['--redis', redis.url, '--data', folder];
  worker = startNodeProgram(['services/start.mjs', 'worker', ...settings], { ...env, OTEL_SERVICE_NAME: 'worker' });
  api = await startAssay({ command: 'api', flags: ['--redis', redis.url], env: { ...env, OTEL_SERVICE_NAME: 'api' } });
  await worker.says('"msg":"working"');
}, 60_000);
afterAll(async () => {
  await Promise.all([api?.stop(), worker?.stop(), source?.close(), collector?.close()]);
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function completed(url: string, name: string, headers: Record<string, string> = {}): Promise<AnalysisRun> {
  const provider = { web: { url: `${source.url}/?key=s3cret-query`, jsonPath: '{$.ok}' } };
  const spec = { metrics: [{ name: 'answer', successCondition: 'result', provider }] };
  const metadata = { name, annotations: { 'assay/callback': `${source.url}/told?key=s3cret-callback` } };
  const body = JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata, spec });
  const created = await fetch(`${url}${RUNS}?fieldManager=s3cret-manager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  expect(created.status).toBe(201);
  return (await (await fetch(`${url}${RUNS}/${name}?wait=20s`)).json()) as AnalysisRun;
}

it('one trace has the request, the run, its passes, measurements, writes and what is told of it, with the caller at its head', {
  timeout: 30_000,
}, async () => {
  const run = await completed(api.url, 'traced', { traceparent: `00-${TRACE}-${CALLER}-01` });
  expect(run.status?.phase).toBe('Successful');
  const spans = () => collector.spans.filter(({ traceId }) => traceId === TRACE);
  await expect
    .poll(() => spans().map(({ name }) => name), { timeout: 10_000 })
    .toEqual(
      expect.arrayContaining([
        'write status',
        'pass',
        'measure',
        'create run',
        'notify',
        `POST ${RUNS.replace('default', ':namespace')}`,
      ]),
    );
  const named = (name: string): ReceivedSpan => spans().find((span) => span.name.startsWith(name))!;
  const [request, creation, measure] = [named('POST'), named('create run'), named('measure')];
  const pass = spans().find(({ spanId }) => spanId === measure.parentId)!;
  expect(request).toMatchObject({
    ...{ service: 'api', parentId: CALLER, kind: SERVER, status: 0 },
    attributes: { 'http.request.method': 'POST', 'url.path': RUNS, 'http.response.status_code': 201 },
  });
  expect(creation).toMatchObject({ service: 'api', parentId: request.spanId, kind: INTERNAL });
  expect(pass).toMatchObject({ service: 'worker', name: 'pass', parentId: creation.spanId, kind: CONSUMER });
  expect(measure).toMatchObject({
    ...{ service: 'worker', kind: CLIENT },
    attributes: { 'assay.provider': 'web', 'assay.metric': 'answer', 'assay.attempt': 1, 'assay.phase': 'Successful' },
  });
  expect(named('notify')).toMatchObject({
    ...{ service: 'worker', kind: CLIENT, parentId: creation.spanId },
    attributes: { 'assay.run': 'default/traced', 'assay.service': 'callback' },
  });
  expect(named('write status')).toMatchObject({ service: 'worker', kind: CLIENT });

  // Sources are told nothing of it, and neither the query, nor credentials, are in any span.
  expect(asked).toEqual([undefined]);
  expect(collector.text()).not.toContain('s3cret');
  expect(collector.headers[0]).toMatchObject({
    authorization: 'Bearer s3cret',
    'content-type': 'application/x-protobuf',
  });

  const lines = (output: string) =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(
    lines(api.program.output()).find(({ msg, method }) => msg === 'request answered' && method === 'POST'),
  ).toMatchObject({ trace_id: TRACE, span_id: request.spanId });
  expect(lines(worker.output()).find(({ msg }) => msg === 'run completed')).toMatchObject({ trace_id: TRACE });
});

it('an endpoint that refuses or is away holds nothing up and is told of once; probes are not traced', {
  timeout: 40_000,
}, async () => {
  collector.answerWith(403);
  const told = () => api.program.output().split('does not take spans').length - 1;
  for (const name of ['refused-1', 'refused-2']) {
    const before = collector.headers.length;
    expect((await completed(api.url, name)).status?.phase).toBe('Successful');
    await expect.poll(() => collector.headers.length, { timeout: 10_000 }).toBeGreaterThan(before);
  }
  await expect.poll(told).toBe(1);
  collector.answerWith(200);
  expect((await completed(api.url, 'taken')).status?.phase).toBe('Successful');
  await api.program.says('the OTLP endpoint takes spans again');
  expect(collector.spans.some(({ name }) => /readyz|metrics/u.test(name))).toBe(false);
  await collector.close();
  expect((await completed(api.url, 'away')).status?.phase).toBe('Successful');
  // At the end what waits is given a few seconds.
  const began = Date.now();
  expect(await api.program.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(10_000);
});
