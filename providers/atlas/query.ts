import Type, { type Static } from 'typebox';
import { Interval, RequestTimeout } from '../look-back.ts';

export const AtlasQuery = Type.Object(
  {
    address: Type.String({ description: 'Address of the Atlas backend, without /api.' }),
    query: Type.String({
      description:
        'Stack expression: name,http.errors,:eq,:sum. result is a list with the newest number of each series.',
    }),
    interval: Interval,
    step: Type.Optional(Type.String({ default: '1m', description: 'Width of a point, as a Go duration.' })),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'A stack expression to Netflix Atlas.',
    examples: [
      {
        address: 'http://atlas:7101',
        query: 'name,http.req,:eq,nf.cluster,{{args.cluster}},:eq,:and,status,5xx,:eq,:and,:sum',
      },
    ],
  },
);
export type AtlasQuery = Static<typeof AtlasQuery>;
