import Type, { type Static } from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ description }));
const seconds = (description: string) =>
  Type.Optional(Type.Unsafe<number | string>({ 'x-kubernetes-int-or-string': true, description }));

const MetricStat = Type.Object(
  {
    metric: Type.Optional(
      Type.Object(
        {
          namespace: text('Namespace, such as AWS/ApplicationELB.'),
          metricName: text('Name of the metric.'),
          dimensions: Type.Optional(
            Type.Array(
              Type.Object(
                { name: text('Name of the dimension.'), value: text('Its value.') },
                { description: 'One dimension.' },
              ),
              { description: 'Dimensions of the metric: all of them, CloudWatch does not add up over the others.' },
            ),
          ),
        },
        { description: 'The metric.' },
      ),
    ),
    period: seconds('Width of a data point in seconds.'),
    stat: text('Statistic: Average, Sum, Minimum, Maximum, SampleCount, p99, …'),
    unit: text('Unit, such as Count or Seconds; absent: all data whatever its unit.'),
  },
  { description: 'A metric and its statistic.' },
);

const MetricDataQuery = Type.Object(
  {
    id: text('Name of the query; starts with a lower-case letter.'),
    expression: text('Metric math or a search over the other queries.'),
    label: text('Label of the result.'),
    metricStat: Type.Optional(MetricStat),
    period: seconds('Width of a data point of an expression in seconds.'),
    returnData: Type.Optional(
      Type.Boolean({ description: 'false for queries that only expressions use; true when absent.' }),
    ),
  },
  { description: 'One query: an expression or a metricStat.' },
);

export const CloudWatchQuery = Type.Object(
  {
    interval: Type.Optional(Type.String({ description: 'How far back the window reaches; 5m when absent.' })),
    metricDataQueries: Type.Array(MetricDataQuery, {
      description:
        'Up to 500 queries. result is the list of their results: result[0].Values[0] is the newest value of the first.',
    }),
  },
  {
    description: "Metrics of Amazon CloudWatch. Credentials and region are found as AWS's own tools find them.",
    examples: [
      {
        interval: '30m',
        metricDataQueries: [
          { id: 'rate', expression: 'errors / requests' },
          {
            id: 'errors',
            metricStat: {
              metric: { namespace: 'shop', metricName: 'errors' },
              period: 300,
              stat: 'Sum',
              unit: 'Count',
            },
            returnData: false,
          },
          {
            id: 'requests',
            metricStat: {
              metric: { namespace: 'shop', metricName: 'requests' },
              period: 300,
              stat: 'Sum',
              unit: 'Count',
            },
            returnData: false,
          },
        ],
      },
    ],
  },
);
export type CloudWatchQuery = Static<typeof CloudWatchQuery>;
export type MetricDataQuery = Static<typeof MetricDataQuery>;
