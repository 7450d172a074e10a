import Type, { type Static } from 'typebox';

/** What a judge answers: Kayenta's CanaryJudgeResult, field for field, and beside it the evidence that Kayenta keeps to itself. */

/**
 * Pass: no harmful shift. High, Low: the canary is shifted up or down. Nodata: a side is empty. NodataFailMetric: a side is empty and
 * must not be. Error: the samples cannot be compared.
 */
export const CLASSIFICATIONS = ['Pass', 'High', 'Low', 'Nodata', 'NodataFailMetric', 'Error'] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

export const VERDICTS = ['Pass', 'Marginal', 'Fail'] as const;
export type CanaryVerdict = (typeof VERDICTS)[number];

const word = <W extends string>(words: readonly W[], description: string) =>
  Type.Unsafe<W>({ type: 'string', enum: [...words], description });
/** A number here; NaN and infinities are texts on the wire (json-double.ts). */
const Double = (description: string) =>
  Type.Unsafe<number>({ anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }], description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const SampleStats = Type.Object(
  {
    count: Count('Samples that were compared.'),
    min: Double('Smallest sample.'),
    max: Double('Largest sample.'),
    mean: Double('Arithmetic mean.'),
    std: Double('Standard deviation of the sample (n − 1).'),
  },
  { description: "A side's samples after cleaning; an empty side has zeros in all five." },
);
export type SampleStats = Readonly<Static<typeof SampleStats>>;

export const SampleEvidence = Type.Object(
  {
    received: Count('Samples as they came.'),
    used: Count('Samples that were compared.'),
    missing: Count('NaN samples, dropped or replaced by 0 as the metric says.'),
    outliers: Count('Samples dropped as outliers.'),
    median: Type.Optional(Double('Median of the samples used; absent when there are none.')),
  },
  { description: 'What became of the samples of one side.' },
);
export type SampleEvidence = Readonly<Static<typeof SampleEvidence>>;

export const Shift = Type.Object(
  {
    estimate: Double('By how much the canary is above the baseline.'),
    lower: Double('Lower bound of the interval.'),
    upper: Double('Upper bound of the interval.'),
    confidence: Type.Number({ description: 'Confidence level of the interval, 0 … 1.' }),
    tolerated: Double('A bound must lie beyond this (or its negative) to count as a shift.'),
  },
  { description: 'Shift between the samples, in the unit of the metric.' },
);
export type Shift = Readonly<Static<typeof Shift>>;

export const EffectSize = Type.Object(
  {
    measure: word(['meanRatio', 'cles'], 'Which of the two below the gates look at.'),
    meanRatio: Double('Mean of the canary over mean of the baseline; NaN when either is 0.'),
    cles: Type.Number({ description: 'Share of pairs in which the canary is higher, ties counting half: 0 … 1.' }),
    allowedIncrease: Double('High needs an effect of at least this.'),
    allowedDecrease: Double('Low needs an effect of at most this.'),
    criticalIncrease: Double('A critical High needs an effect of at least this.'),
    criticalDecrease: Double('A critical Low needs an effect of at most this.'),
  },
  { description: 'Size of the difference, without a unit, and the gates it had to pass.' },
);
export type EffectSize = Readonly<Static<typeof EffectSize>>;

export const Evidence = Type.Object(
  {
    why: Type.String({ description: 'One sentence that explains the classification.' }),
    baseline: SampleEvidence,
    canary: SampleEvidence,
    shift: Type.Optional(Shift),
    pValue: Type.Optional(
      Type.Number({ description: 'Two-sided p-value of the Mann-Whitney test for no shift, by normal approximation.' }),
    ),
    effectSize: Type.Optional(EffectSize),
    warnings: Type.Optional(Type.Array(Type.String(), { description: 'What makes the result less than it seems.' })),
  },
  { description: 'The numbers behind a classification. Parts that the comparison never reached are absent.' },
);
export type Evidence = Readonly<Static<typeof Evidence>>;

const metadata = (description: string) => Type.Object({ stats: SampleStats }, { description });

export const MetricJudgement = Type.Object(
  {
    name: Type.String({ description: 'Name of the metric.' }),
    id: Type.Optional(Type.String({ description: 'Id of the metric set pair.' })),
    tags: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Tags of the metric set pair.' })),
    classification: word(CLASSIFICATIONS, 'What the judge found.'),
    classificationReason: Type.Optional(Type.String({ description: "Kayenta's reason, where it gives one." })),
    groups: Type.Array(Type.String(), { description: 'Groups the metric counts in.' }),
    critical: Type.Boolean({ description: 'Whether this failure fails the canary (not: whether the metric could).' }),
    muted: Type.Boolean({ description: 'Muted results are shown and never counted.' }),
    experimentMetadata: metadata('The canary.'),
    controlMetadata: metadata('The baseline.'),
    resultMetadata: Type.Optional(
      Type.Object(
        { ratio: Double('Mean of the canary over mean of the baseline.') },
        { description: 'Absent when the classification is Error.' },
      ),
    ),
    evidence: Evidence,
  },
  { description: 'The judgement of one metric set pair.' },
);
export type MetricJudgement = Readonly<Static<typeof MetricJudgement>>;

export const GroupScore = Type.Object(
  {
    name: Type.String({ description: 'Name of the group.' }),
    score: Type.Number({ description: 'Share of its metrics that pass, 0 … 100.' }),
    classification: Type.String({ description: 'Always empty, as in Kayenta.' }),
    classificationReason: Type.String({ description: 'Always empty, as in Kayenta.' }),
  },
  { description: 'The score of one group.' },
);
export type GroupScore = Readonly<Static<typeof GroupScore>>;

export const SummaryScore = Type.Object(
  {
    score: Type.Number({ description: 'Weighted sum of the group scores, two decimals.' }),
    classification: word(VERDICTS, 'The score against the thresholds.'),
    classificationReason: Type.String({ description: 'Why the score is 0 whatever the groups say, else empty.' }),
  },
  { description: 'The verdict on the canary.' },
);
export type SummaryScore = Readonly<Static<typeof SummaryScore>>;

export const Judgement = Type.Object(
  {
    judgeName: Type.String({ description: 'The judge that decided.' }),
    results: Type.Array(MetricJudgement, { description: 'One a metric set pair, in their order.' }),
    groupScores: Type.Array(GroupScore, { description: 'One a group.' }),
    score: SummaryScore,
    warnings: Type.Optional(
      Type.Array(Type.String(), { description: 'What the config says and the judge reads otherwise.' }),
    ),
  },
  { description: "Kayenta's judge result with the evidence added." },
);
export type Judgement = Readonly<Static<typeof Judgement>>;
