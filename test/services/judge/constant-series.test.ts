import { describe, expect, it } from 'vitest';
import { classify } from '../../../services/judge/classify.ts';
import { clean } from '../../../services/judge/clean.ts';
import { compare, NETFLIX_LEVEL } from '../../../services/judge/compare.ts';
import { readSettings } from '../../../services/judge/settings.ts';
import { addNoise, JavaRandom } from '../../vectors/suites/kayenta/java-random.ts';

/** Kayenta adds random noise to constant series; with the stream replayed, its verdict under one seed is known. */

const settings = readSettings({ name: 'm' });
const constant = (value: number, count: number) => new Float64Array(count).fill(value);

function verdict(experiment: Float64Array, control: Float64Array): string {
  const comparison = compare(clean(experiment, settings), clean(control, settings), NETFLIX_LEVEL.confidence);
  return classify('m', comparison, settings, NETFLIX_LEVEL.tolerance).classification;
}

function kayentaVerdict(a: number, n: number, c: number, m: number, seed: number): string {
  const random = new JavaRandom(seed);
  return verdict(addNoise(constant(a, n), 0, 1e-5 * a, random), addNoise(constant(c, m), 0, 1e-5 * c, random));
}

const SEEDS = 25;
const cases = [1e-3, 0.01, 1, 50, 1e6, -3].flatMap((value) =>
  [1e-6, 1e-5, 3e-5, 1e-4, 2e-4, 1, -3e-5, -1e-4].flatMap((difference) =>
    [
      [1, 5],
      [2, 2],
      [8, 8],
      [60, 60],
    ].map(([n, m]) => ({ a: value * (1 + difference), c: value, n: n!, m: m! })),
  ),
);

describe('two constant series', () => {
  it('get the answer of Kayenta wherever its noise does not decide', () => {
    let unanimous = 0;
    for (const { a, c, n, m } of cases) {
      const outcomes = new Set(Array.from({ length: SEEDS }, (_, seed) => kayentaVerdict(a, n, c, m, seed)));
      if (outcomes.size > 1) continue;
      unanimous++;
      const given = `${n} x ${a} against ${m} x ${c}`;
      expect({ given, verdict: verdict(constant(a, n), constant(c, m)) }).toEqual({ given, verdict: [...outcomes][0] });
    }
    expect(unanimous).toBeGreaterThan(cases.length / 2);
  });

  it.each([
    { a: 5, n: 1, c: 9, m: 1 },
    { a: 5, n: 1, c: 0, m: 30 },
    { a: 0, n: 30, c: 5, m: 1 },
  ])('$n x $a against $m x $c cannot be compared, in Kayenta neither', ({ a, n, c, m }) => {
    expect(verdict(constant(a, n), constant(c, m))).toBe('Error');
    expect(kayentaVerdict(a, n, c, m, 1)).toBe('Error');
  });
});
