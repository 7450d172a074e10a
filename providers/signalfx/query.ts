import Type, { type Static } from 'typebox';
import { Interval, RequestTimeout } from '../look-back.ts';
import { SecretRef } from '../secret-ref.ts';

export const SignalFxQuery = Type.Object(
  {
    realm: Type.Optional(Type.String({ description: 'Realm of the organisation: us1, eu0. Instead of address.' })),
    address: Type.Optional(
      Type.String({
        description: "Address of the stream API, where it is not the realm's: https://stream.us1.signalfx.com.",
      }),
    ),
    program: Type.String({
      description: 'SignalFlow ending in .publish(). result is a list with the newest number of each published series.',
    }),
    interval: Interval,
    secretRef: Type.Object(SecretRef.properties, {
      description: 'Secret with the keys sf_token_key (an access token) and, best, address.',
    }),
    requestTimeout: RequestTimeout,
  },
  {
    description: 'A SignalFlow program on Splunk Observability Cloud (SignalFx).',
    examples: [
      {
        realm: 'us1',
        program:
          "errors = data('requests.errors', filter=filter('service', '{{args.service}}')).sum(); all = data('requests', filter=filter('service', '{{args.service}}')).sum(); (errors / all).publish()",
        secretRef: { name: 'signalfx' },
      },
    ],
  },
);
export type SignalFxQuery = Static<typeof SignalFxQuery>;
