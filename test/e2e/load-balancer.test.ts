/** The load balancer of docker-compose.yml, as a real nginx before two API processes: what kubectl and ?wait= need of it, and one process killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { freePort } from '../support/free-port.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { findKubectl, runKubectl } from '../support/kubectl.ts';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { answers, type Peer, startPeer } from '../support/peer.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const { configs } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  configs: { balancer: { content: string } };
};

let redis: RedisServer;
let source: TestServer;
let apis: AssayServer[];
let worker: NodeProgram;
let balancer: Peer;
const kubectl = findKubectl();
const home = mkdtempSync(join(tmpdir(), 'assay-balancer-'));

/** nginx with the server of the Compose file, at other addresses. */
async function startBalancer(ports: readonly number[]): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const server = (port: number): string =>
    configs.balancer.content
      // Compose reads $$ as $.
      .replaceAll('$$', '$')
      .replace('listen 8090', `listen 127.0.0.1:${port}`)
      .replace(/api-(\d):8090/g, (_, number: string) => `127.0.0.1:${ports[Number(number) - 1]}`);
  return startPeer({
    name: 'nginx',
    command: 'nginx',
    folder,
    args: () => ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    prepare: async ([port]) =>
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; pid ${folder}/pid; events {} http { access_log off; ${temporary.join(' ')} ${server(port!)} }`,
      ),
    isReady: ([port]) => answers(port, '/readyz'),
  });
}

beforeAll(async () => {
  redis = await startRedis();
  source = await serve((_request, response) => void response.end('{"value":1}'));
  const ports = [await freePort(), await freePort()];
  apis = [];
  for (const port of ports) apis.push(await startAssay({ command: 'api', port, flags: ['--redis', redis.url] }));
  worker = startNodeProgram(['services/start.mjs', 'worker', '--redis', redis.url, '--data', join(home, 'data')]);
  await worker.says('"msg":"working"');
  balancer = await startBalancer(ports);
});
afterAll(async () => {
  await balancer?.stop();
  await Promise.all([...(apis ?? []).map((api) => api.stop()), worker?.stop(), source?.close()]);
  await redis?.stop();
  rmSync(home, { recursive: true, force: true });
});

const run = (name: string, count: number): string =>
  JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name },
    spec: {
      metrics: [
        {
          name: 'up',
          interval: '1s',
          count,
          successCondition: 'result == 1',
          provider: { web: { url: source.url, jsonPath: '{$.value}' } },
        },
      ],
    },
  });
const call = (args: readonly string[], stdin?: string) =>
  runKubectl(kubectl, balancer.url, home, { args, ...(stdin !== undefined && { stdin }) });
const wait = (name: string) =>
  call(['wait', `ar/${name}`, '--for=jsonpath={.status.phase}=Successful', '--timeout=25s']);

it('lets kubectl create, watch and wait, shows changes as they come, and clients go on when a process is killed', {
  timeout: 90_000,
}, async () => {
  const template = readFileSync('openapi/examples/web-check.yaml', 'utf8');
  expect(await call(['apply', '-f', '-'], template)).toMatchObject({ exitCode: 0 });

  const watch = spawn(
    kubectl,
    ['--server', balancer.url, '--cache-dir', `${home}/cache`, 'get', 'ar', '-w', '--no-headers'],
    {
      env: { PATH: process.env['PATH'], HOME: home, KUBECONFIG: '/dev/null' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let shown = '';
  const verdictShown = new Promise<void>((resolve) => {
    watch.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (/first\s+Successful/.test(shown)) resolve();
    });
  });
  expect(await call(['create', '-f', '-'], run('first', 2))).toMatchObject({ exitCode: 0 });
  await verdictShown;
  expect(shown).toMatch(/first\s+Running/);
  watch.kill();
  await once(watch, 'exit');

  const runs = `${balancer.url}/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns`;
  const events = await fetch(`${runs}?watch=true&timeoutSeconds=10`, { headers: { accept: 'text/event-stream' } });
  const { value } = await events.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toContain('event: ADDED');

  expect(await call(['create', '-f', '-'], run('second', 6))).toMatchObject({ exitCode: 0 });
  // Requests go round: each process has one of the clients that wait.
  const waiting = [wait('second'), wait('second')];
  const asked = Promise.any([0, 1].map(async () => (await fetch(`${runs}/second?wait=20s`)).json()));
  while (!(await call(['get', 'ar', 'second'])).stdout.includes('Running'));
  await apis[0]!.program.stop('SIGKILL');
  // None of these meets the process that is gone.
  for (let count = 0; count < 6; count += 1) expect((await fetch(`${runs}/second`)).status).toBe(200);
  for (const each of await Promise.all(waiting)) expect(each).toMatchObject({ exitCode: 0 });
  expect(await asked).toMatchObject({ status: { phase: 'Successful' } });
  expect(await call(['create', '-f', '-'], run('third', 1))).toMatchObject({ exitCode: 0 });
  expect(await wait('third')).toMatchObject({ exitCode: 0 });
});
