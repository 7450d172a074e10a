import Type, { type Static } from 'typebox';
import { Thresholds } from '../domain/canary-config.ts';

export const DEFAULT_STEP = '1m';

const block = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    description,
  });
const text = (description: string) => Type.Optional(Type.String({ description }));
const settings = Type.Optional(
  block(
    "The judge's settings, as Kayenta's analysisConfigurations.canary: direction, critical, mustHaveData, nanStrategy, outliers, effectSize.",
  ),
);

export const CanaryMetricQuery = Type.Object(
  {
    name: Type.String({ description: 'Name of the metric in the judgement.' }),
    baseline: block('Provider block of the baseline: any provider that can read ranges.'),
    canary: block('Provider block of the canary.'),
    groups: Type.Optional(
      Type.Array(Type.String(), { description: 'Groups it counts in; absent: one group for all.' }),
    ),
    analysis: settings,
  },
  { description: 'One metric to compare.' },
);
export type CanaryMetricQuery = Static<typeof CanaryMetricQuery>;

export const CanaryQuery = Type.Object(
  {
    baseline: Type.Optional(block('Provider block of the baseline: any provider that can read ranges.')),
    canary: Type.Optional(block('Provider block of the canary.')),
    analysis: settings,
    metrics: Type.Optional(
      Type.Array(CanaryMetricQuery, { description: 'Several metrics instead of one baseline and canary.' }),
    ),
    groupWeights: Type.Optional(
      Type.Record(Type.String(), Type.Number(), {
        description: 'Percentages by group; groups without one share the rest.',
      }),
    ),
    canaryConfig: Type.Optional(block("A whole canary config of Kayenta's, read through its metrics sources.")),
    scopes: Type.Optional(
      block(
        "Scopes for canaryConfig, as in Kayenta's execution request. Without start, end or step: those of the window.",
      ),
    ),
    metricsAccountName: text('Account that canaryConfig is read from; absent: the first metrics store.'),
    window: text(
      'What to compare: run (since the run started, the default), interval (the last interval), or a duration.',
    ),
    step: text(`Distance of the samples; ${DEFAULT_STEP} when absent.`),
    baselineOffset: text('The baseline is read this much earlier, such as 24h.'),
    judge: text('Name of the judge; absent: NetflixACAJudge-v1.0.'),
    thresholds: Type.Optional(Thresholds),
  },
  {
    description:
      'Compares canary with baseline statistically. Conditions see the judgement; without any, Pass is Successful, Marginal Inconclusive, Fail Failed.',
    examples: [
      {
        window: '10m',
        analysis: { direction: 'increase' },
        baseline: {
          prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(errors_total{version="v1"}[1m]))' },
        },
        canary: {
          prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(errors_total{version="v2"}[1m]))' },
        },
      },
    ],
  },
);
export type CanaryQuery = Static<typeof CanaryQuery>;
