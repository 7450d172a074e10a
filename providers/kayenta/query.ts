import Type, { type Static } from 'typebox';

const Scope = (description: string) =>
  Type.Object(
    {
      scope: Type.String({ description: "What to look at, in the metrics source's words." }),
      region: Type.String({ description: 'Where; sent as the location.' }),
      step: Type.Integer({ format: 'int64', description: 'Seconds between samples.' }),
      start: Type.Optional(Type.String({ description: 'RFC 3339; absent: the run start or one interval ago.' })),
      end: Type.Optional(Type.String({ description: 'RFC 3339; absent: now.' })),
    },
    { description },
  );

export const KayentaQuery = Type.Object(
  {
    address: Type.String({ description: "Kayenta's base URL, without a trailing slash." }),
    application: Type.String({ description: 'Application that the canary config belongs to.' }),
    canaryConfigName: Type.String({ description: 'Name of the canary config.' }),
    configurationAccountName: Type.String({ description: 'Account of the config.' }),
    metricsAccountName: Type.String({ description: 'Account to read metrics from.' }),
    storageAccountName: Type.String({ description: 'Account of results; the config is looked up with it, too.' }),
    threshold: Type.Object(
      {
        pass: Type.Integer({ format: 'int64', description: 'Scores from here on are Successful.' }),
        marginal: Type.Integer({ format: 'int64', description: 'Scores from here on, below pass, are Inconclusive.' }),
      },
      { description: 'What the score means. It is threshold, not thresholds.' },
    ),
    scopes: Type.Array(
      Type.Object({
        name: Type.String({ description: 'Name of the scope in the canary config.' }),
        controlScope: Scope('The baseline.'),
        experimentScope: Scope('The canary.'),
      }),
      { description: 'What to compare.' },
    ),
    lookback: Type.Optional(Type.Boolean({ description: "Start at the run's start instead of one interval ago." })),
  },
  {
    description: 'Starts a judgement on a Kayenta server and waits for its score. Conditions are not evaluated.',
    examples: [
      {
        address: 'http://kayenta:8090',
        application: 'shop',
        canaryConfigName: 'shop',
        configurationAccountName: 'configs',
        metricsAccountName: 'prometheus',
        storageAccountName: 'results',
        threshold: { pass: 95, marginal: 75 },
        scopes: [
          {
            name: 'default',
            controlScope: { scope: '{{args.stable-hash}}', region: 'eu', step: 60 },
            experimentScope: { scope: '{{args.canary-hash}}', region: 'eu', step: 60 },
          },
        ],
      },
    ],
  },
);
export type KayentaQuery = Static<typeof KayentaQuery>;
export type KayentaScope = KayentaQuery['scopes'][number]['controlScope'];
