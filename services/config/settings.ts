import Type, { type Static } from 'typebox';

/**
 * Every setting, once: its place in the YAML file, its type, default and meaning. The flag and the variable follow from the place:
 * `planner.shareWindow` is `--planner-share-window` and `ASSAY_PLANNER_SHARE_WINDOW`. Lists are separated by commas there.
 */
const Limits = {
  concurrency: Type.Integer({
    minimum: 1,
    default: 20,
    description: 'Requests to one provider account at once, over Redis by all processes together.',
  }),
  requestsPerSecond: Type.Number({
    minimum: 0,
    default: 0,
    description: 'Requests a second to one provider account, over Redis by all processes together; 0: no limit.',
  }),
  retries: Type.Integer({
    minimum: 0,
    maximum: 10,
    default: 0,
    description: 'Tries again within one measurement when the account answers 429, 5xx or not at all.',
  }),
};

export const Settings = Type.Object({
  listen: Type.String({
    format: 'host:port',
    default: '127.0.0.1:8090',
    description:
      'Address of the HTTP API. Assay itself asks nobody for a password: widen it only behind something that does.',
  }),
  data: Type.String({ minLength: 1, default: 'data', description: 'Folder of the database and the compile cache.' }),
  redis: Type.Optional(
    Type.String({
      format: 'redis-url',
      description:
        'Redis that many processes share instead of the database in the data folder: redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss:// over TLS; of a Cluster some nodes, separated by commas: redis://USER:PASSWORD@HOST:PORT,HOST:PORT. It must keep what it acknowledges: appendonly yes, appendfsync always, maxmemory-policy noeviction.',
    }),
  ),
  redisPrefix: Type.String({
    minLength: 1,
    default: 'assay',
    description: "What stands before Assay's keys in Redis; another one for each Assay in the same Redis.",
  }),
  intake: Type.Object({
    queue: Type.String({
      format: 'queue-name',
      default: 'analysis',
      description:
        'BullMQ queue in that Redis whose jobs workers answer with verdicts; its BullMQ prefix is {PREFIX}:intake.',
    }),
    off: Type.Boolean({ default: false, description: 'Take no jobs from the intake queue.' }),
  }),
  secrets: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Folder with secrets as DIR/<namespace>/<name>/<key>, the way Kubernetes mounts them.',
    }),
  ),
  controllerNamespace: Type.String({
    minLength: 1,
    default: 'argo-rollouts',
    description: "Namespace of the providers' own secrets (Argo's controller namespace).",
  }),
  logLevel: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    description: 'The least that is logged.',
  }),
  metrics: Type.Object({
    runs: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 1_000,
      description:
        'Runs that have series of their own at /metrics, live ones first, then the latest completed; about 5 kB of text each.',
    }),
    completedFor: Type.String({
      format: 'duration',
      default: '1h',
      description: 'How long a completed run keeps its series at /metrics.',
    }),
    listen: Type.Optional(
      Type.String({
        format: 'host:port',
        description:
          'Address at which `assay worker` shows /metrics, /healthz and /readyz; the others show them with the API.',
      }),
    ),
  }),
  tracing: Type.Object({
    endpoint: Type.Optional(
      Type.String({
        format: 'http-url',
        description:
          'OTLP endpoint that spans go to over HTTP, such as http://collector:4318; unset: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT, and without these nothing is traced.',
      }),
    ),
    headers: Type.Optional(
      Type.String({
        description: 'Headers for the endpoint, secret: NAME=VALUE,… as in OTEL_EXPORTER_OTLP_HEADERS, which it beats.',
      }),
    ),
    service: Type.Optional(
      Type.String({ minLength: 1, description: 'Name of the service in traces; unset: OTEL_SERVICE_NAME, or assay.' }),
    ),
    sampler: Type.Optional(
      Type.Enum(
        [
          'always_on',
          'always_off',
          'traceidratio',
          'parentbased_always_on',
          'parentbased_always_off',
          'parentbased_traceidratio',
        ],
        { description: 'Which traces are kept; unset: OTEL_TRACES_SAMPLER, or parentbased_always_on.' },
      ),
    ),
    ratio: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'The part of traces that ratio samplers keep; unset: OTEL_TRACES_SAMPLER_ARG, or 1.',
      }),
    ),
  }),
  outbound: Type.Object({
    allow: Type.Array(Type.String({ format: 'address-range' }), {
      default: [],
      description:
        'Addresses and ranges that providers may ask although a deny rule matches: 10.0.0.0/8, fd00::/8, 192.0.2.7.',
    }),
    deny: Type.Array(Type.String({ format: 'address-range' }), {
      default: ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254', '100.100.100.200'],
      description:
        'Addresses and ranges that providers may not ask. The default keeps them from cloud metadata services.',
    }),
  }),
  worker: Type.Object({
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Passes of this process at once; without it 1000 over Redis, where others help, else 10000.',
      }),
    ),
    passesPerSecond: Type.Number({
      minimum: 0,
      default: 0,
      description:
        'Passes that this process begins in a second; 0: as many as are due. Over Redis others take the rest.',
    }),
    grace: Type.String({
      format: 'duration',
      default: '10s',
      description:
        'How long passes under way may take at shutdown; then they go back, to other workers or the next start.',
    }),
  }),
  planner: Type.Object({
    shareWindow: Type.String({
      format: 'duration',
      default: '1s',
      description: 'How long one answer serves equal queries to one account; 0 shares only what is in flight.',
    }),
    ...Limits,
    accounts: Type.Record(Type.String(), Type.Partial(Type.Object(Limits)), {
      default: {},
      description:
        'Other limits for single accounts, by the name that metrics and logs show: `prometheus http://prometheus:9090`, `prometheus account prod`.',
    }),
  }),
  kayenta: Type.Object({
    accounts: Type.Optional(
      Type.String({
        minLength: 1,
        description: "A kayenta.yml: its accounts are those that Kayenta's API and canaryConfig read from.",
      }),
    ),
    cors: Type.Boolean({
      default: false,
      description: "Answer any web page that asks for Kayenta's API, as Kayenta does.",
    }),
  }),
  accounts: Type.Record(
    Type.String(),
    Type.Object({
      provider: Type.String({ minLength: 1 }),
      fields: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      credentials: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    }),
    {
      default: {},
      description:
        'Accounts that templates name with `account: NAME`: what a provider block leaves out. A text may be { env: NAME }, { file: PATH } or { secret: NAME/KEY }.',
    },
  ),
  publicUrl: Type.Optional(
    Type.String({
      format: 'http-url',
      description: 'Address at which people reach this Assay: what links in notifications begin with.',
    }),
  ),
  mirrorEvents: Type.Boolean({
    default: false,
    description: "Write Events to the cluster of KUBECONFIG, or of Assay's pod, as well.",
  }),
  notifications: Type.Object({
    defaultTriggers: Type.Array(Type.String(), {
      default: ['on-analysis-run-failed', 'on-analysis-run-error', 'on-analysis-run-inconclusive'],
      description: 'What those hear of who subscribe without naming a trigger.',
    }),
    services: Type.Record(
      Type.String(),
      Type.Object(
        { type: Type.Enum(['slack', 'teams', 'pagerduty', 'opsgenie', 'email', 'webhook']) },
        { additionalProperties: Type.Unknown() },
      ),
      {
        default: {},
        description:
          'Where notifications can go, by the names that subscriptions use; see services/notify. A text may be { env: NAME }, { file: PATH } or { secret: NAME/KEY }.',
      },
    ),
    subscriptions: Type.Record(
      Type.String(),
      Type.Object({
        triggers: Type.Optional(Type.Array(Type.String())),
        recipients: Type.Array(Type.String({ minLength: 1 })),
        namespaces: Type.Optional(Type.Array(Type.String())),
        labels: Type.Optional(Type.Record(Type.String(), Type.String())),
      }),
      {
        default: {},
        description:
          'Who hears of what besides those who subscribe by annotation: recipients as SERVICE:RECIPIENT, for runs of these namespaces and with these labels.',
      },
    ),
    templates: Type.Record(Type.String(), Type.Object({ title: Type.Optional(Type.String()), text: Type.String() }), {
      default: {},
      description: 'Your own words by TRIGGER or SERVICE.TRIGGER, in Liquid; everything else has a default text.',
    }),
  }),
  plugins: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
    default: {},
    description: 'Providers of your own by the names that templates use: a file (./errors.ts) or an installed package.',
  }),
  providers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description:
      "Provider settings by the names that Argo's controller knows (ARGO_ROLLOUTS_PROMETHEUS_ADDRESS, DD_API_KEY); the environment variable of that name beats the file.",
  }),
});
export type Settings = Static<typeof Settings>;
