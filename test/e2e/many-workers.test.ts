/** One API process and two workers over one real Redis, as a company runs them: what any of them does the others see, and one may die. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { createRun } from '../../services/engine/create-run.ts';
import { bullmqQueue } from '../../services/queue/bullmq.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { redisStore } from '../../services/store/redis.ts';
import { assay } from '../support/assay-command.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { freePort } from '../support/free-port.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { keptLog } from '../support/log.ts';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const RUNS = '/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns';
const RUN_COUNT = 20;
const MEASUREMENTS = 4;
/** Long enough that a worker that dies leaves passes half done. */
const ANSWERS_AFTER_MS = 200;

const data = mkdtempSync(join(tmpdir(), 'assay-many-'));
afterAll(() => rmSync(data, { recursive: true }));
const settings = (redis: string): string[] => ['--redis', redis, '--data', data];
const startWorker = (redis: string): NodeProgram =>
  startNodeProgram(['services/start.mjs', 'worker', ...settings(redis)]);

describe('one API process and two workers over one Redis', () => {
  let redis: RedisServer;
  let source: TestServer;
  let api: AssayServer;
  let workers: NodeProgram[];
  /** Each answer of the source has its own number, by the path that was asked. */
  const answers = new Map<string, number>();
  let serial = 0;

  beforeAll(async () => {
    redis = await startRedis();
    source = await serve((request, response) => {
      serial += 1;
      const path = request.url!;
      answers.set(path, (answers.get(path) ?? 0) + 1);
      const body = JSON.stringify({ value: path.includes('bad') ? 0 : 1, serial });
      setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(body), ANSWERS_AFTER_MS);
    });
    api = await startAssay({ command: 'api', flags: ['--redis', redis.url] });
    workers = [startWorker(redis.url), startWorker(redis.url)];
    await Promise.all(workers.map((worker) => worker.says('"msg":"working"')));
  });
  afterAll(async () => {
    await Promise.all([...(workers ?? []).map((worker) => worker.stop()), api?.stop(), source?.close()]);
    await redis?.stop();
  });

  const nameOf = (index: number): string => (index % 4 === 3 ? `bad-${index}` : `good-${index}`);
  const runOf = (name: string) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name },
    spec: {
      metrics: [
        {
          name: 'answer',
          interval: '2s',
          count: MEASUREMENTS,
          successCondition: 'result.value == 1',
          failureLimit: MEASUREMENTS,
          ...(name.startsWith('bad') && { failureLimit: 1 }),
          provider: { web: { url: `${source.url}/${name}`, jsonPath: '{$}' } },
        },
      ],
    },
  });
  const create = async (name: string): Promise<AnalysisRun> => {
    const answer = await fetch(api.url + RUNS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(runOf(name)),
    });
    expect(answer.status).toBe(201);
    return (await answer.json()) as AnalysisRun;
  };

  it('carry every run to its verdict though one worker is killed; watch and ?wait= on the API see it, nothing is lost or doubled', {
    timeout: 90_000,
  }, async () => {
    const names = Array.from({ length: RUN_COUNT }, (_, index) => nameOf(index));
    const created = await Promise.all(names.map(create));
    const from = Math.min(...created.map(({ metadata }) => Number(metadata.resourceVersion))) - 1;
    const seen = follow(`${api.url}${RUNS}?watch=true&resourceVersion=${from}`, RUN_COUNT);

    // In the middle: every run has begun, none is done.
    await until(() => answers.size === RUN_COUNT);
    await workers[0]!.stop('SIGKILL');

    const ended = await Promise.all(names.map((name) => waitedFor(`${api.url}${RUNS}/${name}`)));
    for (const run of ended) {
      const isBad = run.metadata.name.startsWith('bad');
      expect([run.metadata.name, run.status?.phase]).toEqual([run.metadata.name, isBad ? 'Failed' : 'Successful']);
      const result = run.status!.metricResults![0]!;
      const taken = result.measurements!.map(({ value }) => (JSON.parse(value!) as { serial: number }).serial);
      expect(taken).toHaveLength(isBad ? 2 : MEASUREMENTS);
      expect(new Set(taken).size).toBe(taken.length);
      expect(result.count).toBe(taken.length);
      // What the dead worker had asked and not recorded was asked again, once at most.
      expect(answers.get(`/${run.metadata.name}`)! - taken.length).toBeLessThanOrEqual(1);
    }
    const verdicts = await seen;
    expect(Object.keys(verdicts).toSorted()).toEqual(names.toSorted());
    for (const run of ended) expect(verdicts[run.metadata.name]).toEqual([run.status!.phase]);
  });

  it('end in order on SIGTERM', async () => {
    expect(await workers[1]!.stop('SIGTERM')).toBe(0);
    expect(await api.program.stop('SIGTERM')).toBe(0);
  });

  /** The phases that a watch tells of each run once it is completed, until so many are. */
  async function follow(url: string, count: number): Promise<Record<string, string[]>> {
    const control = new AbortController();
    const verdicts: Record<string, string[]> = {};
    const answer = await fetch(url, { signal: control.signal });
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const { object } = JSON.parse(line) as { object: AnalysisRun };
        const { phase } = object.status ?? {};
        if (phase === undefined || phase === 'Running' || phase === 'Pending') continue;
        verdicts[object.metadata.name] = [...new Set([...(verdicts[object.metadata.name] ?? []), phase])];
      }
      if (Object.keys(verdicts).length === count) break;
    }
    control.abort();
    return verdicts;
  }

  async function waitedFor(url: string): Promise<AnalysisRun> {
    for (;;) {
      const run = (await (await fetch(`${url}?wait=30s`)).json()) as AnalysisRun;
      if (run.status?.completedAt !== undefined) return run;
    }
  }
});

