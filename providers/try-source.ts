import type { TSchema } from 'typebox';
import type { Account } from './accounts.ts';
import { ProviderError } from './contract.ts';
import type { Providers } from './create-providers.ts';

/** What came of trying a source. */
export interface Trial {
  readonly ok: boolean;
  /** What the source said, or that it answers. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

interface Tried {
  readonly member: string;
  readonly schema: TSchema;
  readonly namespace: string;
  /** Of `plugin`, which one. */
  readonly plugin?: string;
  /** With its name; absent: Argo's defaults. */
  readonly account?: Account & { readonly name: string };
}

/** Its own check asks for none of this; the block wants it. */
const KAYENTA = {
  application: '',
  canaryConfigName: '',
  configurationAccountName: '',
  metricsAccountName: '',
  storageAccountName: '',
  threshold: { pass: 0, marginal: 0 },
  scopes: [],
};

const WITHIN_MS = 30_000;

/** The questions that Flagger asks of the same sources, where it does; else the example that the block's description has. They read next to nothing. */
const QUESTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  prometheus: { query: 'vector(1)' },
  graphite: { query: 'target=test' },
  newRelic: { query: 'SELECT count(*) FROM Metric' },
  datadog: { query: 'avg:system.cpu.user{*}', interval: '5m' },
  wavefront: { query: 'ts("~sample.cpu.usage.percentage")' },
  influxdb: { query: 'buckets() |> limit(n: 1)' },
  skywalking: {
    query: 'query services($duration: Duration!) { services: getAllServices(duration: $duration) { name } }',
    interval: '5m',
  },
  web: {},
  job: { spec: {} },
  kayenta: KAYENTA,
};

/** These of an example say where to ask and as whom: that is what is tried, so it comes from the account. */
const PLACES = ['address', 'url', 'realm', 'provider', 'secretRef', 'profile', 'authentication', 'headers'];

/** Asks a source one harmless question. An answer without data is an answer. */
export async function trySource(providers: Providers, tried: Tried): Promise<Trial> {
  const { member, namespace, account } = tried;
  const block = { ...questionFor(tried), ...(account !== undefined && { account: account.name }) };
  try {
    await providers.check({
      provider: { [member]: block },
      run: { uid: 'assay-providers-test', name: 'assay-providers-test', namespace },
      metric: { name: 'test' },
      attempt: 1,
      now: Date.now(),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    return { ok: true, message: 'it answers' };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.kind === 'no-data') return { ok: true, message: `it answers, without data: ${error.message}` };
    return { ok: false, message: error.message, advice: adviceOn(error.message, tried) };
  }
}

function questionFor({ member, schema, plugin, account }: Tried): Readonly<Record<string, unknown>> {
  if (plugin !== undefined) return { [plugin]: {} };
  const own = QUESTIONS[member];
  if (own !== undefined) return own;
  const { examples: [example = {}] = [] } = schema as { readonly examples?: readonly object[] };
  const given = new Set([...PLACES, ...Object.keys(account?.fields ?? {})]);
  return Object.fromEntries(Object.entries(example).filter(([field]) => !given.has(field)));
}

function adviceOn(message: string, { member, plugin, account }: Tried): string {
  const place = account === undefined ? `an account for ${member}` : `accounts.${account.name}`;
  const rules: readonly (readonly [RegExp, string])[] = [
    [/not allowed by the outbound rules/, 'add the address to the setting outbound.allow, if Assay may ask it'],
    [/x509|certificate/, 'the certificate is not trusted: name its authority in NODE_EXTRA_CA_CERTS'],
    [
      /no such host|connection refused|no route|unreachable|EOF$/,
      `is the address right, and within reach of this machine? See ${place}`,
    ],
    [/deadline exceeded|Client\.Timeout/, 'it did not answer in time: is it behind a firewall, or overloaded?'],
    [/\b401\b|unauthori[sz]ed|authenticat/i, `its credentials are wrong or have expired: exchange them in ${place}`],
    [/\b403\b|forbidden|permission|denied/i, 'the credentials are known, and may not do this: widen their rights'],
    [/\b429\b/, 'it is asked too often: try later, and see the setting planner'],
    [/invalid character '<'/, 'a page came instead of an answer: the address may be that of a login or a proxy'],
    [/\b404\b/, 'something else answers there: is the path of the address right?'],
    [/\b5\d\d\b/, 'the source itself is in trouble: see its logs'],
  ];
  if (plugin !== undefined) return `see plugins.${plugin} in the settings`;
  const fitting = rules.find(([pattern]) => pattern.test(message));
  return (
    fitting?.[1] ?? `give what is missing in ${place}: fields for the block, credentials for its Secret or settings`
  );
}
