import Type, { type Static } from 'typebox';
import { Interval, RequestTimeout } from '../look-back.ts';
import { SecretRef } from '../secret-ref.ts';

const AGGREGATIONS = ['Average', 'Total', 'Minimum', 'Maximum', 'Count'] as const;

export const AzureMonitorQuery = Type.Object(
  {
    resourceId: Type.String({
      description: 'The one resource to ask: /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/shop.',
    }),
    metricNames: Type.Array(Type.String(), {
      minItems: 1,
      description:
        'Metrics of the resource. result has one member a metric: the list of its points, oldest first, nil where a point has no data.',
    }),
    metricNamespace: Type.Optional(Type.String({ description: 'Namespace of the metrics: Microsoft.Web/sites.' })),
    aggregation: Type.Array(Type.Enum([...AGGREGATIONS]), {
      minItems: 1,
      description:
        'What to read of a point. With several, the member of a metric has one list each: result.Requests.Total.',
    }),
    timegrain: Type.Optional(
      Type.String({ default: 'PT1M', description: 'Width of a point, as an ISO 8601 duration the metric offers.' }),
    ),
    filter: Type.Optional(Type.String({ description: "Dimensions to select or split by: ApiName eq 'GetBlob'." })),
    interval: Interval,
    secretRef: Type.Optional(
      Type.Object(SecretRef.properties, {
        description:
          "Secret with the keys tenant-id, client-id and client-secret. Without secretRef the machine's managed identity is used.",
      }),
    ),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'Metrics of one resource from Azure Monitor.',
    examples: [
      {
        resourceId: '{{args.resource-id}}',
        metricNames: ['Requests', 'Http5xx'],
        aggregation: ['Total'],
        interval: '10m',
        secretRef: { name: 'azure-monitor' },
      },
    ],
  },
);
export type AzureMonitorQuery = Static<typeof AzureMonitorQuery>;
