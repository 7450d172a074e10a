import Type, { type Static } from 'typebox';
import { BasicAuth, Headers } from '../auth-schema.ts';
import { RequestTimeout } from '../look-back.ts';

export const LokiQuery = Type.Object(
  {
    address: Type.String({ description: 'Address of Loki, without /loki/api/v1.' }),
    query: Type.String({
      description:
        'LogQL that counts or measures, with its window: sum(rate({app="shop"} |= "error" [5m])). result is a list with one number a series.',
    }),
    tenant: Type.Optional(Type.String({ description: 'Tenant, sent as X-Scope-OrgID.' })),
    headers: Type.Optional(Headers),
    authentication: Type.Optional(
      Type.Object(
        { basicAuth: Type.Optional(BasicAuth) },
        { description: 'How to sign in. For a bearer token use headers.' },
      ),
    ),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'A LogQL metric query to Grafana Loki.',
    examples: [
      {
        address: 'http://loki-gateway.loki',
        query: 'sum(count_over_time({app="{{args.service}}"} |= "error" [5m]))',
        tenant: 'team-a',
      },
    ],
  },
);
export type LokiQuery = Static<typeof LokiQuery>;
