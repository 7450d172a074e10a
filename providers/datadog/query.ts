import Type, { type Static } from 'typebox';

/** How v2 makes one number of a window. */
export const AGGREGATORS = ['avg', 'min', 'max', 'sum', 'last', 'percentile', 'mean', 'l2norm', 'area'] as const;

export const DatadogQuery = Type.Object(
  {
    apiVersion: Type.Optional(
      Type.Enum(['v1', 'v2'], {
        default: 'v1',
        description: 'v1: the last point of the first series. v2: one number over the window, or one for each group.',
      }),
    ),
    interval: Type.Optional(Type.String({ default: '5m', description: 'How far back the window reaches.' })),
    query: Type.Optional(
      Type.String({ description: 'A metrics query. result is a number; with v2 and `by {…}` a list of numbers.' }),
    ),
    queries: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'v2: metrics queries by the names that formula uses, in place of query.',
      }),
    ),
    formula: Type.Optional(
      Type.String({ description: 'v2: what is computed from queries, such as errors / requests.' }),
    ),
    aggregator: Type.Optional(
      Type.Enum([...AGGREGATORS], { description: 'v2: how a window becomes a number; last when absent.' }),
    ),
    secretRef: Type.Optional(
      Type.Object(
        {
          name: Type.Optional(Type.String({ description: 'Name of the secret.' })),
          namespaced: Type.Optional(
            Type.Boolean({ description: "Whether it is in the run's namespace instead of the controller's." }),
          ),
        },
        { description: 'Secret with the keys api-key, app-key and, for other sites than US1, address.' },
      ),
    ),
    requestTimeout: Type.Optional(Type.String({ default: '10s', description: 'Limit for the whole request.' })),
  },
  {
    description:
      'A metrics query to Datadog. Keys come from secretRef, else DD_API_KEY, DD_APP_KEY and DD_ADDRESS, else the secret datadog.',
    examples: [
      {
        apiVersion: 'v2',
        interval: '5m',
        queries: { errors: 'sum:shop.errors{*}.as_count()', requests: 'sum:shop.requests{*}.as_count()' },
        formula: 'errors / requests',
      },
    ],
  },
);
export type DatadogQuery = Static<typeof DatadogQuery>;
