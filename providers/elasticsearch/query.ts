import Type, { type Static } from 'typebox';
import { RequestTimeout } from '../look-back.ts';
import { SecretRef } from '../secret-ref.ts';

export const ElasticsearchQuery = Type.Object(
  {
    address: Type.Optional(
      Type.String({ description: "Address of Elasticsearch or OpenSearch. Default: the secret's key address." }),
    ),
    index: Type.Optional(Type.String({ description: 'Indices, aliases or data streams: logs-*. Default: all.' })),
    query: Type.String({ description: 'Body of _search as JSON: query, aggs, size.' }),
    jsonPath: Type.Optional(
      Type.String({
        description:
          'What to pick from the answer, in the JSONPath dialect of kubectl. A path that may find several (*, .., filters) yields a list. Default {$}, the whole answer.',
      }),
    ),
    interval: Type.Optional(
      Type.String({
        description:
          'How far back timeField may be, as a Go duration, on top of what query says. Without it query stands alone.',
      }),
    ),
    timeField: Type.Optional(
      Type.String({ default: '@timestamp', description: 'The field of time that interval and ranges go by.' }),
    ),
    secretRef: Type.Optional(
      Type.Object(SecretRef.properties, {
        description: 'Secret with the key api-key (base64 of id:key), or username and password, and, best, address.',
      }),
    ),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'A search in Elasticsearch or OpenSearch.',
    examples: [
      {
        address: 'https://elastic.example.com:9200',
        index: 'logs-*',
        query:
          '{"size":0,"query":{"term":{"service":"{{args.service}}"}},"aggs":{"errors":{"filter":{"range":{"status":{"gte":500}}}}}}',
        jsonPath: '{$.aggregations.errors.doc_count}',
        interval: '5m',
        secretRef: { name: 'elasticsearch' },
      },
    ],
  },
);
export type ElasticsearchQuery = Static<typeof ElasticsearchQuery>;
