import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Queue, QueueEvents } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { providerSchemas } from '../../../providers/registry.ts';
import type { AnalysisRun, AnalysisRunStatus } from '../../../services/domain/run.ts';
import { type Store, StoreError } from '../../../services/engine/ports.ts';
import { Intake, intakePrefix } from '../../../services/intake/intake.ts';
import { answerJudgeRequest } from '../../../services/judge/judge-request.ts';
import { systemClock } from '../../../services/queue/clock.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { freePort } from '../../support/free-port.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

let redis: RedisServer;
let prefixes = 0;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});
afterAll(() => redis?.stop());

const METRIC = { name: 'errors', provider: { web: { url: 'http://127.0.0.1:9/', jsonPath: '{$}' } } };
const RUN = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisRun',
  metadata: { name: 'release' },
  spec: { metrics: [METRIC] },
};
const TEMPLATE = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'web-check', namespace: 'default' },
  spec: { args: [{ name: 'shop' }], metrics: [METRIC] },
};
const measured = (phase: 'Successful' | 'Failed'): AnalysisRunStatus => ({
  phase: 'Running',
  startedAt: '2026-01-01T00:00:00Z',
  metricResults: [
    {
      name: 'errors',
      phase: 'Running',
      count: 1,
      [phase === 'Failed' ? 'failed' : 'successful']: 1,
      measurements: [{ phase, value: '7', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z' }],
    },
  ],
});
const ended = (phase: 'Successful' | 'Failed'): AnalysisRunStatus => {
  const [result] = measured(phase).metricResults!;
  return {
    phase,
    message: 'said so',
    startedAt: '2026-01-01T00:00:00Z',
    completedAt: '2026-01-01T00:00:02Z',
    metricResults: [{ ...result!, phase }],
  };
};

/** A queue, a caller and the intake of one worker; the engine is the test. */
function bench(store: Store = memoryStore()) {
  const place = { url: redis.url, prefix: `test-${prefixes++}` };
  const at = { connection: { url: redis.url }, prefix: intakePrefix(place) };
  const jobs = new Queue('analysis', at);
  // From the first one on: by itself it begins whenever its question reaches Redis, which may be after a job's answer.
  const events = new QueueEvents('analysis', { ...at, lastEventId: '0-0' });
  const log = keptLog();
  const deps = { store, queue: { schedule: async () => {} }, clock: systemClock, log };
  const open = (leaseMs = 1_000): Intake => {
    const intake = new Intake(deps, {
      ...place,
      queue: 'analysis',
      leaseMs,
      providerSchemas: async () => providerSchemas,
    });
    closing.push(() => intake.stop());
    return intake;
  };
  let intake = open();
  closing.push(
    () => jobs.close(),
    () => events.close(),
  );
  const runs = async () => (await store.list({ kind: 'AnalysisRun' })).items as readonly AnalysisRun[];
  /** Once the job waits for its run. */
  const waiting = async (job: Job): Promise<AnalysisRun> => {
    while ((await job.getState()) !== 'delayed') await sleep(5);
    return (await runs())[0]!;
  };
  const write = async (run: AnalysisRun, status: AnalysisRunStatus): Promise<AnalysisRun> => {
    const latest = (await store.get({ kind: 'AnalysisRun', namespace: 'default', name: run.metadata.name }))!;
    return (await store.replace({ ...latest, status } as AnalysisRun, latest.metadata.resourceVersion!)) as AnalysisRun;
  };
  const tell = (run: AnalysisRun): Promise<void> => intake.statusWritten(run);
  const failure = async (data: unknown): Promise<string> => {
    const job = await jobs.add('any', data, { attempts: 5 });
    const error = await job.waitUntilFinished(events).catch((thrown: Error) => thrown);
    expect(await job.getState()).toBe('failed');
    return (error as Error).message;
  };
  const restart = (): void => {
    intake = open(300);
  };
  const stop = (passesEnd: Promise<unknown>): Promise<void> => intake.stop(passesEnd);
  return { jobs, events, store, restart, runs, waiting, write, tell, failure, stop };
}

describe('a job that asks for a run', () => {
  it('is woken by a verdict of the last pass of a process that shuts down', async () => {
    const { jobs, waiting, write, tell, stop } = bench();
    const job = await jobs.add('any', RUN);
    const run = await waiting(job);
    const lastPass = Promise.withResolvers<void>();
    const stopped = stop(lastPass.promise);
    // Long enough for everything that the intake does not have to wait for.
    await sleep(100);
    await tell(await write(run, ended('Failed')));
    lastPass.resolve();
    await stopped;
    expect(await job.getState()).toBe('waiting');
    expect((await jobs.getJob(job.id!))?.progress).toMatchObject({ phase: 'Failed' });
  });

  it.each(['Successful', 'Failed'] as const)(
    'is answered with the verdict %s, and shows how the run goes',
    async (phase) => {
      const { jobs, events, waiting, write, tell } = bench();
      const shown: unknown[] = [];
      events.on('progress', ({ data }) => shown.push(data));
      await events.waitUntilReady();
      const job = await jobs.add('release', RUN);
      const run = await waiting(job);
      expect(run).toMatchObject({ metadata: { name: 'release', namespace: 'default', generation: 1 }, spec: RUN.spec });
      await tell(await write(run, measured(phase)));
      await tell(await write(run, ended(phase)));
      const verdict = await job.waitUntilFinished(events);
      const reason = {
        phase,
        metric: 'errors',
        value: '7',
        sentence: expect.stringContaining(`Metric "errors" ${phase}`),
      };
      expect(verdict).toMatchObject({ run: 'release', namespace: 'default', phase, message: 'said so', reason });
      const counts = { successful: 0, failed: 0, inconclusive: 0, error: 0, [phase.toLowerCase()]: 1 };
      expect(shown).toMatchObject([
        { phase: '', reason: { sentence: 'Waiting for its first pass' } },
        {
          phase: 'Running',
          counts,
          newest: { metric: 'errors', phase, value: '7', finishedAt: '2026-01-01T00:00:01Z' },
        },
        { phase, counts, reason },
      ]);
    },
  );

  it('may name a template; the name of the run follows from the job', async () => {
    const { jobs, events, store, waiting, write, tell } = bench();
    await store.create(TEMPLATE);
    const job = await jobs.add('release', { template: 'web-check', args: { shop: 'http://shop' } });
    const run = await waiting(job);
    expect(run.metadata.name).toMatch(/^web-check-[0-9a-f]{15}$/);
    expect(run.spec.args).toEqual([{ name: 'shop', value: 'http://shop' }]);
    await tell(await write(run, ended('Successful')));
    expect(await job.waitUntilFinished(events)).toMatchObject({ phase: 'Successful', run: run.metadata.name });
  });

  it('makes one run though it is handed out again and again, and after the template is gone', async () => {
    const { jobs, store, waiting, runs, write, events } = bench();
    await store.create(TEMPLATE);
    const job = await jobs.add('release', { template: 'web-check', args: { shop: 'http://shop' } });
    const run = await waiting(job);
    await store.remove({ kind: 'AnalysisTemplate', namespace: 'default', name: 'web-check' });
    // As if the worker had died before it said anything of the run.
    await job.updateProgress(0);
    await job.promote();
    await waiting(job);
    expect(await runs()).toHaveLength(1);
    // And as if nobody had told the job of the verdict.
    await write(run, ended('Successful'));
    await job.promote();
    expect(await job.waitUntilFinished(events)).toMatchObject({ phase: 'Successful' });
  });

  it('is taken over from a worker that died with it', async () => {
    const { jobs, events, waiting, write, tell, restart } = bench();
    await Promise.all(closing.splice(0, 1).map((stop) => stop()));
    const { Worker } = await import('bullmq');
    const dying = new Worker('analysis', null, {
      connection: { url: redis.url },
      prefix: jobs.opts.prefix!,
      lockDuration: 300,
    });
    const job = await jobs.add('release', RUN);
    expect((await dying.getNextJob('its token'))!.id).toBe(job.id);
    await dying.close();
    restart();
    const run = await waiting(job);
    await tell(await write(run, ended('Failed')));
    expect(await job.waitUntilFinished(events)).toMatchObject({ phase: 'Failed' });
  });

  it('has its verdict though the run deletes itself at once', async () => {
    const { jobs, events, store, waiting, write, tell } = bench();
    const job = await jobs.add('release', RUN);
    const completed = await write(await waiting(job), ended('Successful'));
    await store.remove({ kind: 'AnalysisRun', namespace: 'default', name: 'release' });
    await tell(completed);
    expect(await job.waitUntilFinished(events)).toMatchObject({ phase: 'Successful' });
  });

  it('fails when the run is deleted before its verdict', async () => {
    const { jobs, events, store, waiting } = bench();
    const job = await jobs.add('release', RUN, { attempts: 5 });
    await waiting(job);
    await store.remove({ kind: 'AnalysisRun', namespace: 'default', name: 'release' });
    await job.promote();
    await expect(job.waitUntilFinished(events)).rejects.toThrow('"default/release" was deleted before its verdict');
  });

  it('waits while the store is away', async () => {
    const store = memoryStore();
    let isAway = true;
    const { jobs, waiting } = bench({
      ...store,
      create: async (document) => {
        if (isAway) throw new StoreError('unavailable', 'Redis is out of memory');
        return store.create(document);
      },
    });
    const job = await jobs.add('release', RUN);
    while ((await job.getState()) !== 'delayed') await sleep(5);
    expect((await store.list({ kind: 'AnalysisRun' })).items).toEqual([]);
    isAway = false;
    await job.promote();
    await waiting(job);
    expect((await store.list({ kind: 'AnalysisRun' })).items).toHaveLength(1);
  });
});

describe('a judgement request', () => {
  it('is answered as POST /judge answers it', async () => {
    const { jobs, events } = bench();
    const request = {
      canaryConfig: {
        name: 'shop',
        metrics: [
          { name: 'errors', groups: ['quality'], analysisConfigurations: { canary: { direction: 'increase' } } },
        ],
        classifier: { groupWeights: { quality: 100 } },
      },
      scoreThresholds: { pass: 95, marginal: 75 },
      metricSetPairList: [
        { name: 'errors', id: 'p1', tags: {}, values: { control: [1, 2, 1, 'NaN'], experiment: [5, 6, 5, 5] } },
      ],
    };
    const job = await jobs.add('judge', request);
    const answer = (await job.waitUntilFinished(events)) as unknown;
    expect(answer).toEqual(JSON.parse(JSON.stringify(answerJudgeRequest(request))));
    expect(answer).toMatchObject({ score: { score: 0, classification: 'Fail' } });
  });
});

describe('a job that cannot be answered', () => {
  it.each([
    { data: { to: 'somebody@example.com' }, says: 'data is none of' },
    { data: { template: 'nowhere' }, says: "spec.templates[0]: AnalysisTemplate 'nowhere' not found" },
    { data: { ...RUN, metadata: { name: 'Release 1.1' } }, says: 'metadata.name: Invalid value: "Release 1.1"' },
    { data: { ...RUN, metadata: 7 }, says: 'metadata: Invalid value: "integer"' },
    {
      data: { ...RUN, metadata: { name: 'a', annotations: ['b'] } },
      says: 'metadata.annotations: Invalid value: "array"',
    },
    { data: { ...RUN, metadata: { namespace: 'no name space' } }, says: 'metadata.namespace: Invalid value' },
    { data: { ...RUN, spec: { metrics: 'errors' } }, says: 'spec.metrics: Invalid value: "string"' },
    { data: { ...RUN, spec: {} }, says: 'spec.metrics: Required value' },
    { data: { canaryConfig: {}, scoreThresholds: {} }, says: 'scoreThresholds.pass: must be a number' },
  ])('$data fails for good and says what is wrong', async ({ data, says }) => {
    const { failure, runs, jobs } = bench();
    expect(await failure(data)).toContain(says);
    expect(await runs()).toEqual([]);
    // Not retried, and still there for whoever looks.
    expect(await jobs.getFailed()).toMatchObject([{ attemptsMade: 1 }]);
  });

  it('fails when another run has the name', async () => {
    const { failure, store } = bench();
    await store.create({ ...RUN, metadata: { name: 'release', namespace: 'default', uid: 'another' } });
    expect(await failure(RUN)).toContain('exists and is not of this job: choose another name, or give generateName');
  });

  it('does not hold up the ones behind it', async () => {
    const { failure, jobs, waiting } = bench();
    await failure({ kind: 'Pod' });
    await waiting(await jobs.add('release', RUN));
  });
});

describe('an intake that is stopped while its Redis is away', () => {
  const intakeAt = (port: number, store: Store = memoryStore()): Intake =>
    new Intake(
      { store, queue: { schedule: async () => {} }, clock: systemClock, log: keptLog() },
      {
        ...{ url: `redis://127.0.0.1:${port}`, prefix: 'a', queue: 'analysis' },
        providerSchemas: async () => providerSchemas,
      },
    );

  it('ends when Redis was never there', async () => {
    const intake = intakeAt(await freePort());
    await sleep(500);
    await intake.stop();
  });

  it('ends with a job in its hands that cannot be put aside', async () => {
    const own = await startRedis();
    const [taken, store] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
    const intake = intakeAt(own.port, {
      ...memoryStore(),
      create: () => {
        taken.resolve();
        return store.promise;
      },
    });
    const jobs = new Queue('analysis', { connection: { url: own.url }, prefix: intakePrefix({ ...own, prefix: 'a' }) });
    await jobs.add('release', RUN);
    await taken.promise;
    await jobs.close();
    await own.stop();
    store.reject(new StoreError('unavailable', 'Redis cannot be reached'));
    await sleep(500);
    await intake.stop();
  });
});
