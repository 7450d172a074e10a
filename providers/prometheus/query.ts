import Type, { type Static } from 'typebox';
import { BasicAuth, Headers, OAuth2, Sigv4 } from '../auth-schema.ts';

export const PrometheusQuery = Type.Object(
  {
    address: Type.Optional(
      Type.String({
        description: 'Address of the HTTP API, without /api/v1. Default: the setting ARGO_ROLLOUTS_PROMETHEUS_ADDRESS.',
      }),
    ),
    query: Type.Optional(
      Type.String({
        description: 'PromQL. result is a list with one number a series (result[0]), or one number for a scalar.',
      }),
    ),
    authentication: Type.Optional(
      Type.Object(
        { basicAuth: Type.Optional(BasicAuth), oauth2: Type.Optional(OAuth2), sigv4: Type.Optional(Sigv4) },
        { description: 'How to sign in. For a bearer token use headers.' },
      ),
    ),
    timeout: Type.Optional(
      Type.Integer({ format: 'int64', description: 'Seconds for the whole query. Default 30; 0 expires at once.' }),
    ),
    insecure: Type.Optional(Type.Boolean({ description: 'Skip the verification of TLS certificates.' })),
    headers: Type.Optional(Headers),
    rangeQuery: Type.Optional(
      Type.Object(
        {
          start: Type.Optional(Type.String({ description: 'Expression for a time: now() - duration("1h").' })),
          end: Type.Optional(Type.String({ description: 'Expression for a time: now().' })),
          step: Type.Optional(Type.String({ description: 'Go duration between points: 1m.' })),
        },
        { description: 'Ask for a range instead of one instant. result is then one flat list, series after series.' },
      ),
    ),
  },
  {
    description: 'A PromQL query to Prometheus or anything with its HTTP API (Thanos, Mimir, VictoriaMetrics).',
    examples: [
      {
        address: 'http://prometheus.example.com:9090',
        query:
          'sum(rate(requests_total{service="{{args.service}}",code!~"5.."}[2m])) / sum(rate(requests_total{service="{{args.service}}"}[2m]))',
      },
    ],
  },
);
export type PrometheusQuery = Static<typeof PrometheusQuery>;
