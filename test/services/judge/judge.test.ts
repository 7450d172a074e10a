import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, judgeNames } from '../../../services/judge/judge.ts';
import { readJudgeRequest } from '../../../services/judge/judge-request.ts';
import { parseVectors } from '../../vectors/suite.ts';
import { around, configOf, judgeOne, pairOf, THRESHOLDS } from './canary.ts';

const NaNs = (count: number) => new Array<number>(count).fill(Number.NaN);
const times = (value: number, count: number) => new Array<number>(count).fill(value);
const INFINITY = Number.POSITIVE_INFINITY;

describe('what samples can hold', () => {
  it.each([
    {
      name: 'higher',
      x: around(80),
      y: around(50),
      want: 'High',
      why: /^The canary is higher by 31.23 .* mean ratio 1.6 is not below the gate 1\.$/,
    },
    {
      name: 'lower',
      x: around(50),
      y: around(80),
      want: 'Low',
      why: /^The canary is lower by 31.22 .* is not above the gate 1\.$/,
    },
    {
      name: 'alike',
      x: around(50),
      y: around(50.5),
      want: 'Pass',
      why: /^No clear shift: the 98 % interval .* reaches into the tolerated ±/,
    },
    { name: 'the same in another order', x: [1, 2, 3], y: [3, 1, 2], want: 'Pass', why: /same 3 values/ },
    {
      name: 'one value, unequally often',
      x: [3, 3],
      y: [3, 3, 3],
      want: 'Pass',
      why: /Every value on both sides is 3/,
    },
    {
      name: 'no canary',
      x: [],
      y: around(50),
      want: 'Nodata',
      why: /No samples of the canary \(received: canary 0, baseline 20/,
    },
    { name: 'no baseline', x: around(50), y: [], want: 'Nodata', why: /No samples of the baseline/ },
    { name: 'nothing', x: [], y: [], want: 'Nodata', why: /canary and the baseline/ },
    { name: 'only NaN', x: NaNs(9), y: around(50), want: 'Nodata', why: /received: canary 9/ },
    { name: 'one point a side', x: [9], y: [5], want: 'Error', why: /ranks say nothing/ },
    { name: 'one point against many', x: [500], y: around(50, 40), want: 'High', why: /./ },
    { name: 'constant and apart', x: times(3, 5), y: times(2, 6), want: 'High', why: /higher by 1/ },
    {
      name: 'zeros below a constant',
      x: times(0, 5),
      y: times(2, 6),
      want: 'Low',
      why: /mean ratio cannot be computed/,
    },
    { name: 'zeros against one point', x: times(0, 5), y: [2], want: 'Error', why: /ranks say nothing/ },
    { name: 'constant and all but equal', x: times(1.00001, 8), y: times(1, 8), want: 'Pass', why: /No clear shift/ },
    { name: 'an infinity', x: [4, 5, 6], y: [1, 2, INFINITY], want: 'Pass', why: /No clear shift/ },
    { name: 'infinity alone', x: times(INFINITY, 4), y: around(50, 4), want: 'Pass', why: /No clear shift/ },
    { name: 'both infinities', x: [INFINITY, 1], y: [-INFINITY, 2], want: 'Pass', why: /./ },
    { name: 'very unequal lengths', x: around(80, 3), y: around(50, 3000), want: 'High', why: /higher/ },
  ])('$name: $want', ({ x, y, want, why }) => {
    const result = judgeOne(x, y);
    expect(result.classification).toBe(want);
    expect(result.evidence.why).toMatch(why);
    expect(result.evidence.canary.received).toBe(x.length);
    expect(result.evidence.baseline.received).toBe(y.length);
  });

  it('never throws, and every Pass has evidence that shows it', () => {
    const value = fc.oneof(
      fc.double(),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(Number.NaN, INFINITY, -INFINITY, -0, 0),
    );
    const samples = fc.array(value, { maxLength: 12 });
    fc.assert(
      fc.property(samples, samples, fc.constantFrom('remove', 'replace'), (x, y, nanStrategy) => {
        const { classification, evidence, critical } = judgeOne(x, y, {
          nanStrategy,
          outliers: { strategy: 'remove' },
        });
        expect(critical).toBe(false);
        expect(evidence.canary.used + evidence.canary.outliers).toBe(
          nanStrategy === 'replace' ? x.length : x.length - evidence.canary.missing,
        );
        if (classification !== 'Pass' || evidence.shift === undefined) return;
        const { lower, upper, tolerated } = evidence.shift;
        const isHeldBack = /gate|only a/.test(evidence.why);
        expect(isHeldBack || !(lower > tolerated || upper < -tolerated)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('says when infinite samples, a fine grain or negative means make a result less than it seems', () => {
    expect(judgeOne([1, 2, INFINITY], [4, 5, 6]).evidence.warnings).toEqual([
      expect.stringContaining('infinite samples'),
    ]);
    expect(judgeOne(around(2e-5), around(3e-5)).evidence.warnings).toEqual([
      expect.stringContaining('scale the metric up'),
    ]);
    expect(judgeOne(around(-3), around(-8)).evidence.warnings).toEqual([expect.stringContaining('negative means')]);
    expect(judgeOne([9], [5]).evidence.warnings).toEqual([expect.stringContaining('neither passes nor fails')]);
    expect(judgeOne(around(80), around(50)).evidence).not.toHaveProperty('warnings');
  });
});

describe('settings', () => {
  const high = [around(80), around(50)] as const;
  it.each([
    {
      name: 'another direction',
      samples: high,
      canary: { direction: 'decrease' },
      want: 'Pass',
      why: /and only a decrease counts/,
    },
    {
      name: 'a gate above the effect',
      samples: high,
      canary: { effectSize: { allowedIncrease: 2 } },
      want: 'Pass',
      why: /mean ratio 1.6 is below the gate 2/,
    },
    {
      name: 'a gate on pairs',
      samples: high,
      canary: { effectSize: { measure: 'cles', allowedIncrease: 0.9 } },
      want: 'High',
      why: /common-language effect size 1 is not below the gate 0.9/,
    },
    {
      name: 'critical',
      samples: high,
      canary: { critical: true },
      want: 'High critical',
      why: /and the metric is critical/,
    },
    {
      name: 'critical from an effect it does not reach',
      samples: high,
      canary: { critical: true, effectSize: { criticalIncrease: 3 } },
      want: 'High',
      why: /higher/,
    },
    {
      name: 'critical without data',
      samples: [[], around(50)],
      canary: { critical: true },
      want: 'Nodata critical',
      why: /critical/,
    },
    {
      name: 'must have data',
      samples: [[], around(50)],
      canary: { mustHaveData: true },
      want: 'NodataFailMetric',
      why: /must have data/,
    },
    {
      name: 'must have data and critical',
      samples: [[], around(50)],
      canary: { mustHaveData: true, critical: true },
      want: 'Nodata critical',
      why: /critical/,
    },
    {
      name: 'replaced NaN',
      samples: [NaNs(20), around(50)],
      canary: { nanStrategy: 'replace' },
      want: 'Low',
      why: /lower by 5/,
    },
    {
      name: 'replace without samples',
      samples: [[], around(50)],
      canary: { nanStrategy: 'replace' },
      want: 'Pass',
      why: /with nanStrategy replace that passes/,
    },
    { name: 'negative means', samples: [around(-3), around(-8)], canary: {}, want: 'Pass', why: /is below the gate 1/ },
  ])('$name: $want', ({ samples: [x, y], canary, want, why }) => {
    const { classification, critical, evidence } = judgeOne(x!, y!, canary);
    expect(critical ? `${classification} critical` : classification).toBe(want);
    expect(evidence.why).toMatch(why);
  });

  it('drop the outliers of each side by its own fences', () => {
    const { evidence } = judgeOne([...around(50), 5000], [...around(50.1), -5000, Number.NaN], {
      outliers: { strategy: 'remove', outlierFactor: 2 },
    });
    // One value in 21 is inside the middle 98 %, as interpolated percentiles see it: nothing is dropped that near the ends.
    expect(evidence.canary).toMatchObject({ received: 21, missing: 0, outliers: 1, used: 20 });
    expect(evidence.baseline).toMatchObject({ received: 22, missing: 1, outliers: 1, used: 20 });
  });
});

describe('symmetry', () => {
  const spread = fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 5, maxLength: 40 });
  const MIRROR = { High: 'Low', Low: 'High', Pass: 'Pass' } as const;

  it('High becomes Low when the sides change places', () => {
    fc.assert(
      fc.property(spread, spread, (a, b) => {
        const [x, y] = [a.map((value) => value * Math.PI), b.map((value) => value * Math.E)];
        const gates = { effectSize: { measure: 'cles', allowedIncrease: 0, allowedDecrease: 1 } };
        const one = judgeOne(x, y, gates);
        const { lower, upper, tolerated } = one.evidence.shift!;
        // The solver's grain decides what is this near the edge.
        fc.pre(Math.abs(Math.abs(lower) - tolerated) > 1 && Math.abs(Math.abs(upper) - tolerated) > 1);
        const other = judgeOne(y, x, gates);
        fc.pre(Math.abs(other.evidence.shift!.tolerated - tolerated) < 1);
        expect(other.classification).toBe(MIRROR[one.classification as keyof typeof MIRROR]);
      }),
    );
  });

  it('the same input gives the same bytes, whatever came between', () => {
    fc.assert(
      fc.property(spread, spread, spread, (x, y, between) => {
        const pairs = [pairOf(x, y), pairOf(y, x)];
        const first = JSON.stringify(judge(undefined, configOf(), THRESHOLDS, pairs));
        judgeOne(between, x);
        expect(JSON.stringify(judge(undefined, configOf(), THRESHOLDS, pairs))).toBe(first);
      }),
    );
  });

  it('arrays and typed arrays are judged alike and left as they were', () => {
    const [x, y] = [around(80), around(50)];
    const typed = [Float64Array.from(x), Float64Array.from(y)] as const;
    expect(judgeOne(...typed)).toEqual(judgeOne(x, y));
    expect([...typed[0]]).toEqual(x);
    expect(x).toEqual(around(80));
  });
});

describe('the registry', () => {
  it('lists judges as Kayenta does', () => {
    expect(judgeNames()).toEqual([
      { name: 'NetflixACAJudge-v1.0', visible: true },
      { name: 'dredd-v1.0', visible: false },
    ]);
  });
  it('takes the Netflix judge for dredd, and says so', () => {
    const pairs = [pairOf(around(80), around(50))];
    const { warnings, ...judgement } = judge('dredd-v1.0', configOf(), THRESHOLDS, pairs);
    expect(judgement).toEqual(judge(undefined, configOf(), THRESHOLDS, pairs));
    expect(warnings).toEqual(['dredd-v1.0 answers at random in Kayenta; NetflixACAJudge-v1.0 judged instead']);
  });
  it.each(['nope-v1', 'constructor', ''])('refuses the judge "%s" in Kayenta’s words', (name) => {
    expect(() => judge(name, configOf(), THRESHOLDS, [])).toThrow(`Unable to resolve canary judge '${name}'.`);
  });
  it('warns when marginal is above pass', () => {
    const { warnings } = judge(undefined, configOf(), { pass: 50, marginal: 75 }, [pairOf([1], [2])]);
    expect(warnings).toEqual(['thresholds: marginal 75 is above pass 50, so no score is Marginal']);
  });
});

describe('what leaves Kayenta without a result', () => {
  it.each([
    {
      name: 'a pair without its metric',
      config: configOf(),
      pairName: 'other',
      want: 'Could not find metric config for other',
    },
    {
      name: 'a metric without groups',
      config: { ...configOf(), metrics: [{ name: 'm' }] },
      pairName: 'm',
      want: 'needs a list of groups',
    },
    { name: 'no classifier', config: { metrics: configOf().metrics }, pairName: 'm', want: 'needs a classifier' },
    {
      name: 'an outlier factor of zero',
      config: configOf({ outliers: { strategy: 'remove', outlierFactor: 0 } }),
      pairName: 'm',
      want: 'requirement failed: factor must be greater than zero',
    },
  ])('$name', ({ config, pairName, want }) => {
    expect(() => judge(undefined, config, THRESHOLDS, [pairOf([1, 2], [2, 3], pairName)])).toThrow(want);
  });
});

it('lists groups in the order of Kayenta’s maps', () => {
  const file = new URL('../../vectors/data/kayenta-judge.jsonl', import.meta.url);
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the vector file's.
  const vectors = (parseVectors(file.pathname, readFileSync(file, 'utf8')) as any[]).filter(
    ({ expected, seedDependent }) => expected && !seedDependent,
  );
  expect(vectors.some(({ expected }) => expected.groupScores.length > 4)).toBe(true);
  for (const { canaryConfig, scoreThresholds, metricSetPairs, expected } of vectors) {
    const request = readJudgeRequest({ canaryConfig, scoreThresholds, metricSetPairList: metricSetPairs });
    const { groupScores } = judge(undefined, request.canaryConfig, request.scoreThresholds, request.metricSetPairList);
    expect(groupScores).toEqual(expected.groupScores);
  }
});
