import { describe, expect, it, vi } from 'vitest';
import { ProviderError } from '../../../providers/contract.ts';
import { advanceRun } from '../../../services/engine/advance-run.ts';
import { PASS_LIMIT_MS } from '../../../services/engine/pass-deadline.ts';
import { StoreError } from '../../../services/engine/ports.ts';
import { terminateRun } from '../../../services/engine/terminate-run.ts';
import { type Bench, engineBench, reading, START, tally, verdict } from './harness.ts';

const second = 1000;
const web = { web: { url: 'http://metrics' } };
const ticket = { runId: 'default/run', dueAt: START };

describe('a pass', () => {
  it('measures what is due, writes one revision and answers with the next due time', async () => {
    const bench = engineBench();
    const created = await bench.create({ metrics: [{ name: 'rate', interval: '1m', provider: web }] });
    const next = await advanceRun(bench.deps, ticket);
    const run = await bench.run();
    expect(run.status).toMatchObject({
      phase: 'Running',
      startedAt: '2026-01-01T00:00:00Z',
      runSummary: { count: 1 },
      dryRunSummary: {},
      metricResults: [{ name: 'rate', phase: 'Running', count: 1, successful: 1, consecutiveSuccess: 1 }],
    });
    expect(run.metadata.generation).toBe((created.metadata.generation as number) + 1);
    expect(next?.dueAt).toBe(START + 60_001);
  });

  it('keeps the fraction of a second between measurements, though stored times have none', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '10s', provider: web }] });
    await bench.clock.advance(700);
    const next = await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status?.metricResults?.[0]?.measurements?.[0]?.finishedAt).toBe('2026-01-01T00:00:00Z');
    expect(next?.dueAt).toBe(START + 700 + 10_000);
  });

  it('counts an initialDelay from the very moment the run started', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', initialDelay: '30s', provider: web }] });
    await bench.clock.advance(700);
    const next = await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status?.startedAt).toBe('2026-01-01T00:00:00Z');
    expect(next?.dueAt).toBe(START + 30_700);
  });

  it.each([
    { name: 'comes twice', wait: 0 },
    { name: 'comes early', wait: 59_000 },
    { name: 'comes at the very millisecond', wait: 60_000 },
  ])('changes nothing when a ticket $name', async ({ wait }) => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', provider: web }] });
    await advanceRun(bench.deps, ticket);
    const before = await bench.run();
    await bench.clock.advance(wait);
    const next = await advanceRun(bench.deps, ticket);
    expect(await bench.run()).toEqual(before);
    expect(next?.dueAt).toBe(START + 60_001);
    expect(bench.measurer.calls).toHaveLength(1);
  });

  it('does not make up for missed intervals', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '10s', provider: web }] });
    await advanceRun(bench.deps, ticket);
    await bench.clock.advance(95_000);
    const next = await advanceRun(bench.deps, ticket);
    expect(tally(await bench.run(), 'rate').count).toBe(2);
    expect(next?.dueAt).toBe(START + 105_001);
  });

  it('asks all sources at once', async () => {
    const bench = engineBench();
    const open: (() => void)[] = [];
    bench.measurer.onMeasure = () => new Promise((resolve) => open.push(() => resolve(reading(1))));
    await bench.create({
      metrics: [
        { name: 'a', provider: web },
        { name: 'b', provider: web },
        { name: 'c', provider: web },
      ],
    });
    const passing = advanceRun(bench.deps, ticket);
    await vi.waitFor(() => expect(open).toHaveLength(3));
    for (const answer of open.reverse()) answer();
    await passing;
    const run = await bench.run();
    expect(run.status?.phase).toBe('Successful');
    // In the order in which the first measurements ended.
    expect(run.status?.metricResults?.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  });

  it.each([
    {
      name: 'a source that fails',
      thrown: new ProviderError('unavailable', 'dial tcp: refused'),
      message: 'dial tcp: refused',
    },
    { name: 'a bug of a provider', thrown: new TypeError('x is undefined'), message: 'x is undefined' },
  ])('makes an Error measurement of $name, and tries again after ten seconds', async ({ thrown, message }) => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => {
      throw thrown;
    };
    await bench.create({ metrics: [{ name: 'rate', interval: '5m', provider: web }] });
    const next = await advanceRun(bench.deps, ticket);
    const result = (await bench.run()).status?.metricResults?.[0];
    expect(result).toMatchObject({ phase: 'Running', error: 1, consecutiveError: 1 });
    expect(result?.measurements).toMatchObject([{ phase: 'Error', message, finishedAt: '2026-01-01T00:00:00Z' }]);
    expect(result?.count).toBeUndefined();
    expect(next?.dueAt).toBe(START + 10_001);
    expect(bench.logged.filter(({ level }) => level === 'error')).toHaveLength(thrown instanceof ProviderError ? 0 : 1);
  });

  it('gives up a source that answers neither its deadline nor the signal', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => new Promise(() => {});
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    const passing = advanceRun(bench.deps, ticket);
    await vi.waitFor(() => expect(bench.measurer.calls).toHaveLength(1));
    await bench.clock.advance(PASS_LIMIT_MS);
    await passing;
    expect(bench.measurer.calls[0]?.call.signal.aborted).toBe(true);
    expect((await bench.run()).status?.metricResults?.[0]?.measurements).toMatchObject([
      { phase: 'Error', message: 'no answer within 5 minutes' },
    ]);
  });

  it('gives up a source for which it has no time left to collect, and survives its refusal', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const bench = engineBench();
    const metric = { name: 'rate', interval: '1m', provider: web };
    await bench.create({ metrics: [metric], measurementRetention: [{ metricName: 'rate', limit: 1 }] });
    const next = await advanceRun(bench.deps, ticket);
    await bench.clock.advanceTo(next!.dueAt + 1);
    bench.measurer.onMeasure = () => new Promise(() => {});
    bench.measurer.collect = async ({ signal }) => signal.throwIfAborted();
    const passing = advanceRun(bench.deps, next!);
    await vi.waitFor(() => expect(bench.measurer.calls).toHaveLength(2));
    await bench.clock.advance(PASS_LIMIT_MS);
    await passing;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect((await bench.run()).status?.metricResults?.[0]?.measurements).toHaveLength(2);
  });

  it('writes nothing when the process shuts down, and measures again under the same attempt number', async () => {
    const shutdown = new AbortController();
    const bench = engineBench({ shutdown: shutdown.signal });
    bench.measurer.onMeasure = () => new Promise(() => {});
    const created = await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    const passing = advanceRun(bench.deps, ticket);
    await vi.waitFor(() => expect(bench.measurer.calls).toHaveLength(1));
    shutdown.abort(new Error('shutting down'));
    await expect(passing).rejects.toThrow('shutting down');
    expect(await bench.run()).toEqual(created);

    const { shutdown: _, ...restarted } = bench.deps;
    bench.measurer.onMeasure = () => reading(1);
    await advanceRun(restarted, ticket);
    expect(bench.measurer.calls.map(({ call }) => call.attempt)).toEqual([1, 1]);
  });

  it('counts attempts up, errors included', async () => {
    const bench = engineBench();
    const answers = [verdict('Successful'), verdict('Error', 'down'), verdict('Failed'), verdict('Successful')];
    bench.measurer.onMeasure = () => answers.shift();
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', count: 3, failureLimit: 1, provider: web }] });
    await bench.runUntil(START + 600_000);
    expect(bench.measurer.calls.map(({ call }) => call.attempt)).toEqual([1, 2, 3, 4]);
    expect(tally(await bench.run(), 'rate')).toEqual({ count: 3, successful: 2, failed: 1, inconclusive: 0, error: 1 });
  });

  it('gives the source what it may know of the run and the metric', async () => {
    const bench = engineBench();
    const { metadata } = await bench.create({
      args: [{ name: 'host', value: 'shop' }],
      metrics: [{ name: '{{args.host}}-rate', interval: '1m', provider: { web: { url: 'http://{{args.host}}/' } } }],
    });
    await advanceRun(bench.deps, ticket);
    expect(bench.measurer.calls[0]?.call).toMatchObject({
      run: { uid: metadata.uid, name: 'run', namespace: 'default' },
      metric: { name: 'shop-rate', interval: '1m' },
      attempt: 1,
      provider: { web: { url: 'http://shop/' } },
      now: START,
    });
  });

  it('keeps the first notes of the provider on the metric', async () => {
    const bench = engineBench();
    bench.measurer.notes = { ResolvedPrometheusQuery: 'up' };
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', provider: web }] });
    await advanceRun(bench.deps, ticket);
    bench.measurer.notes = { ResolvedPrometheusQuery: 'other' };
    await bench.clock.advance(61 * second);
    await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status?.metricResults?.[0]?.metadata).toEqual({ ResolvedPrometheusQuery: 'up' });
  });

  it('keeps the newest ten measurements, after the source collected what it left behind', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', provider: web }] });
    await bench.runUntil(START + 12 * 60_500);
    const result = (await bench.run()).status?.metricResults?.[0];
    expect(result?.count).toBe(13);
    expect(result?.measurements).toHaveLength(10);
    expect(bench.measurer.collected[0]).toEqual({ metric: 'rate', limit: 10, kept: 11 });
  });

  it('keeps measurements that could not be collected for the next pass', async () => {
    const bench = engineBench();
    bench.measurer.collect = async () => {
      throw new ProviderError('unavailable', 'cluster away');
    };
    await bench.create({
      metrics: [{ name: 'rate', interval: '1m', provider: web }],
      measurementRetention: [{ metricName: 'rate', limit: 1 }],
    });
    await bench.runUntil(START + 61_000);
    expect((await bench.run()).status?.metricResults?.[0]?.measurements).toHaveLength(2);
    expect(bench.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'old measurements not collected' }),
    );
  });

  it('leaves a run that is being deleted alone', async () => {
    const bench = engineBench();
    const created = await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    const marked = { ...created, metadata: { ...created.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    await bench.store.replace(marked, created.metadata.resourceVersion as string);
    expect(await advanceRun(bench.deps, ticket)).toBeUndefined();
    expect(bench.measurer.calls).toEqual([]);
  });

  it('is done with a run that is gone', async () => {
    expect(await advanceRun(engineBench().deps, ticket)).toBeUndefined();
  });
});

