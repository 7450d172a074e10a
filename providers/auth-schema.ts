import Type, { type Static } from 'typebox';

/** How users write credentials, where several providers have the same blocks. Secrets come in through arguments from Secrets. */

export const BasicAuth = Type.Object(
  {
    username: Type.Optional(Type.String({ description: 'User name.' })),
    password: Type.Optional(
      Type.String({ description: 'Password, best through an argument with valueFrom.secretKeyRef.' }),
    ),
  },
  { description: 'HTTP basic authentication.' },
);
export type BasicAuth = Static<typeof BasicAuth>;

export const OAuth2 = Type.Object(
  {
    tokenUrl: Type.Optional(Type.String({ description: 'Where tokens are issued. Switches OAuth2 on.' })),
    clientId: Type.Optional(Type.String({ description: 'Client identifier.' })),
    clientSecret: Type.Optional(
      Type.String({ description: 'Client secret, best through an argument with valueFrom.secretKeyRef.' }),
    ),
    scopes: Type.Optional(Type.Array(Type.String(), { description: 'Scopes to ask for.' })),
  },
  { description: 'OAuth2 client credentials: a token is fetched for each measurement.' },
);
export type OAuth2 = Static<typeof OAuth2>;

export const Sigv4 = Type.Object(
  {
    region: Type.Optional(Type.String({ description: "AWS region. Default: the credential chain's." })),
    profile: Type.Optional(Type.String({ description: 'Profile in the shared AWS files.' })),
    roleArn: Type.Optional(Type.String({ description: 'Role to assume.' })),
  },
  { description: 'AWS signature version 4, for Amazon Managed Prometheus (addresses with aps-workspaces).' },
);
export type Sigv4 = Static<typeof Sigv4>;

export const Headers = Type.Array(
  Type.Object({ key: Type.String({ description: 'Name.' }), value: Type.String({ description: 'Value.' }) }),
  { description: 'HTTP headers to send.' },
);
export type Headers = Static<typeof Headers>;
