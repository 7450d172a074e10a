import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../services/engine/ports.ts';
import { dismissDelivery, idOf, keyOf, reviveDelivery } from '../../../services/notify/delivery.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { redisStore } from '../../../services/store/redis.ts';
import { sqliteStore } from '../../../services/store/sqlite.ts';
import { keptLog } from '../../support/log.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { engineBench } from '../engine/harness.ts';
import { type NotifyBench, notifyBench, TO_OPS } from './bench.ts';

const SECRET = `whsec_${Buffer.from('a secret of 24 characters').toString('base64')}`;
const FAILED = 'on-analysis-run-failed';

let receiver: Receiver;
const stopped: NotifyBench[] = [];
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await Promise.all(stopped.splice(0).map((bench) => bench.stop()));
  await receiver.close();
});

const hooks = (more: object = {}) => ({
  notifications: { services: { hook: { type: 'webhook', url: `${receiver.url}/hook` } }, ...more },
});
async function open(...args: Parameters<typeof notifyBench>): Promise<NotifyBench> {
  const bench = await notifyBench(...args);
  stopped.push(bench);
  return bench;
}

describe.each(['memory', 'SQLite', 'Redis'])('over the %s store', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-notify-'));
  let redis: RedisServer | undefined;
  let store: Store;
  beforeAll(async () => {
    if (kind === 'Redis') redis = await startRedis();
  });
  beforeEach(async () => {
    if (kind === 'memory') store = memoryStore();
    else if (kind === 'SQLite') store = await sqliteStore(mkdtempSync(join(folder, 'data-')));
    else store = redisStore({ url: redis!.url, prefix: mkdtempSync(join(folder, 'x')).slice(-6), log: keptLog() });
  });
  afterEach(async () => {
    await Promise.all(stopped.splice(0).map((bench) => bench.stop()));
    await store.close();
  });
  afterAll(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true });
  });

  it('posts the evidence of a failed run once, signed as Standard Webhooks has it', async () => {
    const services = { hook: { type: 'webhook', url: `${receiver.url}/hook`, secret: { secret: 'hook/signing' } } };
    const secrets = { read: async () => ({ signing: SECRET }) };
    const bench = await open({ notifications: { services }, publicUrl: 'https://assay.example/' }, { store, secrets });
    await bench.finish('checkout', { annotations: TO_OPS });
    const [got] = await receiver.has(1);
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'delivered');

    // The run's time is set, the receiver's is not: the package would call the signature old.
    const sent = new Date(Number(got!.headers['webhook-timestamp']) * 1000);
    const expected = new Webhook(SECRET).sign(got!.headers['webhook-id']!, sent, got!.text);
    expect(got!.headers['webhook-signature']).toBe(expected);
    expect(got).toMatchObject({ method: 'POST', path: '/hook' });
    expect(got!.body).toMatchObject({
      type: FAILED,
      timestamp: '2026-01-01T00:00:00Z',
      data: {
        run: { namespace: 'shop', name: 'checkout' },
        phase: 'Failed',
        metric: 'error-rate',
        value: '0.2',
        conditions: [{ field: 'failureCondition', text: 'result > 0.1', held: true }],
        samples: 1,
        link: 'https://assay.example/#/runs/shop/checkout',
      },
    });
    expect(receiver.received).toHaveLength(1);
    expect(JSON.stringify(await bench.deliveries())).not.toContain(SECRET);
  });

  it('tries again as long as the target is away, and as late as it asks for', async () => {
    const bench = await open(hooks(), { store });
    receiver.answer((_, index) =>
      index === 0 ? { status: 503, headers: { 'retry-after': '120' } } : { status: index === 1 ? 500 : 200 },
    );
    await bench.finish('checkout', { annotations: TO_OPS });
    await receiver.has(1);
    await bench.until(() => bench.outcomes.length === 1);
    const [waiting] = await bench.deliveries();
    expect(waiting).toMatchObject({ state: 'waiting', attempts: 1, lastError: 'the target answered 503' });
    expect(waiting!.dueAt - bench.engine.clock.now()).toBe(120_000);
    await bench.until(() => receiver.received.length === 3, 10_000);
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'delivered');
    expect(bench.outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'delivered']);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('makes again what a process that died did not come to, and tells no old run anew', async () => {
    const engine = engineBench({ store });
    const first = await open(hooks(), { engine });
    await first.stop();
    stopped.length = 0;
    Object.assign(engine.deps, { listeners: [] });
    const dying = await open(hooks(), { engine, deaf: true });
    await dying.finish('after-the-mark', { annotations: TO_OPS });
    await dying.stop();
    stopped.length = 0;
    expect(receiver.received).toHaveLength(0);

    const next = await open(hooks(), { engine });
    await receiver.has(1);
    await next.until(async () => (await next.deliveries())[0]?.state === 'delivered');
    // Sweeps come and go, a day passes, the delivery is forgotten, the run is touched: it stays told.
    await engine.clock.advance(60_000);
    await next.until(async () => (await next.deliveries()).length === 0, 20 * 60_000);
    const run = await store.get({ kind: 'AnalysisRun', namespace: 'shop', name: 'after-the-mark' });
    await store.replace(
      { ...run!, metadata: { ...run!.metadata, labels: { a: 'b' } } },
      run!.metadata.resourceVersion!,
    );
    await engine.clock.advance(60_000);
    await engine.clock.advance(60_000);
    await next.stop();
    stopped.length = 0;
    expect(receiver.received).toHaveLength(1);
  });

  it('shares the work of two processes: each delivery is sent once', async () => {
    const engine = engineBench({ store });
    const one = await open(hooks(), { engine });
    const two = await open(hooks(), { engine });
    for (let index = 0; index < 10; index += 1) await one.finish(`run-${index}`, { annotations: TO_OPS });
    await receiver.has(10);
    await one.until(async () => (await one.deliveries()).every(({ state }) => state === 'delivered'), 100);
    await engine.clock.advance(60_000);
    await Promise.all([one.stop(), two.stop()]);
    stopped.length = 0;
    expect(receiver.received).toHaveLength(10);
  });
});

