import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { inspect } from 'node:util';
import type { Http, Provider } from '../providers/contract.ts';
import type { Providers } from '../providers/create-providers.ts';
import type { Registered } from '../providers/registry.ts';
import type { ApiDeps } from './api/deps.ts';
import type { Numbers } from './api/numbers.ts';
import { EXIT, NoVerdictError, type Program, type Role, type Source, type Trial, UsageError } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { parseCommandLine } from './cli/parse-command-line.ts';
import { parseListen } from './config/parse-listen.ts';
import type { Config } from './config/read-config.ts';
import type { EngineDeps } from './engine/deps.ts';
import type { Clock, Log, Queue, Secrets, Store } from './engine/ports.ts';
import type { Accounts } from './kayenta/accounts.ts';
import type { KayentaDeps } from './kayenta/routes/route.ts';
import type { RedisPlace } from './redis/connection.ts';

/**
 * The one file that knows everybody: it reads the command line and puts the parts together. Everything is loaded on use, so that a command pays only for
 * what it needs. start.mjs, beside it, switches the compile cache on first.
 */

/** Passes that are under way at shutdown get this long; what is measured later is forgotten and measured again. */
const GRACE_MS = 10_000;
const EVENTS_SWEEP_MS = 5 * 60_000;
/** As often as Argo's resync: against a ticket that was lost. */
const RESYNC_MS = 15 * 60_000;
/** A cluster that does not answer must not hold a pass for long. */
const SECRET_WITHIN_MS = 10_000;
/** A pass that waits costs next to nothing, and the planner bounds what reaches each source: one slow source must not hold back the passes of others. */
const CONCURRENT_PASSES = 10_000;
/** What a worker that dies has in progress waits until its leases are over; and there are other workers. */
const CONCURRENT_SHARED_PASSES = 1_000;
const TRY_AGAIN_MS = 2_000;

const program: Program = {
  commands: COMMANDS,
  get version() {
    return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
      .version;
  },
  async providerSchemas() {
    return (await import('./provider-schemas.ts')).allProviderSchemas();
  },
  createSecrets: wireSecrets,
  listSources,
  trySource,
  async createProviders(config, deps) {
    return wireProviders(config, deps);
  },
  serve,
};

process.on('uncaughtException', (error) => process.exit(report(error)));
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  // Whoever read the output has read enough (`assay get | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  try {
    const { command, input } = await parseCommandLine(words, COMMANDS);
    return await (await command.load()).run(input, program);
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`assay: ${error.message}\n${error.fix === undefined ? '' : `  fix: ${error.fix}\n`}`);
    return EXIT.usage;
  }
  // A bug says everything. Its exit code must not be Node's own 1, which here means Failed.
  const text = error instanceof NoVerdictError ? error.message : inspect(error);
  process.stderr.write(`assay: ${text}\n`);
  return EXIT.noVerdict;
}

/** API, worker or both, until the signal aborts. Throws UsageError when it cannot start. */
async function serve(config: Config, signal: AbortSignal, role: Role): Promise<void> {
  const [{ pino }, { createNumbers }] = await Promise.all([import('pino'), import('./api/numbers.ts')]);
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const halt = new AbortController();
  // Closed in reverse: no more requests, then no more passes, then what these used.
  const open = new AsyncDisposableStack();
  try {
    const numbers = createNumbers();
    const secrets = await wireSecrets(config);
    const backend = await openBackend(config, role, log);
    const { store, queue, clock } = backend;
    open.defer(() => backend.close());
    const accounts = await wireAccounts(config);
    const engineOf = (): KayentaDeps => deps;
    const providers = await wireProviders(config, { clock, secrets, numbers, store, accounts, engineOf });
    open.defer(() => providers.close());
    const deps = {
      store,
      queue,
      clock,
      secrets,
      measurer: providers.measurer,
      log,
      observer: numbers,
      shutdown: halt.signal,
      accounts,
      http: providers.http,
      randomUuid: randomUUID,
      randomBytes: (size: number) => randomBytes(size),
    };
    const app = role === 'worker' ? undefined : await createApi({ ...deps, numbers }, config);
    if (role !== 'api') {
      const worker = await startWorker(deps, backend.isShared);
      open.defer(() => worker.stop());
    }
    if (app !== undefined) open.defer(() => app.close());
    const url = app === undefined ? undefined : await listen(app, config.listen);
    log.info({ url, version: program.version, ...backend.place }, url === undefined ? 'working' : 'serving');
    // Written now, since a process that is killed writes nothing.
    flushCompileCache();

    await aborted(signal);
    log.info({}, 'shutting down');
  } finally {
    const grace = setTimeout(() => halt.abort(new Error('the process shuts down')), GRACE_MS);
    await open.disposeAsync();
    clearTimeout(grace);
  }
}