describe('measurements in flight', () => {
  const job = { job: { spec: {} } };

  it('are looked at again at their time, with their handle, until they complete', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = ({ now }) => ({ deferred: true, resumeAt: now + 5500, metadata: { 'job-name': 'j1' } });
    bench.measurer.onResume = (_, inFlight) =>
      inFlight.metadata?.['job-name'] === 'j1' ? verdict('Successful') : verdict('Error', 'no handle');
    await bench.create({ metrics: [{ name: 'j', provider: job }] });
    const next = await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status).toMatchObject({
      phase: 'Running',
      metricResults: [
        {
          phase: 'Running',
          measurements: [{ phase: 'Running', resumeAt: '2026-01-01T00:00:05Z', metadata: { 'job-name': 'j1' } }],
        },
      ],
    });
    expect(next?.dueAt).toBe(START + 5500);
    await bench.clock.advance(5500);
    await advanceRun(bench.deps, ticket);
    const run = await bench.run();
    expect(run.status?.phase).toBe('Successful');
    expect(run.status?.metricResults?.[0]?.measurements).toEqual([
      {
        phase: 'Successful',
        value: '1',
        startedAt: '2026-01-01T00:00:00Z',
        finishedAt: '2026-01-01T00:00:05Z',
        metadata: { 'job-name': 'j1' },
      },
    ]);
    expect(bench.measurer.calls.map(({ verb, call }) => `${verb} ${call.attempt}`)).toEqual(['measure 1', 'resume 1']);
  });

  it('are ended when the run is stopped', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = ({ now }) => ({ deferred: true, resumeAt: now + 60_000 });
    bench.measurer.onCancel = () => verdict('Inconclusive');
    await bench.create({ metrics: [{ name: 'j', provider: job }] });
    await bench.step();
    await terminateRun(bench.deps, 'default/run');
    await bench.step();
    expect((await bench.run()).status).toMatchObject({
      phase: 'Inconclusive',
      message:
        'Metric "j" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0): "Error Message: Metric Terminated"',
      completedAt: '2026-01-01T00:00:00Z',
    });
  });

  /** Another worker has the same ticket, and begins the same. */
  const another = async (bench: Bench) => {
    bench.measurer.onMeasure = () => ({ deferred: true, metadata: { 'job-name': 'j1' } });
    await advanceRun(bench.deps, ticket);
  };
  const meanwhile = {
    'the run was removed': ({ store }: Bench) =>
      store.remove({ kind: 'AnalysisRun', namespace: 'default', name: 'run' }),
    'the run was stopped, and ended by another pass': async ({ deps }: Bench) => {
      await terminateRun(deps, 'default/run');
      await advanceRun(deps, ticket);
    },
    'the run was stopped, and what another pass had begun was ended with it': async (bench: Bench) => {
      await another(bench);
      await terminateRun(bench.deps, 'default/run');
      bench.measurer.onCancel = () => verdict('Inconclusive');
      await advanceRun(bench.deps, ticket);
    },
  };
  it.each(Object.entries(meanwhile))('are ended when they began too late: %s', async (_, happens) => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'j', provider: job }] });
    const ended: unknown[] = [];
    bench.measurer.onMeasure = async () => {
      await happens(bench);
      bench.measurer.onCancel = (_call, inFlight) => void ended.push(inFlight.metadata);
      return { deferred: true, metadata: { 'job-name': 'j1' } };
    };
    await advanceRun(bench.deps, ticket);
    expect(ended).toEqual([{ 'job-name': 'j1' }]);
  });

  it('that cannot be ended then are told in the log', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'j', provider: job }] });
    bench.measurer.onMeasure = async () => {
      await meanwhile['the run was removed'](bench);
      return { deferred: true };
    };
    bench.measurer.onCancel = () => Promise.reject(new ProviderError('unavailable', 'the cluster is away'));
    await advanceRun(bench.deps, ticket);
    expect(bench.logged).toContainEqual({
      level: 'warn',
      message: 'a measurement was left in flight',
      fields: { run: 'default/run', metric: 'j', error: 'the cluster is away' },
    });
  });

  it.each([
    { name: 'is looked at next', completes: false },
    { name: 'was completed', completes: true },
  ])('are left to the pass that recorded them, where the run $name', async ({ completes }) => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'j', provider: job }] });
    bench.measurer.onMeasure = async () => {
      await another(bench);
      bench.measurer.onResume = () => verdict('Successful');
      if (completes) await advanceRun(bench.deps, ticket);
      return { deferred: true, metadata: { 'job-name': 'j1' } };
    };
    await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status?.phase).toBe(completes ? 'Successful' : 'Running');
    expect(bench.measurer.calls.map(({ verb }) => verb)).not.toContain('cancel');
  });

  it('without a time of their own are looked at every ten seconds', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => ({ deferred: true });
    await bench.create({ metrics: [{ name: 'j', provider: job }] });
    const next = await advanceRun(bench.deps, ticket);
    expect(next?.dueAt).toBe(START + 10_000);
  });
});