describe('what is told', () => {
  const ALL = {
    'notifications.argoproj.io/subscriptions': `
      - trigger: [on-analysis-run-running, on-analysis-run-first-breach, on-analysis-run-failed]
        destinations: [{ service: hook, recipients: [''] }]`,
  };

  it('comes in the order in which it happened, also when the first attempt fails', async () => {
    const bench = await open(hooks());
    receiver.answer((_, index) => ({ status: index === 0 ? 500 : 200 }));
    await bench.finish('checkout', { annotations: ALL }, [0, 0.3]);
    await bench.until(() => receiver.received.length === 4, 500);
    const running = 'on-analysis-run-running';
    expect(receiver.received.map(({ body }) => body.type)).toEqual([
      running,
      running,
      'on-analysis-run-first-breach',
      FAILED,
    ]);
    expect(receiver.received[2]!.body.data.sentence).toBe(
      'First breach of metric "error-rate": value 0.3; failureCondition "result > 0.1" was true',
    );
  });

  it('a run without subscribers costs nothing', async () => {
    const bench = await open(hooks());
    await bench.finish('checkout');
    await bench.engine.clock.advance(1000);
    expect(await bench.deliveries()).toEqual([]);
  });

  it('a callback hears of each change of the phase in order, signed with a Secret of the run', async () => {
    const bench = await open({ notifications: {} });
    bench.engine.secrets.set('callback', { key: SECRET });
    receiver.answer((_, index) => ({ status: index === 0 ? 503 : 200 }));
    await bench.finish(
      'checkout',
      { annotations: { 'assay/callback': `${receiver.url}/changes`, 'assay/callback-secret': 'callback/key' } },
      [0, 0.3],
    );
    await bench.until(() => receiver.received.length === 3, 500);
    expect(receiver.received.map(({ body }) => body.data.phase)).toEqual(['Running', 'Running', 'Failed']);
    const last = receiver.received[2]!;
    const sent = new Date(Number(last.headers['webhook-timestamp']) * 1000);
    expect(last.headers['webhook-signature']).toBe(
      new Webhook(SECRET).sign(last.headers['webhook-id']!, sent, last.text),
    );
    expect(last.body.data.sentence).toContain('failureCondition "result > 0.1" was true');
  });

  it.each([
    {
      name: 'an address that the guard denies',
      url: 'http://169.254.169.254/latest',
      error: 'not allowed by the outbound rules',
    },
    { name: 'no address at all', url: 'not an address', error: 'unsupported protocol scheme' },
  ])('a callback to $name is given up, and the run is none the worse', async ({ url, error }) => {
    const bench = await open({ notifications: {} });
    const run = await bench.finish('checkout', { annotations: { 'assay/callback': url } });
    expect(run.status?.phase).toBe('Failed');
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'dead', 10_000);
    expect((await bench.deliveries())[0]?.lastError).toContain(error);
  });

  it('a redirect is not followed', async () => {
    const bench = await open(hooks());
    receiver.answer(() => ({ status: 302, headers: { location: `${receiver.url}/elsewhere` } }));
    await bench.finish('checkout', { annotations: TO_OPS });
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'dead', 10_000);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);
  });
});

