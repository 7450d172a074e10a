import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCompleted } from '../../../services/domain/phase.ts';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import type { Metric } from '../../../services/domain/template.ts';
import { advanceRun } from '../../../services/engine/advance-run.ts';
import { terminateRun } from '../../../services/engine/terminate-run.ts';
import { type Bench, engineBench, START, verdict } from './harness.ts';

const phases = ['Successful', 'Failed', 'Inconclusive', 'Error'] as const;
const limit = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });

const metrics = fc
  .array(
    fc.record(
      {
        interval: fc.constantFrom('1s', '7s', '30s'),
        initialDelay: fc.constantFrom('0s', '5s'),
        count: fc.integer({ min: 7, max: 12 }),
        failureLimit: limit,
        inconclusiveLimit: limit,
        consecutiveErrorLimit: limit,
        consecutiveSuccessLimit: limit,
      },
      { requiredKeys: ['interval'] },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map((rest, index) => ({ ...rest, name: `m${index}`, provider: { web: { url: 'u' } } }) as Metric));

const lives = fc.record({
  metrics,
  dryRun: fc.boolean(),
  outcomes: fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(phases[0]) }, fc.constantFrom(...phases)), {
    maxLength: 40,
  }),
  /** What the world does between passes: tickets that come again or early, and a request to stop. */
  disturbances: fc.array(fc.constantFrom('none', 'none', 'replay', 'early', 'terminate'), { maxLength: 40 }),
});

/** Plays a run's life for at most five minutes, looking at it after every pass. */
async function live(
  bench: Bench,
  { metrics, dryRun, outcomes, disturbances }: typeof lives extends fc.Arbitrary<infer Life> ? Life : never,
  look: (before: AnalysisRun, after: AnalysisRun) => void,
): Promise<AnalysisRun> {
  const outcome = outcomes.values();
  bench.measurer.onMeasure = () => verdict(outcome.next().value ?? 'Successful');
  await bench.create({ metrics, ...(dryRun && { dryRun: [{ metricName: 'm0' }] }) });
  const disturbance = disturbances.values();
  for (let pass = 0; pass < 60 && bench.clock.now() < START + 300_000; pass += 1) {
    const before = await bench.run();
    const ticket = bench.tickets.get('default/run');
    const happens = disturbance.next().value ?? 'none';
    if (happens === 'terminate' && pass > 20) await terminateRun(bench.deps, 'default/run');
    if (happens === 'early' && ticket !== undefined) await advanceRun(bench.deps, ticket);
    if (!(await bench.step())) break;
    if (
      happens === 'replay' &&
      ticket !== undefined &&
      (bench.tickets.get('default/run')?.dueAt ?? 0) > bench.clock.now()
    ) {
      const once = await bench.run();
      await advanceRun(bench.deps, ticket);
      expect(await bench.run()).toEqual(once);
    }
    look(before, await bench.run());
  }
  return bench.run();
}

const check = (look: (before: AnalysisRun, after: AnalysisRun, bench: Bench) => void) =>
  fc.assert(
    fc.asyncProperty(lives, async (life) => {
      const bench = engineBench();
      await live(bench, life, (before, after) => look(before, after, bench));
    }),
    { numRuns: 100 },
  );

describe('whatever happens to a run', () => {
  it('its counters add up, and each measurement is recorded once', async () => {
    await check((_, run, bench) => {
      const results = run.status?.metricResults ?? [];
      for (const {
        name,
        count = 0,
        successful = 0,
        failed = 0,
        inconclusive = 0,
        error = 0,
        measurements = [],
      } of results) {
        expect(count).toBe(successful + failed + inconclusive);
        expect(count + error).toBe(bench.measurer.calls.filter(({ call }) => call.metric.name === name).length);
        expect(measurements.length).toBe(Math.min(10, count + error));
      }
      const attempts = bench.measurer.calls.map(({ call }) => `${call.metric.name} ${call.attempt}`);
      expect(new Set(attempts).size).toBe(attempts.length);
    });
  });

  it('a completed metric and a completed run never change again', async () => {
    await check((before, after) => {
      if (isCompleted(before.status?.phase)) expect(after).toEqual(before);
      for (const earlier of before.status?.metricResults ?? []) {
        if (!isCompleted(earlier.phase)) continue;
        const { message: _, ...stays } = earlier;
        expect(after.status?.metricResults?.find(({ name }) => name === earlier.name)).toMatchObject(stays);
      }
    });
  });

  it('its summaries count every metric, and its verdict is none better than its worst metric that counts', async () => {
    await check((_, { spec, status }) => {
      expect((status?.runSummary?.count ?? 0) + (status?.dryRunSummary?.count ?? 0)).toBe(spec.metrics.length);
      if (status?.phase !== 'Successful') return;
      for (const { phase, dryRun } of status.metricResults ?? []) if (!dryRun) expect(phase).toBe('Successful');
    });
  });

  it('a run that is not complete always has a ticket', async () => {
    await check((_, run, bench) => {
      expect(bench.tickets.has('default/run')).toBe(!isCompleted(run.status?.phase));
    });
  });
});