describe('a status that somebody wrote', () => {
  it.each([
    { name: 'a start that is no time', status: { phase: 'Running', startedAt: 'soon' } },
    {
      name: 'a measurement that ended at no time',
      status: {
        phase: 'Running',
        startedAt: '2026-01-01T00:00:00Z',
        metricResults: [
          { name: 'rate', phase: 'Running', measurements: [{ phase: 'Successful', finishedAt: 'x', resumeAt: 'y' }] },
        ],
      },
    },
  ])('holds no run up for ever: $name', async ({ status }) => {
    const bench = engineBench();
    bench.measurer.onResume = () => verdict('Successful');
    const created = await bench.create({ metrics: [{ name: 'rate', initialDelay: '5s', provider: web }] });
    await bench.store.replace({ ...created, status } as never, created.metadata.resourceVersion as string);
    for (let pass = 0; pass < 5 && (await bench.step()); pass += 1);
    expect(bench.tickets.size === 0 || Number.isFinite(bench.tickets.get('default/run')?.dueAt)).toBe(true);
    expect(['Running', 'Successful']).toContain((await bench.run()).status?.phase);
  });
});

describe('a bad metric', () => {
  it('stops the run in the pass that follows at once', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = ({ metric }) => verdict(metric.name === 'bad' ? 'Failed' : 'Successful');
    await bench.create({
      metrics: [
        { name: 'good', interval: '1m', provider: web },
        { name: 'bad', provider: web },
      ],
    });
    const next = await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status?.phase).toBe('Running');
    expect(next?.dueAt).toBe(START);
    expect(await advanceRun(bench.deps, ticket)).toBeUndefined();
    expect((await bench.run()).status).toMatchObject({
      phase: 'Failed',
      message: 'Metric "bad" assessed Failed due to failed (1) > failureLimit (0)',
      runSummary: { count: 2, successful: 1, failed: 1 },
    });
    expect(bench.measurer.calls).toHaveLength(2);
  });
});