async function createApi(deps: KayentaDeps & Omit<ApiDeps, 'providerSchemas'>, config: Config) {
  const [{ createApp }, { kayentaPlugin }] = await Promise.all([import('./api/app.ts'), import('./kayenta/plugin.ts')]);
  const app = await createApp({ ...deps, providerSchemas: await program.providerSchemas() });
  await app.register(kayentaPlugin(deps, config.kayenta));
  return app;
}

/** Where the documents and tickets are, and by whose clock they are due. */
interface Backend {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  /** Other processes use it too, and it keeps tickets while none does. */
  readonly isShared: boolean;
  /** For the log. */
  readonly place: { readonly data: string } | { readonly redis: string };
  close(): Promise<void>;
}

async function openBackend(config: Config, role: Role, log: Log): Promise<Backend> {
  if (config.redis !== undefined) return openRedis({ url: config.redis, prefix: config.redisPrefix }, log);
  if (role !== 'both')
    throw new UsageError(
      `assay ${role} works with others over one Redis, and none is set`,
      'set --redis redis://HOST:6379, or run assay serve',
    );
  const [{ embeddedQueue }, { systemClock }, store] = await Promise.all([
    import('./queue/embedded.ts'),
    import('./queue/clock.ts'),
    openStore(config),
  ]);
  return {
    store,
    queue: embeddedQueue(systemClock),
    clock: systemClock,
    isShared: false,
    place: { data: config.data },
    close: () => store.close(),
  };
}

/** A Redis that is away is waited for, by all who use it; one that could only be used after somebody has changed something is refused. */
async function openRedis(place: RedisPlace, log: Log): Promise<Backend> {
  const [{ redisStore }, { bullmqQueue }, { redisClock }, { systemClock }, { RedisProblem, shownUrl }] =
    await Promise.all([
      import('./store/redis.ts'),
      import('./queue/bullmq.ts'),
      import('./redis/clock.ts'),
      import('./queue/clock.ts'),
      import('./redis/problem.ts'),
    ]);
  const store = redisStore({ ...place, log });
  const problem: unknown = (await store.opened()) ?? (await store.check().catch((error: unknown) => error));
  if (problem instanceof RedisProblem && problem.isLasting) {
    await store.close();
    throw new UsageError(problem.message, 'see --redis');
  }
  const clock = await redisClock(place, systemClock);
  const queue = bullmqQueue({ ...place, log });
  return {
    store,
    queue,
    clock,
    isShared: true,
    place: { redis: shownUrl(place.url) },
    close: async () => {
      await queue.close();
      clock.close();
      await store.close();
    },
  };
}

