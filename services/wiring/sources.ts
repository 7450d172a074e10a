import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Http, Provider, SharedLimits } from '../../providers/contract.ts';
import type { Providers } from '../../providers/create-providers.ts';
import type { Registered } from '../../providers/registry.ts';
import type { Numbers } from '../api/numbers.ts';
import { type Source, type Trial, UsageError } from '../cli/command.ts';
import type { Config } from '../config/read-config.ts';
import type { Clock, Secrets, Store } from '../engine/ports.ts';
import type { Accounts } from '../kayenta/accounts.ts';
import type { KayentaDeps } from '../kayenta/routes/route.ts';

/** A cluster that does not answer must not hold a pass for long. */
const SECRET_WITHIN_MS = 10_000;

/** Mounted files first, then the cluster of KUBECONFIG or of this pod; its client is loaded with the first Secret that is read there. */
export async function wireSecrets({ secrets, setting }: Config): Promise<Secrets> {
  const [{ firstOf, kubernetesSecrets }, { chooseCluster, hasServiceAccount, openCluster }] = await Promise.all([
    import('../secrets/kubernetes.ts'),
    import('../../providers/kubernetes.ts'),
  ]);
  const sources: Secrets[] = [];
  if (secrets !== undefined) sources.push((await import('../secrets/directory.ts')).directorySecrets(secrets));
  const choice = chooseCluster(setting);
  if (choice !== undefined && ('kubeconfig' in choice || hasServiceAccount()))
    sources.push(
      kubernetesSecrets(async (path) =>
        (await openCluster(choice)).send({ method: 'GET', path }, AbortSignal.timeout(SECRET_WITHIN_MS)),
      ),
    );
  return firstOf(sources);
}

/** The accounts of the kayenta.yml that is configured, with its placeholders and files filled in. */
export async function wireAccounts({ kayenta, setting }: Config): Promise<Accounts> {
  const { createAccounts, readAccounts } = await import('../kayenta/accounts.ts');
  if (kayenta.accounts === undefined) return createAccounts([]);
  const { parse } = await import('yaml');
  try {
    const document = parse(readFileSync(kayenta.accounts, 'utf8')) as unknown;
    return createAccounts(readAccounts(document, { placeholder: setting, file: (path) => readFileSync(path, 'utf8') }));
  } catch (error) {
    throw new UsageError(`${kayenta.accounts}: ${(error as Error).message}`, 'see --kayenta-accounts');
  }
}

export interface ProviderParts {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly numbers?: Numbers;
  /** Only where runs are stored: Kayenta's executions, and what canaries compared. */
  readonly store?: Store;
  readonly accounts?: Accounts;
  readonly engineOf?: () => KayentaDeps;
  /** Without it the limits of accounts are this process' own. */
  readonly limits?: SharedLimits | undefined;
}

export async function wireProviders(
  config: Config,
  parts: ProviderParts,
): Promise<{ readonly measurer: Providers; readonly http: Http; close(): void }> {
  const [{ createProviders }, { accountMistakes }, { registry }, { evaluateTime }, { durationMs }] = await Promise.all([
    import('../../providers/create-providers.ts'),
    import('../../providers/accounts.ts'),
    import('../../providers/registry.ts'),
    import('../expression/condition.ts'),
    import('../domain/duration.ts'),
  ]);
  const { clock, secrets, numbers } = parts;
  const mistakes = accountMistakes(config.accounts, Object.keys(registry));
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  const { accounts, shareWindow, concurrency, requestsPerSecond, retries } = config.planner;
  const own = await ownProviders(() => measurer, {
    ...parts,
    accounts: parts.accounts ?? (await wireAccounts(config)),
  });
  const measurer: Providers = createProviders(
    {
      clock,
      secrets,
      setting: config.setting,
      controllerNamespace: config.controllerNamespace,
      outbound: config.outbound,
      accounts: config.accounts,
      planner: {
        shareWindowMs: durationMs(shareWindow),
        limits: (account) => ({ concurrency, requestsPerSecond, retries, ...accounts[account] }),
        ...(parts.limits && { shared: parts.limits }),
        onWait: (wait) => numbers?.plannerWaited(wait),
      },
      evaluateTime: (text, nowMs) => {
        const outcome = evaluateTime(text, nowMs);
        if (!outcome.ok) throw outcome.error;
        return outcome.value;
      },
    },
    { ...registry, ...own, ...(await configuredPlugins(config.plugins)) },
  );
  return {
    measurer,
    http: (request) => measurer.http.send(request, AbortSignal.timeout(request.timeoutMs)),
    close: () => measurer.close(),
  };
}