describe('a target that refuses for ever', () => {
  it('becomes a dead letter, which is retried or dismissed', async () => {
    const bench = await open(hooks());
    receiver.answer(() => ({ status: 404, body: 'no such hook' }));
    await bench.finish('checkout', { annotations: TO_OPS });
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'dead', 10_000);
    expect(receiver.received).toHaveLength(3);
    const [dead] = await bench.deliveries();
    expect(dead).toMatchObject({ attempts: 3, lastError: 'the target answered 404: no such hook' });
    const id = idOf(keyOf(dead!));

    await reviveDelivery(bench.store, id, bench.engine.clock.now());
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'dead', 10_000);
    expect(receiver.received).toHaveLength(6);
    receiver.answer(() => ({ status: 200 }));
    await reviveDelivery(bench.store, id, bench.engine.clock.now());
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'delivered', 1000);
    expect(await dismissDelivery(bench.store, id)).toBeUndefined();
  });

  it('a service that is not configured says so', async () => {
    const bench = await open(hooks());
    await bench.finish('checkout', { annotations: { 'notifications.argoproj.io/subscribe.slack': 'releases' } });
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'dead', 10_000);
    expect((await bench.deliveries())[0]?.lastError).toBe(
      'no service "slack" is configured (setting notifications.services); there are hook',
    );
  });
});

describe('1,000 runs that fail at once with one target down', () => {
  it('neither the other target nor the runs are held up, and the one that is down is not stormed', async () => {
    const down = await startReceiver();
    down.answer(() => 'silence');
    try {
      const bench = await open({
        notifications: {
          services: { hook: { type: 'webhook', url: receiver.url }, down: { type: 'webhook', url: down.url } },
          subscriptions: { all: { recipients: ['down', 'hook'], triggers: [FAILED] } },
        },
      });
      // A pass that waited for the target would wait for ever.
      for (let index = 0; index < 1000; index += 1) await bench.finish(`run-${index}`);
      await receiver.has(1000);
      const delivered = () => bench.outcomes.filter(({ target }) => target === 'hook');
      await bench.until(() => delivered().length === 1000);
      expect(new Set(receiver.received.map(({ body }) => body.data.run.name)).size).toBe(1000);
      // Four at once; on a slow machine these give up meanwhile, and three follow before the fourth failure closes the lane.
      expect(down.received.length).toBeLessThanOrEqual(7);
      expect(down.open.most).toBeLessThanOrEqual(4);
      await bench.stop();
      stopped.length = 0;
      const left = (await bench.deliveries()).filter(({ state }) => state === 'waiting');
      expect(left.every(({ target, lease }) => target.service === 'down' && lease === undefined)).toBe(true);
      expect(left).toHaveLength(1000);
    } finally {
      await down.close();
    }
  }, 60_000);
});