describe('secrets', () => {
  const args = [{ name: 'token', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } }];
  const metric = {
    name: 'rate',
    provider: { web: { url: 'http://metrics', headers: [{ key: 'a', value: '{{args.token}}' }] } },
  };

  it('reach the source and are masked in all that is stored', async () => {
    const bench = engineBench();
    bench.secrets.set('api', { token: 's3cret&x' });
    bench.measurer.notes = { query: 'key=s3cret&x' };
    bench.measurer.onMeasure = () => ({
      value: 'got s3cret&x',
      metadata: { url: 'http://m/?t=s3cret%26x' },
      verdict: { phase: 'Failed', message: 'bad s3cret&x' },
    });
    await bench.create({ args, metrics: [metric] });
    await advanceRun(bench.deps, ticket);
    expect(bench.measurer.calls[0]?.call.provider).toEqual({
      web: { url: 'http://metrics', headers: [{ key: 'a', value: 's3cret&x' }] },
    });
    const run = await bench.run();
    expect(run.status?.metricResults).toMatchObject([
      {
        metadata: { query: 'key=*****' },
        measurements: [{ message: 'bad *****', value: 'got *****', metadata: { url: 'http://m/?t=*****' } }],
      },
    ]);
    expect(JSON.stringify([run, await bench.events(), bench.logged])).not.toContain('s3cret');
  });

  it('that a source puts into an error or a bug are masked in the log as well', async () => {
    const bench = engineBench();
    bench.secrets.set('api', { token: 's3cret' });
    bench.measurer.onMeasure = () => {
      throw new Error('cannot parse s3cret');
    };
    await bench.create({ args, metrics: [metric] });
    await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status?.metricResults?.[0]?.measurements?.[0]?.message).toBe('cannot parse *****');
    expect(JSON.stringify(bench.logged)).not.toContain('s3cret');
  });

  it.each([
    { name: 'a missing Secret', data: undefined, text: 'secrets "api" not found' },
    { name: 'a missing key', data: {}, text: "key 'token' does not exist in secret 'api'" },
  ])('end the run in Error at once: $name', async ({ data, text }) => {
    const bench = engineBench();
    if (data !== undefined) bench.secrets.set('api', data);
    await bench.create({ args, metrics: [metric], ttlStrategy: { secondsAfterCompletion: 1 } });
    expect(await advanceRun(bench.deps, ticket)).toBeUndefined();
    expect((await bench.run()).status).toEqual({
      phase: 'Error',
      message: `Unable to resolve metric arguments: ${text}`,
      warnings: ['ttlStrategy has no effect: the run ended before it was assessed and has no completedAt'],
    });
  });

  it('in the name of a metric reach its source, and its name in the run is not the secret', async () => {
    const bench = engineBench();
    bench.secrets.set('api', { token: 's3cret' });
    await bench.create({ args, metrics: [{ ...metric, name: 'of-{{args.token}}' }] });
    await advanceRun(bench.deps, ticket);
    expect(JSON.stringify(bench.measurer.calls[0]?.call.provider)).toContain('s3cret');
    expect((await bench.run()).status?.metricResults?.[0]?.name).toBe('of-temp-for-secret');
  });

  it('that cannot be read end the run in Error, with what is to be done', async () => {
    const bench = engineBench();
    await bench.create({ args, metrics: [metric] });
    const unreadable = {
      read: () => Promise.reject(new Error('cannot read key "token": let this user read the file')),
    };
    await advanceRun({ ...bench.deps, secrets: unreadable }, ticket);
    expect((await bench.run()).status).toEqual({
      phase: 'Error',
      message: 'Unable to resolve metric arguments: cannot read key "token": let this user read the file',
    });
  });

  it('that never come hold the pass no longer than its limit; nothing is written', async () => {
    const bench = engineBench();
    const created = await bench.create({ args, metrics: [metric] });
    const passing = advanceRun({ ...bench.deps, secrets: { read: () => new Promise(() => {}) } }, ticket);
    const failing = expect(passing).rejects.toThrow('no answer within 5 minutes');
    await bench.clock.advance(PASS_LIMIT_MS);
    await failing;
    expect(await bench.run()).toEqual(created);
  });

  it('are read anew at every pass', async () => {
    const bench = engineBench();
    bench.secrets.set('api', { token: 'old' });
    await bench.create({ args, metrics: [{ ...metric, interval: '1m' }] });
    await bench.step();
    bench.secrets.set('api', { token: 'new' });
    await bench.step();
    expect(JSON.stringify(bench.measurer.calls.map(({ call }) => call.provider))).toMatch(/old.*new/);
  });
});

