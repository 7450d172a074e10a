import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonLanguage, meanRatio } from '../../../services/statistics/effect-size.ts';
import { mean } from '../../../services/statistics/mean.ts';
import { normalQuantile, normalTails } from '../../../services/statistics/normal.ts';
import { normalScores } from '../../../services/statistics/normal-scores.ts';
import { tukeyFences, wideFences } from '../../../services/statistics/outlier-fences.ts';
import { percentile } from '../../../services/statistics/percentile.ts';
import { roundHalfUp } from '../../../services/statistics/round-half-up.ts';
import { sortSamples } from '../../../services/statistics/sort-samples.ts';
import { summarize } from '../../../services/statistics/summary.ts';

const samples = (...values: number[]) => Float64Array.from(values);

describe('mean and summary', () => {
  it.each([
    { name: 'one value', values: [4], want: { count: 1, min: 4, max: 4, mean: 4, std: 0 } },
    { name: 'no values', values: [], want: { count: 0, min: 0, max: 0, mean: 0, std: 0 } },
    // R: sd(c(1, 1, 1, 10, 10, 10))
    {
      name: 'six values',
      values: [1, 1, 1, 10, 10, 10],
      want: { count: 6, min: 1, max: 10, mean: 5.5, std: 4.929503017546495 },
    },
    {
      name: 'an infinite value',
      values: [1, Number.POSITIVE_INFINITY],
      want: { count: 2, min: 1, max: Number.POSITIVE_INFINITY, mean: Number.NaN, std: Number.NaN },
    },
  ])('summarizes $name', ({ values, want }) => {
    expect(summarize(samples(...values))).toEqual(want);
  });

  it('keeps what a single pass would lose', () => {
    // 0.1 summed ten times is 0.9999999999999999.
    expect(mean(new Float64Array(10).fill(0.1))).toBe(0.1);
  });
});

describe('percentile', () => {
  // R: quantile(x, p, type = 7); the last row is NIST's example.
  it.each([
    { values: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5], p: 5, want: 0.175 },
    { values: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5], p: 50, want: 1.75 },
    { values: [7], p: 99, want: 7 },
    { values: [1, 2], p: 0, want: 1 },
    { values: [1, 2], p: 100, want: 2 },
    {
      values: [
        95.061, 95.0925, 95.1195, 95.1442, 95.1567, 95.1591, 95.1682, 95.1772, 95.1772, 95.1937, 95.1959, 95.199,
      ],
      p: 90,
      want: 95.19568,
    },
  ])('is $want for $p % of $values', ({ values, p, want }) => {
    expect(percentile(samples(...values), p)).toBeCloseTo(want, 12);
  });
  it('is NaN without samples', () => {
    expect(percentile(samples(), 50)).toBeNaN();
  });
});

describe('fences', () => {
  const sorted = samples(21, 21, 23, 23, 24, 25, 29, 50);
  it('are Tukey’s, or wide enough for the middle 98 %', () => {
    expect(tukeyFences(sorted, 1.5)).toEqual({ low: 17.25, high: 31.25 });
    expect(wideFences(sorted, 1.5)).toEqual({ low: 17.25, high: percentile(sorted, 99) });
  });
  it.each([0, -1, Number.NaN])('refuse the factor %s', (factor) => {
    expect(() => tukeyFences(sorted, factor)).toThrow('requirement failed: factor must be greater than zero');
  });
});

describe('effect sizes', () => {
  it.each([
    { x: 6, y: 5, want: 1.2 },
    { x: 0, y: 5, want: Number.NaN },
    { x: 5, y: 0, want: Number.NaN },
    { x: -3, y: -8, want: 0.375 },
  ])('mean ratio of $x over $y is $want', ({ x, y, want }) => {
    expect(meanRatio(x, y)).toBe(want);
  });
  it('common-language effect counts ties half', () => {
    // 3 of 4 pairs won, one tied.
    expect(commonLanguage(2 * 3 + 1, 2, 2)).toBe(0.875);
  });
});

describe('the normal distribution', () => {
  // commons-math 3.6.1, as Kayenta uses it.
  it.each([
    [0.5, 0.6744897501960816],
    [0.8, 1.2815515655446008],
    [0.95, 1.959963984540054],
    [0.98, 2.326347874040841],
    [0.999999, 4.8916384756929325],
  ])('has the quantile of confidence %d at %d, to the bit', (confidence, want) => {
    expect(-normalQuantile((1 - confidence) / 2)).toBe(want);
  });
  it.each([
    [0, Number.NEGATIVE_INFINITY],
    [1, Number.POSITIVE_INFINITY],
    [1.5, Number.NaN],
    [-0.1, Number.NaN],
  ])('has the quantile %d at %d', (p, want) => {
    expect(normalQuantile(p)).toBe(want);
  });
  // R: 2 * pnorm(-z)
  it.each([
    [0, 1],
    [1, 0.317310507862914],
    [1.96, 0.0499957902964409],
    [5, 5.73303143758387e-7],
    [8, 1.24419211485436e-15],
    [40, 0],
  ])('has the tails of %d at %d', (z, want) => {
    expect(normalTails(z)).toBeCloseTo(want, 13);
    expect(normalTails(-z)).toBe(normalTails(z));
    if (want > 0) expect(normalTails(z) / want).toBeCloseTo(1, 6);
  });
  it('has scores that are symmetric around the mean', () => {
    const scores = normalScores(5, 10, 2);
    expect(scores[2]).toBe(10);
    expect(scores[0]! + scores[4]!).toBeCloseTo(20, 12);
    expect([...scores]).toEqual([...scores].sort((a, b) => a - b));
  });
});

describe('rounding', () => {
  it.each([
    [1.005, 1.01],
    [33.333333333333336, 33.33],
    [66.66666666666667, 66.67],
    [99.995, 100],
    [0.004, 0],
    [0.005, 0.01],
    [0.05, 0.05],
    [-1.005, -1.01],
    [-0.001, -0],
    [1e21, 1e21],
    [123456789.125, 123456789.13],
    [5e-324, 0],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('makes %d into %d', (value, want) => {
    expect(roundHalfUp(value)).toBe(want);
  });
});

describe('sorting', () => {
  // Long enough for the radix; close values differ in their lower bits only, which it does not look at.
  const value = fc.oneof(
    fc.double(),
    fc.double({ min: 50, max: 60 }),
    fc.constantFrom(0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.integer({ min: 0, max: 1000 }).map((step) => 1e9 + step * 1e-6),
  );
  it('orders like a comparison sort, −0 before 0 and NaN last', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 150, maxLength: 600, size: 'max' }), (values) => {
        expect(sortSamples(Float64Array.from(values))).toEqual(Float64Array.from(values).sort());
      }),
      { numRuns: 100 },
    );
  });
  it('gives close values in reverse order to the comparison sort', () => {
    const values = Float64Array.from({ length: 5000 }, (_, index) => 1e12 - index * 1e-3);
    expect(sortSamples(values.slice())).toEqual(values.toReversed());
  });
});
