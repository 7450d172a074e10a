import Type, { type Static } from 'typebox';

/**
 * A canary config as Kayenta stores it. Kayenta checks almost none of it on the way in: the judge's settings stay as written
 * (`analysisConfigurations.canary`) and are read when a metric is judged (judge/settings.ts).
 */

const text = (description: string) => Type.Optional(Type.String({ description }));

/** Whether a metric may rise, fall or do neither without harm. */
export const DIRECTIONS = ['increase', 'decrease', 'either'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const CanaryMetric = Type.Object(
  {
    name: Type.String({ description: 'Name of the metric; metric sets carry the same name.' }),
    query: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'What to ask; `type` names the metrics source.' }),
    ),
    groups: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Groups whose score the metric counts in; required when it is judged.',
      }),
    ),
    analysisConfigurations: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Settings of the judge under `canary`.' }),
    ),
    scopeName: text('Key of the scopes of an execution request.'),
  },
  { description: 'One metric to compare, with its query and settings.' },
);
export type CanaryMetric = Readonly<Static<typeof CanaryMetric>>;

export const Thresholds = Type.Object(
  {
    pass: Type.Number({ description: 'Scores from here on are Pass.' }),
    marginal: Type.Number({ description: 'Scores from here on, below pass, are Marginal.' }),
  },
  { description: 'Where a summary score (0 … 100) becomes Pass or Marginal. Nothing orders the two.' },
);
export type Thresholds = Readonly<Static<typeof Thresholds>>;

export const CanaryConfig = Type.Object(
  {
    id: text('Id in the configuration store.'),
    name: text('Name, unique among the configs of an application.'),
    description: text('What the config is for.'),
    configVersion: text('Version of the format; carried along.'),
    applications: Type.Optional(Type.Array(Type.String(), { description: 'Applications that may use it.' })),
    createdTimestamp: Type.Optional(Type.Number({ description: 'Epoch milliseconds.' })),
    createdTimestampIso: text('The same moment in ISO form.'),
    updatedTimestamp: Type.Optional(Type.Number({ description: 'Epoch milliseconds.' })),
    updatedTimestampIso: text('The same moment in ISO form.'),
    judge: Type.Optional(
      Type.Object(
        {
          name: text('Name of the judge; absent: NetflixACAJudge-v1.0.'),
          judgeConfigurations: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), { description: 'Carried along; no judge of Kayenta reads it.' }),
          ),
        },
        { description: 'Which judge decides.' },
      ),
    ),
    metrics: Type.Array(CanaryMetric, { description: 'What to compare.' }),
    templates: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Filter templates that queries refer to.' }),
    ),
    classifier: Type.Optional(
      Type.Object(
        {
          groupWeights: Type.Optional(
            Type.Record(Type.String(), Type.Number(), {
              description: 'Percentages; groups without one share what is left of 100 equally.',
            }),
          ),
          scoreThresholds: Type.Optional(
            Type.Partial(Thresholds, { description: 'Carried along; the request decides.' }),
          ),
        },
        { description: 'How group scores become the summary score.' },
      ),
    ),
  },
  { description: 'Metrics to compare between baseline and canary, their settings and weights.' },
);
export type CanaryConfig = Readonly<Static<typeof CanaryConfig>>;
