import type { CanaryConfig } from '../../services/domain/canary-config.ts';
import type { MetricSetPair } from '../../services/domain/metric-set.ts';
import { judge } from '../../services/judge/judge.ts';
import { shiftInterval } from '../../services/statistics/mann-whitney.ts';
import { RankStatistic } from '../../services/statistics/rank-statistic.ts';
import { sortSamples } from '../../services/statistics/sort-samples.ts';
import { summarize } from '../../services/statistics/summary.ts';
import type { Figure } from './figure.ts';

/** Milliseconds that Kayenta's own code took, warm, best of its runs, on the same kind of machine. */
const KAYENTA_COMPARISON_MS: readonly (readonly [points: number, ms: number])[] = [
  [60, 0.64],
  [1440, 23],
  [10_080, 237],
  [100_000, 18_600],
];
const KAYENTA_JUDGEMENT_MS: readonly (readonly [metrics: number, points: number, ms: number])[] = [
  [50, 1440, 1330],
  [500, 60, 520],
];
/** Time at ten times the points may be at most this many times as long. */
const GROWTH_BOUND = 14;
const WARM_UP_MS = 500;
const MEASURED_MS = 1000;
/** Long enough to time, short enough to run undisturbed. */
const BATCH_POINTS = 12_000;

/** Branch predictors learn repeated data, so every call gets its own. */
export async function benchJudge(): Promise<readonly Figure[]> {
  const comparisons = KAYENTA_COMPARISON_MS.map(([points, kayentaMs]) => {
    const ms = bestMs(
      points,
      () => [samples(points, 50), samples(points, 51)] as const,
      ([x, y]) => compareOnce(x, y),
    );
    return against(`one comparison, ${points} points a side`, ms, kayentaMs);
  });
  const judgements = KAYENTA_JUDGEMENT_MS.map(([metrics, points, kayentaMs]) => {
    const config = configOf(metrics);
    const ms = bestMs(
      metrics * points,
      () => pairsOf(metrics, points),
      (pairs) => judge(undefined, config, { pass: 95, marginal: 75 }, pairs),
    );
    return against(`judgement of ${metrics} metrics, ${points} points a side`, ms, kayentaMs);
  });
  const growth = comparisons[3]!.value / comparisons[2]!.value / (100_000 / 10_080 / 10);
  return [
    ...comparisons,
    ...judgements,
    {
      name: 'one comparison, time at 10n over time at n (n = 10,000)',
      value: growth,
      unit: 'x',
      ratio: `${(GROWTH_BOUND / growth).toFixed(1)}x under ${GROWTH_BOUND} x`,
    },
  ];
}

const against = (name: string, ms: number, kayentaMs: number): Figure => ({
  name,
  value: ms * 1000,
  unit: 'us',
  ratio: `${(kayentaMs / ms).toFixed(0)}x faster than Kayenta's ${kayentaMs} ms`,
});

const statistic = new RankStatistic();

function compareOnce(x: Float64Array, y: Float64Array): number {
  statistic.load(sortSamples(x.slice()), sortSamples(y.slice()), summarize(x), summarize(y));
  return shiftInterval(statistic, 0.98).estimate;
}

/** Time of one call in the fastest batch, as Kayenta's figures are those of its fastest runs. Inputs are made outside the measured time. */
function bestMs<Input>(points: number, makeInput: () => Input, run: (input: Input) => unknown): number {
  const batchSize = Math.max(1, Math.round(BATCH_POINTS / points));
  let best = Number.POSITIVE_INFINITY;
  let spentMs = 0;
  while (spentMs < WARM_UP_MS + MEASURED_MS) {
    const batch = Array.from({ length: batchSize }, makeInput);
    const before = performance.now();
    for (const input of batch) run(input);
    const ms = performance.now() - before;
    spentMs += ms;
    if (spentMs > WARM_UP_MS) best = Math.min(best, ms / batchSize);
  }
  return best;
}

/** Normal around `center` with a tenth of it as spread. */
function samples(count: number, center: number): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return center * (1 + 0.1 * radius * Math.cos(2 * Math.PI * Math.random()));
  });
}

const pairsOf = (metrics: number, points: number): readonly MetricSetPair[] =>
  Array.from({ length: metrics }, (_, index) => ({
    name: `metric-${index}`,
    id: `id-${index}`,
    tags: {},
    values: { control: Array.from(samples(points, 50)), experiment: Array.from(samples(points, 51)) },
  }));

const configOf = (metrics: number): CanaryConfig => ({
  metrics: Array.from({ length: metrics }, (_, index) => ({
    name: `metric-${index}`,
    groups: [`group-${index % 5}`],
    analysisConfigurations: { canary: { direction: 'increase' } },
  })),
  classifier: { groupWeights: { 'group-0': 50 } },
});
