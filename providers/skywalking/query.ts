import Type, { type Static } from 'typebox';

export const SkyWalkingQuery = Type.Object(
  {
    address: Type.Optional(Type.String({ description: 'Address of the OAP server, without /graphql.' })),
    query: Type.Optional(
      Type.String({ description: 'A GraphQL document that declares $duration: Duration!. result is its data.' }),
    ),
    interval: Type.Optional(Type.String({ description: 'How far to look back, a Go duration. Needed.' })),
  },
  {
    description: 'A GraphQL query to Apache SkyWalking.',
    examples: [
      {
        address: 'http://skywalking-oap:12800',
        interval: '5m',
        query:
          'query q($duration: Duration!) { apdex: readMetricsValues(condition: { name: "service_apdex", entity: { scope: Service, serviceName: "shop", normal: true } }, duration: $duration) { values { values { value } } } }',
      },
    ],
  },
);
export type SkyWalkingQuery = Static<typeof SkyWalkingQuery>;
