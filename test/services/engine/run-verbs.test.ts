import { describe, expect, it } from 'vitest';
import { createRun } from '../../../services/engine/create-run.ts';
import { type EventDocument, emitEvents, removeOldEvents } from '../../../services/engine/emit-events.ts';
import { ticketOf } from '../../../services/engine/next-ticket.ts';
import { retryRun } from '../../../services/engine/retry-run.ts';
import { scheduleAllRuns } from '../../../services/engine/schedule-run.ts';
import { terminateRun } from '../../../services/engine/terminate-run.ts';
import { engineBench, START, verdict } from './harness.ts';

const web = { web: { url: 'http://metrics' } };
const minutely = { metrics: [{ name: 'rate', interval: '1m', provider: web }] };

describe('terminating a run', () => {
  it('completes it in a pass at once, with a warning that it was not done', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', interval: '1m', count: 5, provider: web }] });
    await bench.step();
    const stopping = await terminateRun(bench.deps, 'default/run');
    expect(stopping.spec.terminate).toBe(true);
    expect(bench.tickets.get('default/run')?.dueAt).toBe(START);
    await bench.step();
    expect((await bench.run()).status).toMatchObject({
      phase: 'Successful',
      message: 'Run Terminated',
      warnings: expect.arrayContaining([
        'stopped before it was done, and Successful only because no limit was exceeded by then: metric "rate" took 1 of 5 measurements',
      ]),
    });
    expect(bench.tickets.size).toBe(0);
  });

  it('schedules a run that is stopping already once more: the first time the queue may have been away', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: { web: { url: 'http://metrics' } } }] });
    await terminateRun(bench.deps, 'default/run');
    bench.tickets.clear();
    await terminateRun(bench.deps, 'default/run');
    expect(bench.tickets.size).toBe(1);
  });

  it('leaves a completed run as it is', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    await bench.step();
    const completed = await bench.run();
    expect(await terminateRun(bench.deps, 'default/run')).toEqual(completed);
    expect(await bench.run()).toEqual(completed);
  });

  it('of a run that does not exist is refused', async () => {
    await expect(terminateRun(engineBench().deps, 'default/none')).rejects.toMatchObject({ fault: 'not-found' });
  });
});

describe('retrying a run', () => {
  it('makes a new run under the next free number; the old verdict stays', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => verdict('Failed');
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    await bench.step();
    const failed = await bench.run();
    const first = await retryRun(bench.deps, 'default/run');
    const second = await retryRun(bench.deps, 'default/run');
    const third = await retryRun(bench.deps, 'default/run.1');
    expect([first, second, third].map(({ metadata }) => metadata.name)).toEqual(['run.1', 'run.2', 'run.3']);
    expect(first.spec).toEqual(failed.spec);
    expect(first.status).toBeUndefined();
    expect(await bench.run()).toEqual(failed);
    expect(bench.tickets.has('default/run.1')).toBe(true);
  });

  it('does not take over the request to stop', async () => {
    const bench = engineBench();
    await bench.create(minutely);
    await terminateRun(bench.deps, 'default/run');
    expect((await retryRun(bench.deps, 'default/run')).spec.terminate).toBeUndefined();
  });

  it('with other values for its arguments is a question of its own, which no rollout stops', async () => {
    const bench = engineBench();
    const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'shop', uid: 'u', controller: true };
    const secret = { name: 'token', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } };
    await createRun(bench.deps, {
      ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun' },
      metadata: { name: 'run', namespace: 'default', ownerReferences: [owner] },
      spec: { ...minutely, args: [{ name: 'host', value: 'shop' }, { name: 'path', value: '/' }, secret] },
    });
    const changes = [
      { name: 'host', value: 'shop-2' },
      { name: 'token', value: 'none' },
    ];
    const changed = await retryRun(bench.deps, 'default/run', changes);
    expect(changed.spec.args).toEqual([changes[0], { name: 'path', value: '/' }, changes[1]]);
    expect(changed.metadata.ownerReferences).toBeUndefined();
    expect((await retryRun(bench.deps, 'default/run')).metadata.ownerReferences).toEqual([owner]);
    await expect(retryRun(bench.deps, 'default/run', [{ name: 'hots', value: 'x' }])).rejects.toMatchObject({
      fault: 'invalid',
      causes: [{ field: 'args[0].name', message: 'the run has no argument "hots"; it has host, path, token' }],
    });
  });
});