export async function listSources({ accounts, plugins }: Config): Promise<readonly Source[]> {
  const { registry } = await import('../../providers/registry.ts');
  return Object.keys(registry).map((provider) => ({
    provider,
    accounts:
      provider === 'plugin'
        ? Object.keys(plugins)
        : Object.keys(accounts).filter((name) => accounts[name]?.provider === provider),
  }));
}

export async function trySource(config: Config, name: string, namespace: string): Promise<Trial | undefined> {
  const [{ registry }, source, { systemClock }] = await Promise.all([
    import('../../providers/registry.ts'),
    import('../../providers/try-source.ts'),
    import('../queue/clock.ts'),
  ]);
  const isPlugin = Object.hasOwn(config.plugins, name);
  const account = Object.hasOwn(config.accounts, name) ? config.accounts[name] : undefined;
  const member = isPlugin ? 'plugin' : (account?.provider ?? name);
  const registered = Object.hasOwn(registry, member) ? registry[member] : undefined;
  if (registered === undefined || (member === 'plugin' && !isPlugin)) return undefined;
  const { measurer, close } = await wireProviders(config, { clock: systemClock, secrets: await wireSecrets(config) });
  try {
    const { schema } = registered;
    return await source.trySource(measurer, {
      ...{ member, schema, namespace },
      ...(isPlugin && { plugin: name }),
      ...(account !== undefined && { account: { ...account, name } }),
    });
  } finally {
    close();
  }
}

/** The providers that users have written; the plugin's module is read from disk with the first metric that uses one. */
async function configuredPlugins(plugins: Config['plugins']): Promise<Readonly<Record<string, Registered>>> {
  const { PluginQuery } = await import('../../providers/plugin/query.ts');
  const load = async (): Promise<Provider> =>
    (await import('../../providers/plugin/index.ts')).pluginProvider(plugins) as Provider;
  return { plugin: { typeName: 'RPCPlugin', schema: PluginQuery, load } };
}

/** The providers that ask other providers, or the engine: they are told these when they are used. */
async function ownProviders(
  providersOf: () => Providers,
  { clock, store, accounts, engineOf }: Partial<ProviderParts> = {},
): Promise<Readonly<Record<string, Registered>>> {
  const [formula, canary, execution, analysis] = await Promise.all([
    import('../engine/formula-provider.ts'),
    import('../engine/canary-provider.ts'),
    import('../kayenta/canary-execution.ts'),
    import('../kayenta/canary-analysis.ts'),
  ]);
  const own: Provider[] = [
    formula.formulaProvider(providersOf),
    canary.canaryProvider({
      series: providersOf,
      newId: randomUUID,
      ...(accounts !== undefined && {
        readConfigured: (await import('../kayenta/read-configured.ts')).configReader(accounts, randomUUID),
      }),
      ...(store !== undefined && { records: (await import('../engine/keep-judgement.ts')).judgementRecords(store) }),
    }),
  ];
  if (store !== undefined && accounts !== undefined && clock !== undefined)
    own.push(execution.canaryExecutionProvider({ store, accounts, now: () => clock.now(), randomUuid: randomUUID }));
  if (engineOf !== undefined) own.push(analysis.canaryAnalysisProvider(engineOf));
  return Object.fromEntries(
    own.map((provider) => [
      provider.member,
      { typeName: provider.typeName, schema: provider.schema, load: async () => provider },
    ]),
  );
}
