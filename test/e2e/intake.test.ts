/** Jobs of a service that knows nothing but BullMQ, answered by two workers of which one is killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisStore } from '../../services/store/redis.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { keptLog } from '../support/log.ts';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const JOBS = 12;

let redis: RedisServer;
let source: TestServer;
let workers: NodeProgram[];
const data = mkdtempSync(join(tmpdir(), 'assay-intake-'));

beforeAll(async () => {
  redis = await startRedis();
  source = await serve((request, response) => void response.end(`{"value":${request.url === '/bad' ? 0 : 1}}`));
  workers = ['a', 'b'].map(() =>
    startNodeProgram(['services/start.mjs', 'worker', '--redis', redis.url, '--data', data]),
  );
  await Promise.all(workers.map((worker) => worker.says('"msg":"working"')));
});
afterAll(async () => {
  await Promise.all([...(workers ?? []).map((worker) => worker.stop()), source?.close()]);
  await redis?.stop();
  rmSync(data, { recursive: true });
});

it('has every verdict, and makes one run a job, though a worker is killed in the middle', {
  timeout: 60_000,
}, async () => {
  const place = { connection: { url: redis.url }, prefix: '{assay}:intake' };
  const queue = new Queue('analysis', place);
  const events = new QueueEvents('analysis', place);
  const runOf = (index: number) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { generateName: 'release-' },
    spec: {
      metrics: [
        {
          name: 'answer',
          interval: '1s',
          count: 3,
          successCondition: 'result == 1',
          provider: { web: { url: `${source.url}/${index % 3 === 0 ? 'bad' : 'good'}`, jsonPath: '{$.value}' } },
        },
      ],
    },
  });
  await events.waitUntilReady();
  const jobs = await queue.addBulk(
    Array.from({ length: JOBS }, (_, index) => ({ name: `${index}`, data: runOf(index) })),
  );
  const verdicts = Promise.all(
    jobs.map((job) => job.waitUntilFinished(events) as Promise<{ phase: string; run: string }>),
  );
  // Some jobs have their run, some are only just being taken.
  while ((await queue.getDelayedCount()) < JOBS / 3) await sleep(2);
  await workers[0]!.stop('SIGKILL');

  const answers = await verdicts;
  expect(answers.map(({ phase }) => phase)).toEqual(
    jobs.map((_, index) => (index % 3 === 0 ? 'Failed' : 'Successful')),
  );
  expect(new Set(answers.map(({ run }) => run)).size).toBe(JOBS);
  const store = redisStore({ url: redis.url, prefix: 'assay', log: keptLog() });
  const { items } = await store.list({ kind: 'AnalysisRun' });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(answers.map(({ run }) => run).toSorted());
  await store.close();
  await Promise.all([queue.close(), events.close()]);
});
