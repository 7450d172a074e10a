import Type, { type Static } from 'typebox';
import { BasicAuth, Headers, OAuth2, Sigv4 } from '../auth-schema.ts';

export const WebQuery = Type.Object(
  {
    url: Type.String({ description: 'Address to ask.' }),
    method: Type.Optional(Type.String({ description: 'HTTP method. Default GET.' })),
    headers: Type.Optional(Headers),
    body: Type.Optional(Type.String({ description: 'Body as text, not with GET. No content type is set for it.' })),
    jsonBody: Type.Optional(
      Type.Unsafe<unknown>({
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        description: 'Body as JSON, not with GET and not with body.',
      }),
    ),
    timeoutSeconds: Type.Optional(
      Type.Integer({
        format: 'int64',
        description: 'Seconds for everything, redirects and body included. Default 10.',
      }),
    ),
    jsonPath: Type.Optional(
      Type.String({
        description:
          'What to pick from a JSON answer, in the JSONPath dialect of kubectl. Default {$}, the whole answer.',
      }),
    ),
    insecure: Type.Optional(
      Type.Boolean({ description: 'Skip the verification of TLS certificates, and go past any proxy.' }),
    ),
    authentication: Type.Optional(
      Type.Object(
        { basicAuth: Type.Optional(BasicAuth), oauth2: Type.Optional(OAuth2), sigv4: Type.Optional(Sigv4) },
        { description: 'How to sign in. Only oauth2 has an effect here; for others use headers.' },
      ),
    ),
  },
  {
    description: 'Any HTTP endpoint. result is what jsonPath picks from a JSON answer, or the text of another one.',
    examples: [{ url: 'http://shop.example.com/health?service={{args.service}}', jsonPath: '{$.data.successRate}' }],
  },
);
export type WebQuery = Static<typeof WebQuery>;
