import Type, { type Static } from 'typebox';
import { RequestTimeout } from '../look-back.ts';

export const FlaggerQuery = Type.Object(
  {
    provider: Type.Object(
      {
        type: Type.Enum(['prometheus', 'dynatrace', 'stackdriver', 'splunk'], {
          description: "MetricTemplate's type. The others of Flagger are Assay's own providers: datadog, newRelic, …",
        }),
        address: Type.Optional(Type.String({ description: 'Address of the source; stackdriver has none.' })),
        secretRef: Type.Optional(
          Type.Object(
            { name: Type.String({ description: 'Name of the secret.' }) },
            { description: "Secret in the run's namespace, with Flagger's keys." },
          ),
        ),
        insecureSkipVerify: Type.Optional(
          Type.Boolean({ description: 'prometheus: skip the verification of TLS certificates.' }),
        ),
      },
      { description: 'Where to ask, as in a MetricTemplate.' },
    ),
    query: Type.Optional(
      Type.String({
        description:
          'Query of the MetricTemplate, its functions written as arguments: {{args.namespace}}. result is one number.',
      }),
    ),
    observer: Type.Optional(
      Type.String({
        description: 'In place of query: the mesh or ingress whose built-in query is asked: istio, linkerd, nginx, …',
      }),
    ),
    metric: Type.Optional(
      Type.Enum(['request-success-rate', 'request-duration'], {
        description: 'Built-in metric of the observer: percent, or whole milliseconds.',
      }),
    ),
    model: Type.Optional(
      Type.Object(
        {
          name: Type.Optional(Type.String({ description: 'Name of the Canary.' })),
          namespace: Type.Optional(Type.String({ description: 'Namespace of the Canary.' })),
          target: Type.Optional(Type.String({ description: 'Name of the workload.' })),
          service: Type.Optional(Type.String({ description: 'Name of the Service.' })),
          ingress: Type.Optional(Type.String({ description: 'Name of the Ingress.' })),
          route: Type.Optional(Type.String({ description: 'Name of the route or revision.' })),
          interval: Type.Optional(Type.String({ description: 'Window of the rates. Default: interval.' })),
        },
        { description: "What the observer's query is about." },
      ),
    ),
    interval: Type.Optional(
      Type.String({
        default: '1m',
        description: "The Canary metric's interval. Hosted sources are asked for ten times as much.",
      }),
    ),
    requestTimeout: Type.Optional({
      ...RequestTimeout,
      default: '5s',
    }),
  },
  {
    description:
      "A metric as Flagger measures it: a MetricTemplate's query, or a built-in metric of a mesh or ingress.",
    examples: [
      {
        provider: { type: 'prometheus', address: 'http://prometheus.istio-system:9090' },
        observer: 'istio',
        metric: 'request-success-rate',
        model: { namespace: '{{args.namespace}}', target: '{{args.workload}}' },
      },
    ],
  },
);
export type FlaggerQuery = Static<typeof FlaggerQuery>;
