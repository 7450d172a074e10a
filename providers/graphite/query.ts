import Type, { type Static } from 'typebox';

export const GraphiteQuery = Type.Object(
  {
    address: Type.Optional(Type.String({ description: 'Address of Graphite, without /render.' })),
    query: Type.Optional(
      Type.String({
        description:
          "A raw query string: target=…&from=-5min. White space is removed. result is the list of the first series' values, oldest first.",
      }),
    ),
  },
  {
    description: 'A render query to Graphite.',
    examples: [
      { address: 'http://graphite:8080', query: 'target=summarize(stats.shop.errors,"1min")&from=-5min&until=now' },
    ],
  },
);
export type GraphiteQuery = Static<typeof GraphiteQuery>;
