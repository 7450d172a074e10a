import { settleMissing, withinFences } from '../../../../services/judge/clean.ts';
import { compareSeries } from '../../../../services/judge/compare-series.ts';
import { lookUp } from '../../../../services/judge/look-up.ts';
import { scoreResults } from '../../../../services/judge/score.ts';
import { type MetricSettings, readNumber } from '../../../../services/judge/settings.ts';
import { commonLanguage, meanRatio } from '../../../../services/statistics/effect-size.ts';
import { shiftInterval } from '../../../../services/statistics/mann-whitney.ts';
import { mean } from '../../../../services/statistics/mean.ts';
import { normalQuantile } from '../../../../services/statistics/normal.ts';
import { tukeyFences, wideFences } from '../../../../services/statistics/outlier-fences.ts';
import { percentile } from '../../../../services/statistics/percentile.ts';
import { sortSamples } from '../../../../services/statistics/sort-samples.ts';
import { summarize } from '../../../../services/statistics/summary.ts';
import type { Outcome, Suite } from '../../suite.ts';
import { addNoise, JavaRandom } from './java-random.ts';
import { rankStatistic } from './mann-whitney.ts';
import { double, doubles } from './numbers.ts';
import { classifyByMeans, cohensD, kSigmaOutliers } from './outside-the-judge.ts';

// biome-ignore lint/suspicious/noExplicitAny: the shape of a case is the vector file's, one a kind.
type Case = any;

/** What each kind of case yields, to be compared with the members that `expected` has. */
const KINDS: Readonly<Record<string, (vector: Case) => unknown>> = {
  standardizedStatistic: ({ x, y, mu, quantile }) => rankStatistic(doubles(x), doubles(y)).z(mu) - quantile,
  normalQuantile: ({ p }) => normalQuantile(p),
  mannWhitney: ({ experiment, control, confLevel }) =>
    shiftInterval(rankStatistic(doubles(experiment), doubles(control)), confLevel),
  intermediate,
  classify,
  score: ({ groupWeights, results }) => {
    const { score, groupScores } = scoreResults(results, groupWeights);
    const scores = groupScores.map((group) => group.score);
    return { summaryScore: score, groupScores: scores, groupScoresSorted: scores.toSorted((a, b) => a - b) };
  },
  detect: outliersOf,
  transform,
  summary: ({ values }) => summarize(doubles(values)),
  percentile: ({ values, p }) => percentile(sortSamples(doubles(values)), p),
  meanRatio: ({ experiment, control }) => meanRatio(mean(doubles(experiment)), mean(doubles(control))),
  cles: ({ experiment, control }) =>
    commonLanguage(rankStatistic(doubles(experiment), doubles(control)).winsAt(0), experiment.length, control.length),
  cohenD: ({ experiment, control }) => cohensD(doubles(experiment), doubles(control)),
  gaussianNoise,
  lookup: ({ data, path }) => {
    const finding = lookUp(data, path);
    return finding.found ? finding.value : null;
  },
  lookupNumber: ({ data, path, default: fallback }) => {
    const finding = lookUp(data, path);
    return finding.found ? readNumber(finding.value) : fallback;
  },
};

export const suite: Suite = function* (content): Generator<Outcome> {
  for (const vector of content as readonly Case[]) {
    const run = KINDS[vector.kind];
    const actual = run === undefined ? `no rule for kind "${vector.kind}"` : run(vector);
    const isRight = isAsAsserted(actual, vector) && isAsExecuted(actual, vector);
    if (isRight) yield { name: vector.id, status: 'passed' };
    else yield { name: vector.id, status: 'failed', expected: { ...vector.oracle, expected: vector.expected }, actual };
  }
};

/** What Kayenta's suite asserts, within its tolerance: one for the case or one a member. */
function isAsAsserted(actual: unknown, { kind, expected, tolerance }: Case): boolean {
  // The tolerance of a classifier is an input.
  const allowance = kind === 'classify' ? 0 : (tolerance ?? expected?.tolerance ?? 0);
  if (!isRecord(expected)) return isClose(actual, expected, allowance);
  return Object.entries(expected)
    .filter(([key]) => key !== 'tolerance')
    .every(([key, value]) =>
      isClose((actual as Case)?.[key], value, isRecord(allowance) ? Number(allowance[key] ?? 0) : allowance),
    );
}