describe('tickets made from the store alone', () => {
  it.each([
    { name: 'a run that was never looked at is due now', steps: 0, after: 5000, dueAt: START + 5000 },
    { name: 'a run between measurements is due at the next', steps: 1, after: 5000, dueAt: START + 60_001 },
    { name: 'an overdue run is due now', steps: 1, after: 90_000, dueAt: START + 90_000 },
  ])('$name', async ({ steps, after, dueAt }) => {
    const bench = engineBench();
    await bench.create(minutely);
    for (let step = 0; step < steps; step += 1) await bench.step();
    expect(ticketOf(await bench.run(), START + after)).toEqual({ runId: 'default/run', dueAt });
  });

  it('a run whose spec cannot be run is due now', async () => {
    const bench = engineBench();
    const run = await bench.create({ metrics: [{ name: 'rate', interval: '5 mins', provider: web }] });
    expect(ticketOf(run, START)?.dueAt).toBe(START);
  });

  it('completed runs come only if they have a life that ends', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] }, 'kept');
    await bench.create(
      { metrics: [{ name: 'rate', provider: web }], ttlStrategy: { secondsAfterCompletion: 9 } },
      'short',
    );
    await bench.create(minutely, 'live');
    for (const name of ['kept', 'short', 'live']) await bench.step(name);
    bench.tickets.clear();
    expect(await scheduleAllRuns(bench.deps)).toBe(2);
    expect([...bench.tickets.values()]).toEqual([
      { runId: 'default/live', dueAt: START + 60_001 },
      { runId: 'default/short', dueAt: START + 10_000 },
    ]);
  });

  it('are left to the next process when this one shuts down', async () => {
    const bench = engineBench();
    await bench.create(minutely);
    expect(await scheduleAllRuns(bench.deps, AbortSignal.abort())).toBe(0);
  });
});

describe('events', () => {
  const event = {
    type: 'Normal',
    reason: 'AnalysisRunSuccessful',
    message: 'Analysis Completed. Result: Successful',
  } as const;

  it('that repeat raise their count', async () => {
    const bench = engineBench();
    const run = await bench.create(minutely);
    await emitEvents(bench.deps, run, [event]);
    await bench.clock.advance(60_000);
    await Promise.all([emitEvents(bench.deps, run, [event]), emitEvents(bench.deps, run, [event])]);
    expect(await bench.events()).toMatchObject([
      { count: 3, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:00Z' },
    ]);
  });

  it('that a crash has swallowed are told within the hour, as they would have been, and once', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    await bench.step();
    const told = await bench.events();
    expect(told.map(({ reason }) => reason).toSorted()).toEqual(['AnalysisRunSuccessful', 'MetricSuccessful']);
    for (const { metadata } of told)
      await bench.store.remove({ kind: 'Event', namespace: 'default', name: metadata.name });

    await scheduleAllRuns(bench.deps);
    expect(await bench.events()).toEqual([]);
    await bench.clock.advance(30_000);
    for (let sweep = 0; sweep < 2; sweep += 1) await scheduleAllRuns(bench.deps);
    const withoutIds = (events: readonly EventDocument[]) =>
      events.map(({ metadata: { uid: _, resourceVersion: __, ...metadata }, ...event }) => ({ ...event, metadata }));
    expect(withoutIds(await bench.events())).toEqual(withoutIds(told));

    for (const { metadata } of told)
      await bench.store.remove({ kind: 'Event', namespace: 'default', name: metadata.name });
    await bench.clock.advance(3_600_000);
    await scheduleAllRuns(bench.deps);
    expect(await bench.events()).toEqual([]);
  });

  it('are forgotten an hour after the last time', async () => {
    const bench = engineBench();
    const run = await bench.create(minutely);
    await emitEvents(bench.deps, run, [event]);
    await bench.clock.advance(3_600_000);
    expect(await removeOldEvents(bench.deps)).toBe(0);
    await bench.clock.advance(1000);
    expect(await removeOldEvents(bench.deps)).toBe(1);
    expect(await bench.events()).toEqual([]);
  });
});
