import Type, { type Static } from 'typebox';

export const NewRelicQuery = Type.Object(
  {
    query: Type.String({
      description: 'NRQL with its time window (SINCE 5 minutes ago). result is a map for one row, else a list of maps.',
    }),
    profile: Type.Optional(
      Type.String({ description: 'Secret in the controller namespace with the account. Default newrelic.' }),
    ),
    timeout: Type.Optional(Type.Integer({ format: 'int64', description: 'Seconds that NRQL may take. Default 5.' })),
  },
  {
    description: 'An NRQL query to New Relic, through NerdGraph.',
    examples: [
      {
        profile: 'newrelic',
        query:
          "SELECT percentage(count(*), WHERE httpResponseCode < '500') AS rate FROM Transaction SINCE 5 minutes ago",
      },
    ],
  },
);
export type NewRelicQuery = Static<typeof NewRelicQuery>;