/** What Kayenta's code answered when it was run, to the bit, where the suite asserts less. */
function isAsExecuted(actual: Case, { kind, oracle, oracleFirst8, usesNoise, classifier }: Case): boolean {
  if (kind === 'gaussianNoise') {
    const draws: readonly number[] = oracle ?? oracleFirst8 ?? [];
    return draws.every((value, index) => Object.is(actual.values[index], value));
  }
  if (kind === 'mannWhitney' && oracle !== undefined)
    return isClose([actual.lower, actual.upper, actual.estimate], [...oracle.confidenceInterval, oracle.estimate], 0);
  if (kind === 'classify' && oracle !== undefined && classifier === 'mannWhitney')
    return (
      actual.classification === oracle.classification &&
      actual.critical === oracle.critical &&
      isClose(actual.ratio, oracle.ratio, usesNoise ? 1e-4 * Math.abs(actual.ratio) : 0)
    );
  return true;
}

function intermediate({ x, y, confLevel }: Case): unknown {
  const statistic = rankStatistic(doubles(x), doubles(y));
  const { lo, hi } = statistic;
  const quantile = -normalQuantile((1 - confLevel) / 2);
  const { lower, upper, estimate } = shiftInterval(statistic, confLevel);
  return {
    muMin: lo,
    muMax: hi,
    quantileLower: quantile,
    quantileUpper: -quantile,
    atMuMinLower: statistic.z(lo) - quantile,
    atMuMaxLower: statistic.z(hi) - quantile,
    atMuMinUpper: statistic.z(lo) + quantile,
    atMuMaxUpper: statistic.z(hi) + quantile,
    ciLower: lower,
    ciUpper: upper,
    estimate,
  };
}

function classify(vector: Case): unknown {
  const experiment = doubles(vector.experiment);
  const control = doubles(vector.control);
  if (vector.classifier === 'meanInequality')
    return { classification: classifyByMeans(experiment, control, vector.direction) };
  const [allowedDecrease, allowedIncrease] = vector.effectSizeThresholds ?? [1, 1];
  const [criticalDecrease, criticalIncrease] = vector.criticalThresholds ?? [1, 1];
  const settings: MetricSettings = {
    direction: vector.direction,
    nanStrategy: vector.nanStrategy,
    outlierFactor: undefined,
    critical: vector.critical,
    mustHaveData: vector.mustHaveData,
    muted: false,
    effectSize: {
      measure: vector.effectSizeMeasure === 'cles' ? 'cles' : 'meanRatio',
      allowedIncrease,
      allowedDecrease,
      criticalIncrease,
      criticalDecrease,
    },
  };
  const level = { confidence: vector.confLevel, tolerance: vector.tolerance };
  const result = compareSeries(vector.name, settings, { experiment, control }, level);
  return { ...result, reasonPresent: result.reason !== undefined };
}

function settled(values: Float64Array, strategy: 'remove' | 'replace'): number[] {
  const into = new Float64Array(values.length);
  return [...into.subarray(0, settleMissing(values, strategy, into).count)];
}

const fencesOf = ({ reduceSensitivity, factor }: Case, values: Float64Array) =>
  (reduceSensitivity ? wideFences : tukeyFences)(sortSamples(values.slice()), factor);

function outliersOf(vector: Case): boolean[] {
  const values = doubles(vector.data);
  if (vector.detector === 'ksigma') return kSigmaOutliers(values, vector.k);
  const { low, high } = fencesOf(vector, values);
  return Array.from(values, (value) => value > high || value < low);
}

function transform(vector: Case): unknown {
  const values = doubles(vector.data);
  switch (vector.op) {
    case 'removeNaNs':
      return settled(values, 'remove');
    case 'replaceNaNs':
      return settled(values, 'replace');
    case 'removeOutliers': {
      if (vector.detector === 'iqr') return [...withinFences(values, fencesOf(vector, values))];
      const outliers = outliersOf(vector);
      return [...values].filter((_, index) => !outliers[index]);
    }
    default:
      return `no rule for transform "${vector.op}"`;
  }
}

function gaussianNoise({ seed, data, n, mean: center, stdev }: Case): unknown {
  const base = data === undefined ? new Float64Array(n) : doubles(data);
  const values = addNoise(base, center, stdev, new JavaRandom(seed ?? 0));
  const { std, mean: sampleMean } = summarize(values);
  return { values: [...values], length: values.length, sampleMean, sampleStdev: std, sampleVariance: std * std };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isClose(actual: unknown, expected: unknown, tolerance: number): boolean {
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((value, index) => isClose(actual[index], value, tolerance))
    );
  if (typeof actual === 'number') {
    const wanted = double(expected);
    return Object.is(actual, wanted) || Math.abs(actual - wanted) <= tolerance;
  }
  return actual === expected;
}
