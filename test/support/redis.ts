/**
 * A real Redis for the tests: its own port, its own folder, gone when stopped. It keeps every acknowledged write, as the product asks for.
 * The system's own Redis service, if there is one, is neither used nor touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { holdLifeline } from './lifeline.ts';

export interface RedisOptions {
  readonly port?: number;
  /** Further settings, by redis.conf's names; a later value beats the ones below. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RedisServer {
  /** `redis://127.0.0.1:PORT`, without a password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it and starts it again on the same port and folder; with SIGKILL from what its append-only file holds. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** The two halves of `restart`. */
  end(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Removes its folder. May be called twice. */
  stop(): Promise<void>;
}

const READY = 'Ready to accept connections';
const READY_WITHIN_MS = 20_000;
const DURABLE = { appendonly: 'yes', appendfsync: 'always', save: '', 'maxmemory-policy': 'noeviction' };

/** Starts Redis and resolves once it takes connections. Throws with its last words when it does not. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-redis-'));
  const port = options.port ?? (await freePort());
  const launch = () => launchRedis(folder, port, { ...DURABLE, ...options.settings });
  let running: Running;
  try {
    running = await launch();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const start = async () => {
    running = await launch();
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.child.pid!;
    },
    restart: async (signal = 'SIGTERM') => {
      await end(running, signal);
      await start();
    },
    end: (signal = 'SIGTERM') => end(running, signal),
    start,
    stop: async () => {
      await end(running, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly release: () => void;
}

async function launchRedis(folder: string, port: number, settings: Readonly<Record<string, string>>): Promise<Running> {
  const flags = Object.entries({ bind: '127.0.0.1', dir: folder, ...settings }).flatMap(([name, value]) => [
    `--${name}`,
    ...value.split(' '),
  ]);
  const child = spawn('redis-server', ['--port', String(port), ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const release = child.pid === undefined ? () => {} : holdLifeline(child.pid, folder);
  let words = '';
  const said = Promise.withResolvers<void>();
  const fail = (why: string): void => said.reject(new Error(`Redis did not become ready (${why})\n${words}`));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4000);
    if (words.includes(READY)) said.resolve();
  });
  child.once('error', (error: NodeJS.ErrnoException) =>
    fail(error.code === 'ENOENT' ? 'it is not installed: npm run setup' : error.message),
  );
  child.once('exit', (code, signal) => fail(`it ended with ${code ?? signal}`));
  const late = setTimeout(() => fail(`not within ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
  try {
    await said.promise;
    return { child, release };
  } catch (error) {
    await end({ child, release }, 'SIGKILL');
    throw error;
  } finally {
    clearTimeout(late);
  }
}

async function end({ child, release }: Running, signal: NodeJS.Signals): Promise<void> {
  const isRunning = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  if (isRunning) {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
  release();
}
