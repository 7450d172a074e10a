import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import type { ApiDeps } from './api/deps.ts';
import { EXIT, NoVerdictError, type Program, type Role, UsageError } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { parseCommandLine } from './cli/parse-command-line.ts';
import { parseListen } from './config/parse-listen.ts';
import type { Config } from './config/read-config.ts';
import type { Log } from './engine/ports.ts';
import type { KayentaDeps } from './kayenta/routes/route.ts';
import type { RedisPlace } from './redis/connection.ts';
import type { Tracing } from './tracing/otlp-tracer.ts';
import { openBackend } from './wiring/backend.ts';
import { checkNotifications, wireEventMirror, wireNotifier } from './wiring/notifier.ts';
import { listSources, trySource, wireAccounts, wireProviders, wireSecrets } from './wiring/sources.ts';
import { tracingSettings } from './wiring/tracing.ts';
import { startWorker } from './wiring/worker.ts';

/**
 * With wiring/ beside it, what knows everybody: it reads the command line and puts the parts together. Everything is loaded on use, so that a command pays
 * only for what it needs. start.mjs switches the compile cache on first.
 */

/**
 * How far the heap of a process may grow beyond what is live, in percent. Without a bound it keeps several times that, as busy as the machine once was. An API process holds the
 * newest changes for as long as watches may want them, and all of them come by; no pass waits for its collections.
 */
const HEAP_GROWTH: Readonly<Record<Role, number>> = { api: 100, worker: 200, both: 200 };

/** For commands that report by themselves. */
const QUIET: Log = { debug() {}, info() {}, warn() {}, error() {} };

const program: Program = {
  commands: COMMANDS,
  get version() {
    return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
      .version;
  },
  async providerSchemas() {
    return (await import('./wiring/provider-schemas.ts')).allProviderSchemas();
  },
  createSecrets: wireSecrets,
  listSources,
  trySource,
  openStorage: (config) => openBackend(config, 'both', QUIET),
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
  const [{ pino }, { createNumbers }, { providerTypes }, { durationMs }] = await Promise.all([
    import('pino'),
    import('./api/numbers.ts'),
    import('./wiring/provider-schemas.ts'),
    import('./domain/duration.ts'),
  ]);
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH[role]}`);
  const traced = tracingSettings(config);
  let tracing: Tracing | undefined;
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(traced && { mixin: () => tracing?.logFields() ?? {} }),
  });
  const halt = new AbortController();
  // Closed in reverse: no more requests, then no more passes, then what these used.
  const open = new AsyncDisposableStack();
  try {
    await checkNotifications(config);
    if (traced !== undefined) {
      const { startTracing } = await import('./tracing/otlp-tracer.ts');
      const started = startTracing(traced, program.version, randomUUID(), log);
      tracing = started;
      open.defer(() => started.close());
    }
    const numbers = createNumbers({
      runs: config.metrics.runs,
      completedForMs: durationMs(config.metrics.completedFor),
      typeOf: await providerTypes(),
    });
    const secrets = await wireSecrets(config);
    const backend = await openBackend(config, role, log);
    const { store, queue, clock } = backend;
    open.defer(() => backend.close());
    const accounts = await wireAccounts(config);
    const engineOf = (): KayentaDeps => deps;
    const { limits } = backend;
    const providers = await wireProviders(config, { clock, secrets, numbers, store, accounts, engineOf, limits });
    open.defer(() => providers.close());
    const notifier =
      role === 'api'
        ? undefined
        : await wireNotifier(config, {
            ...{ store, clock, log, secrets, numbers },
            http: providers.measurer.http,
            tracer: tracing?.tracer,
          });
    const deps = {
      store,
      queue,
      clock,
      secrets,
      measurer: providers.measurer,
      log,
      observer: numbers,
      listeners: notifier === undefined ? [] : [notifier],
      tracer: tracing?.tracer,
      shutdown: halt.signal,
      accounts,
      http: providers.http,
      randomUuid: randomUUID,
      randomBytes: (size: number) => randomBytes(size),
    };
    numbers.countDeadDeliveriesBy(async () => (await import('./notify/dead-letters.ts')).countDead(store));
    const address = role === 'worker' ? config.metrics.listen : config.listen;
    const app = address === undefined ? undefined : await createServer({ ...deps, numbers }, config, role);
    if (notifier !== undefined) {
      open.defer(() => notifier.stop());
      const mirror = await wireEventMirror(config, { store, clock, log });
      mirror?.start();
      open.defer(() => mirror?.stop());
      // Nobody waits for that: Redis may be away, and a store may hold a year's runs.
      void notifier.start();
      const worker = await startWorker(deps, config.worker, backend.isShared, intakeOf(config, backend.redis));
      open.defer(() => worker.stop());
    }
    if (app !== undefined) open.defer(() => app.close());
    const url = app === undefined ? undefined : await listen(app, address!);
    log.info({ url, version: program.version, ...backend.place }, role === 'worker' ? 'working' : 'serving');
    // Written now, since a process that is killed writes nothing.
    flushCompileCache();

    await aborted(signal);
    log.info({}, 'shutting down');
  } finally {
    // What is measured later is forgotten and measured again.
    const grace = setTimeout(() => halt.abort(new Error('the process shuts down')), durationMs(config.worker.grace));
    await open.disposeAsync();
    clearTimeout(grace);
  }
}

/** Jobs come over Redis, where one is configured. */
function intakeOf({ intake }: Config, redis: RedisPlace | undefined) {
  if (redis === undefined || intake.off) return undefined;
  return { ...redis, queue: intake.queue, providerSchemas: program.providerSchemas };
}

/** A process that only works has nothing to show but itself. */
async function createServer(deps: KayentaDeps & Omit<ApiDeps, 'providerSchemas'>, config: Config, role: Role) {
  if (role === 'worker') return (await import('./api/health-app.ts')).createHealthApp(deps);
  const [{ createApp }, { kayentaPlugin }, { dashboardPlugin }, { deadLetters }] = await Promise.all([
    import('./api/app.ts'),
    import('./kayenta/plugin.ts'),
    import('./dashboard/plugin.ts'),
    import('./notify/dead-letters.ts'),
  ]);
  const providerSchemas = await program.providerSchemas();
  const app = await createApp({ ...deps, providerSchemas });
  await app.register(kayentaPlugin(deps, config.kayenta));
  await app.register(dashboardPlugin({ ...deps, providerSchemas, deadLetters: deadLetters(deps) }));
  return app;
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