describe('two writers', () => {
  it('another change of the run stays, and the pass is written on top', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', provider: web }] });
    bench.measurer.onMeasure = async () => {
      await terminateRun(bench.deps, 'default/run');
      return reading(1);
    };
    const next = await advanceRun(bench.deps, ticket);
    const run = await bench.run();
    expect(run.spec.terminate).toBe(true);
    expect(tally(run, 'rate').count).toBe(1);
    expect(next?.dueAt).toBe(START);
    await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status).toMatchObject({ phase: 'Successful', message: 'Run Terminated' });
  });

  it('of two passes over one revision only one is recorded', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', provider: web }] });
    const tickets = await Promise.all([advanceRun(bench.deps, ticket), advanceRun(bench.deps, ticket)]);
    expect(tally(await bench.run(), 'rate').count).toBe(1);
    expect(tickets.map((each) => each?.dueAt).sort()).toEqual([START, START + 60_001]);
    expect(new Set(bench.measurer.calls.map(({ call }) => call.attempt))).toEqual(new Set([1]));
  });

  it('a run replaced by another of its name is not written to', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    bench.measurer.onMeasure = async () => {
      await bench.store.remove({ kind: 'AnalysisRun', namespace: 'default', name: 'run' });
      await bench.create({ metrics: [{ name: 'other', provider: web }] });
      return reading(1);
    };
    await advanceRun(bench.deps, ticket);
    expect((await bench.run()).status).toBeUndefined();
  });

  it('a store that fails passes its error on, with nothing written', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    const away = { ...bench.store, replace: () => Promise.reject(new StoreError('unavailable', 'disk full')) };
    await expect(advanceRun({ ...bench.deps, store: away }, ticket)).rejects.toThrow('disk full');
    expect((await bench.run()).status).toBeUndefined();
  });
});

