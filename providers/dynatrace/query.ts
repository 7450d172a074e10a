import Type, { type Static } from 'typebox';
import { Interval, RequestTimeout } from '../look-back.ts';
import { SecretRef } from '../secret-ref.ts';

export const DynatraceQuery = Type.Object(
  {
    address: Type.Optional(
      Type.String({
        description:
          "Address of the environment, without /api: https://abc12345.live.dynatrace.com. Default: the secret's key address.",
      }),
    ),
    metricSelector: Type.String({
      description:
        'Metrics and their transformations. result is a list with one number a series (result[0]), each over the whole window.',
    }),
    entitySelector: Type.Optional(Type.String({ description: 'Which monitored entities count.' })),
    mzSelector: Type.Optional(Type.String({ description: 'Which management zones count.' })),
    interval: Interval,
    secretRef: Type.Object(SecretRef.properties, {
      description:
        'Secret with the keys dynatrace_token (an access token with the scope metrics.read) and, best, address.',
    }),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'A query to the metrics API v2 of Dynatrace.',
    examples: [
      {
        address: 'https://abc12345.live.dynatrace.com',
        metricSelector:
          'builtin:service.errors.total.rate:filter(eq("dt.entity.service","{{args.service-id}}")):splitBy():avg',
        interval: '10m',
        secretRef: { name: 'dynatrace' },
      },
    ],
  },
);
export type DynatraceQuery = Static<typeof DynatraceQuery>;
