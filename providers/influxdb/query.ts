import Type, { type Static } from 'typebox';

export const InfluxdbQuery = Type.Object(
  {
    profile: Type.Optional(
      Type.String({ description: 'Secret with address, authToken and org; influxdb when absent.' }),
    ),
    query: Type.Optional(
      Type.String({
        description: 'A Flux query; with database an InfluxQL query. result is the list of the values of all rows.',
      }),
    ),
    database: Type.Optional(
      Type.String({
        description:
          "InfluxDB 1.x: the database to ask, in InfluxQL. Assay's addition; the secret then needs address, and username and password or authToken where the server asks for them.",
      }),
    ),
    retentionPolicy: Type.Optional(
      Type.String({ description: "InfluxDB 1.x: a retention policy other than the database's default." }),
    ),
  },
  {
    description: 'A query to InfluxDB: Flux for 2.x, InfluxQL for 1.x.',
    examples: [
      {
        profile: 'influxdb',
        query:
          'from(bucket: "shop") |> range(start: -5m) |> filter(fn: (r) => r._measurement == "errors") |> mean() |> keep(columns: ["_value"])',
      },
      { query: 'SELECT mean("value") FROM "errors" WHERE time > now() - 5m', database: 'shop' },
    ],
  },
);
export type InfluxdbQuery = Static<typeof InfluxdbQuery>;
