import { describe, expect, it } from 'vitest';
import type { AnalysisRun, AnalysisRunStatus, Measurement } from '../../services/domain/run.ts';
import { CHAOS_PLANS } from './chaos-runs.ts';
import { killAtRandom } from './kill-at-random.ts';
import { Witness } from './witness.ts';

describe('a server that is killed again and again', () => {
  it('keeps every acknowledged run and measurement, and brings every run to its end', {
    timeout: 240_000,
  }, async () => {
    const seed = Date.now() % 1_000_000;
    const said: string[] = [];
    const report = await killAtRandom({ kills: 20, seed, liveRuns: 50, say: (line) => said.push(line) }).catch(
      (cause: unknown) => {
        throw new Error(`npm run chaos -- --kills 20 --seed ${seed}`, { cause });
      },
    );
    expect(report.kills).toBe(20);
    // Else it would have proven little.
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.measurements).toBeGreaterThan(100);
  });
});

describe('the witness of chaos', () => {
  const plan = { ...CHAOS_PLANS['healthy']!, ends: { rate: { successful: 2, failed: 0, inconclusive: 0, error: 0 } } };
  const measurement = (serial: number): Measurement => ({
    phase: 'Successful',
    value: JSON.stringify({ rate: 1, serial }),
    finishedAt: '2026-01-01T00:00:00Z',
  });
  function runOf(
    version: number,
    serials: readonly number[],
    status: AnalysisRunStatus = { phase: 'Running' },
  ): AnalysisRun {
    const measurements = serials.map(measurement);
    const metricResults = [{ name: 'rate', phase: 'Running' as const, successful: serials.length, measurements }];
    const metadata = { name: 'a', namespace: 'chaos', uid: 'uid', resourceVersion: String(version) };
    return {
      apiVersion: 'v1',
      kind: 'AnalysisRun',
      metadata,
      spec: { metrics: [] },
      status: { metricResults, ...status },
    };
  }
  const ended: AnalysisRunStatus = { phase: 'Successful', runSummary: { count: 1, successful: 1 } };

  it('is content with a run that goes on and ends, in whatever order it hears of it', () => {
    const witness = new Witness();
    witness.acknowledge(runOf(2, [1]), plan);
    witness.see(runOf(4, [1, 2], ended));
    witness.see(runOf(3, [1, 2]));
    witness.seeAll([runOf(4, [1, 2], ended)]);
    witness.checkEnds();
    expect(witness).toMatchObject({ acknowledged: 1, completed: 1, live: 0, measurements: 2 });
  });

  it('waits for every acknowledged run, also when runs that nobody was promised have ended', () => {
    const witness = new Witness();
    witness.acknowledge(runOf(2, [1]), plan);
    const unpromised = runOf(3, [7, 8], ended);
    witness.see({ ...unpromised, metadata: { ...unpromised.metadata, name: 'b' } });
    expect(witness).toMatchObject({ acknowledged: 1, completed: 0, live: 1 });
  });

  const first = runOf(5, [1, 2], ended);
  const faults: { name: string; shows: (witness: Witness) => void; says: string }[] = [
    { name: 'is missing', shows: (witness) => witness.seeAll([]), says: 'acknowledged runs are missing: a' },
    { name: 'went back', shows: (witness) => witness.seeAll([runOf(4, [1])]), says: 'went back in time' },
    {
      name: 'is another under the same name',
      shows: (witness) => witness.see({ ...first, metadata: { ...first.metadata, uid: 'other' } }),
      says: 'another run has its name',
    },
    {
      name: 'changed after it completed',
      shows: (witness) => witness.see(runOf(6, [1, 2, 3], ended)),
      says: 'changed after it completed',
    },
    {
      name: 'ended in another phase',
      shows: (witness) => {
        witness.acknowledge(
          { ...runOf(7, [7], { phase: 'Failed' }), metadata: { ...first.metadata, name: 'b' } },
          plan,
        );
        witness.checkEnds();
      },
      says: 'b ended Failed, not Successful',
    },
    {
      name: 'measured another number of times',
      shows: (witness) => {
        witness.acknowledge({ ...runOf(7, [7], ended), metadata: { ...first.metadata, name: 'b' } }, plan);
        witness.checkEnds();
      },
      says: 'b: successful of rate is not 2',
    },
    {
      name: 'has a measurement of another run',
      shows: (witness) => witness.see({ ...runOf(7, [2]), metadata: { ...first.metadata, name: 'b' } }),
      says: 'b, rate, measurement 0 is also a, rate, measurement 1',
    },
  ];
  it.each(faults)('finds out that a completed run $name', ({ shows, says }) => {
    const witness = new Witness();
    witness.acknowledge(first, plan);
    expect(() => shows(witness)).toThrow(says);
  });

  it.each([
    { name: 'changed', next: runOf(6, [1, 9]), says: 'a completed measurement of rate changed' },
    { name: 'is gone', next: runOf(6, [1]), says: 'a completed measurement of rate changed' },
    { name: 'was recorded twice', next: runOf(6, [1, 2, 2]), says: 'measurement 2 is also a, rate, measurement 1' },
    {
      name: 'is not counted',
      next: runOf(6, [1, 2], { metricResults: [{ ...runOf(6, [1, 2]).status!.metricResults![0]!, successful: 1 }] }),
      says: '1 measurements counted, 2 kept',
    },
  ])('finds out that a measurement $name', ({ next, says }) => {
    const witness = new Witness();
    witness.acknowledge(runOf(5, [1, 2]), plan);
    expect(() => witness.see(next)).toThrow(says);
  });
});
