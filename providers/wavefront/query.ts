import Type, { type Static } from 'typebox';

export const WavefrontQuery = Type.Object(
  {
    address: Type.Optional(
      Type.String({
        description: 'Host of the instance, such as example.wavefront.com, exactly as the key of its token.',
      }),
    ),
    query: Type.Optional(Type.String({ description: 'WQL. result is a number, or a list for several series.' })),
  },
  {
    description: 'A WQL query to Wavefront. Tokens are in the secret wavefront-api-tokens, one key an address.',
    examples: [{ address: 'example.wavefront.com', query: 'sum(rate(ts("shop.errors")))' }],
  },
);
export type WavefrontQuery = Static<typeof WavefrontQuery>;