async function openStore({ data }: Config): Promise<Store> {
  const [{ sqliteStore }, { StoreError }] = await Promise.all([
    import('./store/sqlite.ts'),
    import('./engine/ports.ts'),
  ]);
  try {
    return await sqliteStore(data);
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}

async function listen(
  app: { listen(at: { host: string; port: number }): Promise<string> },
  address: string,
): Promise<string> {
  try {
    return await app.listen(parseListen(address)!);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UsageError(
      `cannot listen on ${address}: ${(error as Error).message}`,
      'free it, or choose another with --listen',
    );
  }
}

/** Passes over every unfinished run, and the sweeps that come now and then. */
async function startWorker(
  deps: EngineDeps & { readonly queue: Queue; readonly log: Log },
  isShared: boolean,
): Promise<{ stop(): Promise<void> }> {
  const [{ advanceRun }, { scheduleAllRuns }, { removeOldEvents }, { removeOrphanJudgements }] = await Promise.all([
    import('./engine/advance-run.ts'),
    import('./engine/schedule-run.ts'),
    import('./engine/emit-events.ts'),
    import('./engine/keep-judgement.ts'),
  ]);
  const { queue, log } = deps;
  const sweep = (everyMs: number, name: string, work: () => Promise<unknown>): NodeJS.Timeout =>
    setInterval(() => {
      work().catch((error: unknown) => log.error({ err: error, sweep: name }, 'sweep failed; it comes again'));
    }, everyMs);

  const stopping = new AbortController();
  if (!isShared) await scheduleAllRuns(deps);
  queue.start(
    async (ticket) => {
      try {
        return await advanceRun(deps, ticket);
      } catch (error) {
        if (!deps.shutdown?.aborted) log.error({ err: error, run: ticket.runId }, 'pass failed; it comes again');
        throw error;
      }
    },
    { concurrency: isShared ? CONCURRENT_SHARED_PASSES : CONCURRENT_PASSES },
  );
  // Redis may be away, and has kept the tickets: nobody waits for this.
  const resynced = isShared ? untilDone(() => scheduleAllRuns(deps), deps, stopping.signal) : undefined;
  const sweeps = [
    sweep(RESYNC_MS, 'resync', () => scheduleAllRuns(deps)),
    sweep(EVENTS_SWEEP_MS, 'events', () => removeOldEvents(deps)),
    sweep(EVENTS_SWEEP_MS, 'judgements', () => removeOrphanJudgements(deps)),
  ];
  return {
    stop: async () => {
      for (const timer of sweeps) clearInterval(timer);
      stopping.abort();
      await Promise.all([queue.stop(), resynced]);
    },
  };
}

/** Tries now and then until it works. */
async function untilDone(work: () => Promise<unknown>, { clock, log }: EngineDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      return;
    } catch (error) {
      log.warn({ err: error }, 'looking for runs without tickets failed; it comes again');
      await clock.sleepUntil(clock.now() + TRY_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** Mounted files first, then the cluster of KUBECONFIG or of this pod; its client is loaded with the first Secret that is read there. */
async function wireSecrets({ secrets, setting }: Config): Promise<Secrets> {
  const [{ firstOf, kubernetesSecrets }, { chooseCluster, hasServiceAccount, openCluster }] = await Promise.all([
    import('./secrets/kubernetes.ts'),
    import('../providers/kubernetes.ts'),
  ]);
  const sources: Secrets[] = [];
  if (secrets !== undefined) sources.push((await import('./secrets/directory.ts')).directorySecrets(secrets));
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
async function wireAccounts({ kayenta, setting }: Config): Promise<Accounts> {
  const { createAccounts, readAccounts } = await import('./kayenta/accounts.ts');
  if (kayenta.accounts === undefined) return createAccounts([]);
  const { parse } = await import('yaml');
  try {
    const document = parse(readFileSync(kayenta.accounts, 'utf8')) as unknown;
    return createAccounts(readAccounts(document, { placeholder: setting, file: (path) => readFileSync(path, 'utf8') }));
  } catch (error) {
    throw new UsageError(`${kayenta.accounts}: ${(error as Error).message}`, 'see --kayenta-accounts');
  }
}

interface ProviderParts {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly numbers?: Numbers;
  /** Only where runs are stored: Kayenta's executions, and what canaries compared. */
  readonly store?: Store;
  readonly accounts?: Accounts;
  readonly engineOf?: () => KayentaDeps;
}

async function wireProviders(
  config: Config,
  parts: ProviderParts,
): Promise<{ readonly measurer: Providers; readonly http: Http; close(): void }> {
  const [{ createProviders }, { accountMistakes }, { registry }, { evaluateTime }, { durationMs }] = await Promise.all([
    import('../providers/create-providers.ts'),
    import('../providers/accounts.ts'),
    import('../providers/registry.ts'),
    import('./expression/condition.ts'),
    import('./domain/duration.ts'),
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

async function listSources({ accounts, plugins }: Config): Promise<readonly Source[]> {
  const { registry } = await import('../providers/registry.ts');
  return Object.keys(registry).map((provider) => ({
    provider,
    accounts:
      provider === 'plugin'
        ? Object.keys(plugins)
        : Object.keys(accounts).filter((name) => accounts[name]?.provider === provider),
  }));
}

async function trySource(config: Config, name: string, namespace: string): Promise<Trial | undefined> {
  const [{ registry }, source, { systemClock }] = await Promise.all([
    import('../providers/registry.ts'),
    import('../providers/try-source.ts'),
    import('./queue/clock.ts'),
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
  const { PluginQuery } = await import('../providers/plugin/query.ts');
  const load = async (): Promise<Provider> =>
    (await import('../providers/plugin/index.ts')).pluginProvider(plugins) as Provider;
  return { plugin: { typeName: 'RPCPlugin', schema: PluginQuery, load } };
}

/** The providers that ask other providers, or the engine: they are told these when they are used. */
async function ownProviders(
  providersOf: () => Providers,
  { clock, store, accounts, engineOf }: Partial<ProviderParts> = {},
): Promise<Readonly<Record<string, Registered>>> {
  const [formula, canary, execution, analysis] = await Promise.all([
    import('./engine/formula-provider.ts'),
    import('./engine/canary-provider.ts'),
    import('./kayenta/canary-execution.ts'),
    import('./kayenta/canary-analysis.ts'),
  ]);
  const own: Provider[] = [
    formula.formulaProvider(providersOf),
    canary.canaryProvider({
      series: providersOf,
      newId: randomUUID,
      ...(accounts !== undefined && {
        readConfigured: (await import('./kayenta/read-configured.ts')).configReader(accounts, randomUUID),
      }),
      ...(store !== undefined && { records: (await import('./engine/keep-judgement.ts')).judgementRecords(store) }),
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
