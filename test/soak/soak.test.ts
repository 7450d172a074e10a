import { describe, expect, it } from 'vitest';
import { holdLoad } from './hold.ts';
import { levels } from './memory.ts';

/** In half a minute the engine's own caches and compiled code still grow; what would grow with every pass or run comes to far more. */
const MOST_GROWTH = 0.6;

describe('half a minute of runs that are measured, complete, are removed and replaced', () => {
  it('leaves the memory of every process and of Redis level', { timeout: 240_000 }, async () => {
    const shape = { runs: 100, intervalSeconds: 2, measurements: 5 };
    const report = await holdLoad({ ...shape, minutes: 0.5, mostGrowth: MOST_GROWTH, say: () => undefined });
    expect(report.levels.map(({ of }) => of)).toEqual([
      ...['api, resident', 'worker 1, resident', 'worker 2, resident', 'api, heap', 'worker 1, heap', 'worker 2, heap'],
      ...['the rest of Redis', 'Events in Redis', 'the history in Redis'],
    ]);
    expect(report.levels.filter(({ isLevel }) => isLevel === false)).toEqual([]);
    // Else nothing was held.
    expect(report.measurementsPerSecond).toBeGreaterThan(1);
    expect(report.storedRuns).toBeGreaterThan(50);
  });
});

describe('the first third of the samples beside the last', () => {
  const samples = [100, 100, 130, 90, 120, 110].map((bytes) => ({ worker: bytes }));

  it.each([
    { mostGrowth: 0.2, isLevel: true },
    { mostGrowth: 0.1, isLevel: false },
  ])('is level when it grew by 15 % and may by $mostGrowth: $isLevel', ({ mostGrowth, isLevel }) => {
    expect(levels(samples, mostGrowth)).toEqual([{ of: 'worker', first: 100, last: 115, isLevel }]);
  });

  it('takes what some samples do not have from the others', () => {
    const heaps = [{ heap: 100 }, {}, {}, { heap: 300 }, {}, { heap: 104 }] as const;
    expect(levels(heaps, 0.1)).toEqual([{ of: 'heap', first: 100, last: 104, isLevel: true }]);
  });

  it('says nothing of too few samples', () => {
    expect(() => levels([{ worker: 1 }], 0.1)).toThrow('1 samples are too few');
  });
});
