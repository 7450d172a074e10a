import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shiftInterval } from '../../../services/statistics/mann-whitney.ts';
import { RankStatistic } from '../../../services/statistics/rank-statistic.ts';
import { sortSamples } from '../../../services/statistics/sort-samples.ts';
import { summarize } from '../../../services/statistics/summary.ts';

function load(x: readonly number[], y: readonly number[], statistic = new RankStatistic()): RankStatistic {
  const [xs, ys] = [Float64Array.from(x), Float64Array.from(y)];
  const [xRange, yRange] = [summarize(xs), summarize(ys)];
  return statistic.load(sortSamples(xs), sortSamples(ys), xRange, yRange);
}

const interval = (x: readonly number[], y: readonly number[], confidence = 0.98) =>
  shiftInterval(load(x, y), confidence);

/** The statistic by its definition: ranks of the pooled values, ties averaged. */
function zByRanking(x: readonly number[], y: readonly number[], shift: number): number {
  const pooled = [...x.map((value) => value - shift), ...y];
  const sorted = pooled.toSorted((a, b) => a - b);
  const total = pooled.length;
  let rankSum = 0;
  let ties = 0;
  for (const value of new Set(sorted)) {
    const first = sorted.indexOf(value);
    const count = sorted.lastIndexOf(value) - first + 1;
    ties += count ** 3 - count;
    const own = pooled.slice(0, x.length).filter((other) => other === value).length;
    rankSum += own * (first + (count + 1) / 2);
  }
  const [n, m] = [x.length, y.length];
  const excess = rankSum - (n * (n + 1)) / 2 - (n * m) / 2;
  const sigma = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  return (excess - 0.5 * Math.sign(excess)) / sigma;
}

const continuous = fc.array(
  fc.double({ min: -100, max: 100, noNaN: true }).map((value) => value || 0),
  {
    minLength: 2,
    maxLength: 60,
  },
);
const grid = fc.array(
  fc.integer({ min: -20, max: 20 }).map((value) => value / 4),
  { minLength: 2, maxLength: 60 },
);
const sample = fc.oneof(continuous, grid);

describe('the interval', () => {
  it.each([
    // Kayenta's own MannWhitneySuite.
    { x: [10, 20, 30, 40], y: [1, 2, 3, 4], confidence: 0.95, want: { lower: 6, upper: 39, estimate: 22.5 } },
    // Kayenta, executed: the solver stops at the end of the search when the whole of it is below its tolerance.
    {
      x: [1e-5, 2e-5, 3e-5],
      y: [2e-5, 3e-5, 4e-5],
      confidence: 0.98,
      want: { lower: 1e-5 - 4e-5, upper: 3e-5 - 2e-5, estimate: 3e-5 - 2e-5 },
    },
  ])('of $x against $y is $want', ({ x, y, confidence, want }) => {
    const actual = interval(x, y, confidence);
    expect(actual.lower).toBe(want.lower);
    expect(actual.upper).toBe(want.upper);
  });

  it('does not change when both samples move by the same whole number', () => {
    const whole = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(whole, whole, fc.integer({ min: -1000, max: 1000 }), (x, y, by) => {
        fc.pre(new Set([...x, ...y]).size > 2);
        const move = (values: number[]) => values.map((value) => value + by);
        expect(outcome(move(x), move(y))).toEqual(outcome(x, y));
      }),
    );
  });

  it('mirrors when the sides change places, as closely as the solver looks', () => {
    // Spread far above the solver's 10⁻⁴, and without ties, at which z is not monotone.
    const spread = fc.uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: 8, maxLength: 60 });
    fc.assert(
      fc.property(spread, spread, (a, b) => {
        const [x, y] = [a.map((value) => value * Math.PI), b.map((value) => value * Math.E)];
        const [one, other] = [interval(x, y), interval(y, x)];
        expect(Math.abs(one.lower + other.upper)).toBeLessThan(4e-4);
        expect(Math.abs(one.upper + other.lower)).toBeLessThan(4e-4);
      }),
    );
  });

  it('is the same whatever was compared before with the same memory', () => {
    const statistic = new RankStatistic();
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const reused = attempt(() => shiftInterval(load(x, y, statistic), 0.98));
        expect(reused).toEqual(attempt(() => interval(x, y)));
      }),
    );
  });

  it.each([-1.5, 1.1, Number.NaN])('refuses the confidence %s', (confidence) => {
    expect(() => interval([1, 2], [3, 5], confidence)).toThrow(RangeError);
  });
  it('refuses an empty sample', () => {
    expect(() => interval([], [1])).toThrow('cannot rank an empty sample');
  });
  it('says when all observations are tied', () => {
    expect(() => interval([5], [9])).toThrow('cannot compute confidence interval when all observations are tied');
  });
});

describe('the statistic', () => {
  it('is that of the ranking definition at every shift, to the bit', () => {
    fc.assert(
      fc.property(
        sample,
        sample,
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { maxLength: 20 }),
        (x, y, shifts) => {
          fc.pre(new Set([...x, ...y]).size > 2);
          const statistic = load(x, y);
          // Differences themselves are where values tie; their neighbours are where few pairs change.
          const differences = x
            .slice(0, 5)
            .flatMap((value, index) => [value - y[index % y.length]!, value - y[0]! + 1e-9]);
          for (const shift of [...shifts, ...differences, 0]) {
            const want = zByRanking(x, y, shift || 0);
            if (Number.isFinite(want)) expect(statistic.z(shift || 0)).toBe(want);
          }
        },
      ),
    );
  });

  it('changes its sign when the sides change places', () => {
    fc.assert(
      fc.property(grid, grid, fc.integer({ min: -40, max: 40 }), (x, y, quarter) => {
        fc.pre(new Set([...x, ...y]).size > 1);
        const shift = quarter / 4;
        const [one, other] = [attempt(() => load(x, y).z(shift)), attempt(() => load(y, x).z(0 - shift))];
        expect(typeof one === 'number' ? one + (other as number) : other).toEqual(typeof one === 'number' ? 0 : one);
      }),
    );
  });

  it('counts long samples without overflow', () => {
    const length = 70_000;
    const x = Array.from({ length }, (_, index) => index + 0.5);
    const y = Array.from({ length }, (_, index) => index);
    // x is above y in all pairs with an index of x not below that of y: more than 2³¹ of them.
    expect(load(x, y).winsAt(0)).toBe(length * (length + 1));
  });
});

function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return (error as Error).message;
  }
}

const outcome = (x: readonly number[], y: readonly number[]) => attempt(() => interval(x, y));