describe('a completed run', () => {
  it('never changes, whatever its ticket or its sources say', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    await advanceRun(bench.deps, ticket);
    const completed = await bench.run();
    bench.measurer.onMeasure = () => verdict('Failed');
    await bench.clock.advance(3_600_000);
    await advanceRun(bench.deps, ticket);
    expect(await bench.run()).toEqual(completed);
  });

  it('is deleted promptly when its time to live is over', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }], ttlStrategy: { secondsAfterSuccess: 30 } });
    const expiry = await advanceRun(bench.deps, ticket);
    expect(expiry?.dueAt).toBe(START + 31_000);
    await bench.clock.advance(30_999);
    expect((await advanceRun(bench.deps, ticket))?.dueAt).toBe(START + 31_000);
    await bench.clock.advance(1);
    expect(await advanceRun(bench.deps, ticket)).toBeUndefined();
    await expect(bench.run()).rejects.toThrow('no run');
  });
});

describe('a completed run with finalizers', () => {
  it('is marked when its time to live is over, and goes with its last finalizer', async () => {
    const bench = engineBench();
    const { metadata, ...rest } = await bench.create({
      metrics: [{ name: 'rate', provider: web }],
      ttlStrategy: { secondsAfterCompletion: 0 },
    });
    await bench.store.replace(
      { ...rest, metadata: { ...metadata, finalizers: ['x/y'] } },
      metadata.resourceVersion as string,
    );
    await advanceRun(bench.deps, ticket);
    await bench.clock.advance(1000);
    expect(await advanceRun(bench.deps, ticket)).toBeUndefined();
    expect((await bench.run()).metadata).toMatchObject({
      finalizers: ['x/y'],
      deletionTimestamp: '2026-01-01T00:00:01Z',
    });
  });
});

describe('events', () => {
  it("have Argo's reasons and texts, and the verdict its reason", async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => verdict('Failed', 'too slow');
    const { metadata } = await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    await advanceRun(bench.deps, ticket);
    const events = await bench.events();
    expect(events.map(({ type, reason, message, count }) => ({ type, reason, message, count }))).toEqual(
      expect.arrayContaining([
        { type: 'Warning', reason: 'MetricFailed', message: "Metric 'rate' Completed. Result: Failed", count: 1 },
        { type: 'Warning', reason: 'AnalysisRunFailed', message: 'Analysis Completed. Result: Failed', count: 1 },
      ]),
    );
    const verdictEvent = events.find(({ reason }) => reason === 'AnalysisRunFailed');
    expect(verdictEvent).toMatchObject({
      apiVersion: 'v1',
      metadata: { namespace: 'default' },
      involvedObject: {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AnalysisRun',
        name: 'run',
        namespace: 'default',
        uid: metadata.uid,
      },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(verdictEvent?.metadata.annotations?.['assay/reason']).toBe(
      'Metric "rate" Failed: value 1; too slow; failed (1) > failureLimit (0); 1 sample since 2026-01-01T00:00:00Z',
    );
  });
});
