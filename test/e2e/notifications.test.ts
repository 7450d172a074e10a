/** Processes as a user starts them, and what they tell although one is killed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

let folder: string;
let receiver: Receiver;
let redis: RedisServer;
const servers: AssayServer[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-notify-'));
  receiver = await startReceiver();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});
const start = async (options: Parameters<typeof startAssay>[0]): Promise<AssayServer> => {
  const server = await startAssay(options);
  servers.push(server);
  return server;
};

describe('a worker that is killed between a status and what it would have told', () => {
  it.each(['SQLite', 'Redis'])('over %s: the next process tells it, once', async (kind) => {
    const place = kind === 'Redis' ? redis.url : folder;
    const dying = startNodeProgram(['test/support/dying-worker.ts', place, `${receiver.url}/changes`]);
    expect(await dying.ended).toBe('SIGKILL');
    expect(receiver.received).toEqual([]);

    const server = await start({ data: folder, flags: kind === 'Redis' ? ['--redis', redis.url] : [] });
    const [got] = await receiver.has(1);
    expect(got!.body).toMatchObject({
      type: 'on-analysis-run-error',
      data: { phase: 'Error', run: { namespace: 'shop', name: 'checkout' }, metric: 'errors' },
    });
    await server.stop();
    servers.length = 0;
    expect(receiver.received).toHaveLength(1);
  });
});

describe('assay serve with notifications', () => {
  const config = async (): Promise<string> => {
    const file = join(folder, 'assay.yaml');
    const text = `
publicUrl: https://assay.shop.example
notifications:
  services:
    hook: { type: webhook, url: { env: HOOK_URL } }
  subscriptions:
    everybody: { recipients: [hook], labels: { app: checkout } }
`;
    await writeFile(file, text);
    return file;
  };

  it('tells those who are configured, shows dead letters, and counts', async () => {
    receiver.answer(() => ({ status: 410 }));
    const env = { ...process.env, HOOK_URL: `${receiver.url}/a-secret-path` };
    const server = await start({ data: join(folder, 'data'), flags: ['--config', await config()], env });
    const run = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'checkout', labels: { app: 'checkout' } },
      spec: {
        metrics: [{ name: 'errors', consecutiveErrorLimit: 0, provider: { web: { url: 'http://127.0.0.1:9/' } } }],
      },
    };
    await fetch(`${server.url}/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(run),
    });
    const [got] = await receiver.has(1);
    expect(got!.body.data.link).toBe('https://assay.shop.example/#/runs/default/checkout');
    const numbers = await (await fetch(`${server.url}/metrics`)).text();
    expect(numbers).toMatch(/assay_deliveries_total\{target="hook",outcome="failed"\} [12]/);
    expect(numbers).toContain('assay_deliveries_dead 0');
    const letters = (await (await fetch(`${server.url}/ui/api/dead-letters`)).json()) as { total: number };
    expect(letters.total).toBe(0);
    expect(server.program.output()).not.toContain('a-secret-path');
  });

  it('refuses settings that cannot work, and says all that is wrong', async () => {
    const file = join(folder, 'assay.yaml');
    await writeFile(file, 'notifications: { services: { mail: { type: email } }, defaultTriggers: [on-fire] }');
    const program = startNodeProgram(['services/start.mjs', 'serve', '--data', folder, '--config', file]);
    expect(await program.ended).toBe(4);
    for (const mistake of ['services.mail.host: is missing', 'services.mail.from: is missing', '"on-fire" is none of'])
      expect(program.output()).toContain(mistake);
  });
});