describe('a worker that is stopped in the middle of a pass', () => {
  it('hands the pass back when its grace is over: another worker has it long before a lease is', {
    timeout: 60_000,
  }, async () => {
    const redis = await startRedis();
    const asked: (() => void)[] = [];
    const source = await serve((_request, response) => {
      // The first to ask waits for ever.
      if (asked.length > 0) response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":1}');
      asked.push(() => response.destroy());
    });
    const log = keptLog();
    const store = redisStore({ url: redis.url, prefix: 'assay', log });
    const queue = bullmqQueue({ url: redis.url, prefix: 'assay', log });
    const flags = [...settings(redis.url), '--worker-grace', '200ms'];
    const first = startNodeProgram(['services/start.mjs', 'worker', ...flags]);
    const provider = { web: { url: source.url, jsonPath: '{$.value}' } };
    await createRun({ store, queue, clock: systemClock }, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'a', namespace: 'default' },
      spec: { metrics: [{ name: 'answer', successCondition: 'result == 1', provider }] },
    } as Parameters<typeof createRun>[1]);
    await until(() => asked.length === 1);
    const second = startWorker(redis.url);
    await second.says('"msg":"working"');
    const beganAt = Date.now();
    expect(await first.stop('SIGTERM')).toBe(0);
    await until(async () => {
      const run = (await store.get({ kind: 'AnalysisRun', namespace: 'default', name: 'a' })) as AnalysisRun;
      return run.status?.phase === 'Successful' && run.status.metricResults?.[0]?.count === 1;
    });
    expect(asked).toHaveLength(2);
    expect(Date.now() - beganAt).toBeLessThan(6_000);
    for (const end of asked) end();
    await Promise.all([second.stop(), queue.close(), store.close(), source.close()]);
    await redis.stop();
  });
});

describe('without a Redis that can be used', () => {
  it.each(['api', 'worker'])('assay %s says that it needs one', async (command) => {
    const { code, err } = await assay([command, '--data', data]);
    expect(code).toBe(4);
    expect(err).toContain(`assay ${command} works with others over one Redis, and none is set`);
    expect(err).toContain('fix: set --redis redis://HOST:6379, or run assay serve');
  });

  it.each(['api', 'worker', 'serve'])('assay %s refuses a wrong password, and does not show it', async (command) => {
    const redis = await startRedis({ settings: { requirepass: 'right' } });
    const { code, err, out } = await assay([command, ...settings(redis.url.replace('//', '//:wr0ng@'))]);
    await redis.stop();
    expect(code).toBe(4);
    expect(err).toContain('refuses the password');
    expect(err + out).not.toContain('wr0ng');
  });

  it('waits for one that is not there: says so, is not ready, and works once it is', async () => {
    const port = await freePort();
    const listen = `127.0.0.1:${await freePort()}`;
    const flags = [...settings(`redis://127.0.0.1:${port}`), '--listen', listen];
    const program = startNodeProgram(['services/start.mjs', 'serve', ...flags]);
    await program.says('cannot be reached: start it, or set another address');
    await program.says('"msg":"serving"');
    const before = await fetch(`http://${listen}/readyz`);
    expect(before.status).toBe(503);
    expect(await before.text()).toContain('cannot be reached');
    expect((await fetch(`http://${listen}/healthz`)).status).toBe(200);
    const redis = await startRedis({ port });
    await until(async () => (await fetch(`http://${listen}/readyz`)).ok);
    expect(await program.stop()).toBe(0);
    await redis.stop();
  });

  it('ends in order on SIGTERM whether it has gone away or was never there', async () => {
    const redis = await startRedis();
    const workers = [startWorker(redis.url), startWorker(`redis://127.0.0.1:${await freePort()}`)];
    await Promise.all(workers.map((worker) => worker.says('"msg":"working"')));
    await redis.stop();
    await workers[0]!.says('cannot be reached');
    await Promise.all(workers.map(async (worker) => expect(await worker.stop('SIGTERM')).toBe(0)));
  });
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
