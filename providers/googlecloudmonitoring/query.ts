import Type, { type Static } from 'typebox';
import { Interval, RequestTimeout } from '../look-back.ts';
import { SecretRef } from '../secret-ref.ts';

const TimeSeries = Type.Object(
  {
    filter: Type.String({ description: 'Filter of timeSeries.list: metric.type="…" AND resource.labels.x="…".' }),
    alignmentPeriod: Type.Optional(
      Type.String({ default: '60s', description: 'Width of a point, as a Go duration of whole seconds.' }),
    ),
    perSeriesAligner: Type.Optional(
      Type.String({
        default: 'ALIGN_MEAN',
        description: 'How a period becomes a point: ALIGN_RATE, ALIGN_PERCENTILE_99.',
      }),
    ),
    crossSeriesReducer: Type.Optional(
      Type.String({ description: 'How series become one: REDUCE_SUM. Without it each series counts.' }),
    ),
    groupByFields: Type.Optional(
      Type.Array(Type.String(), { description: 'Labels that the reducer keeps apart: resource.labels.zone.' }),
    ),
  },
  { description: 'timeSeries.list: result is a list with the newest point of each series.' },
);
export type TimeSeries = Static<typeof TimeSeries>;

export const GoogleCloudMonitoringQuery = Type.Object(
  {
    project: Type.Optional(Type.String({ description: 'Project to ask. Default: the key project of the secret.' })),
    query: Type.Optional(
      Type.String({ description: 'PromQL. result is a list with one number a series, or one number for a scalar.' }),
    ),
    timeSeries: Type.Optional(TimeSeries),
    mql: Type.Optional(
      Type.String({
        description: 'MQL with its own window. result is a list with the newest numbers of each series.',
      }),
    ),
    interval: Interval,
    secretRef: Type.Optional(
      Type.Object(SecretRef.properties, {
        description:
          "Secret with the keys serviceAccountKey (the account's JSON file) and project. Without serviceAccountKey the machine's own account is used.",
      }),
    ),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'Google Cloud Monitoring: one of query (PromQL), timeSeries or mql.',
    examples: [
      {
        project: 'my-project',
        query: 'sum(rate(run_googleapis_com:request_count{service_name="{{args.service}}"}[5m]))',
        secretRef: { name: 'google-monitoring' },
      },
    ],
  },
);
export type GoogleCloudMonitoringQuery = Static<typeof GoogleCloudMonitoringQuery>;
