import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { holdLifeline } from './lifeline.ts';

/** A program that tests start and talk to on ports of its own. */
export interface PeerProgram {
  /** As messages call it. */
  readonly name: string;
  readonly command: string;
  /** `ports` are free ones; HTTP is on the first, if it has any. */
  args(ports: readonly number[]): readonly string[];
  /** 1 when absent. */
  readonly portCount?: number;
  /** Added to the environment. */
  env?(ports: readonly number[]): Readonly<Record<string, string>>;
  /** Done before each start, with the ports of this start: configuration files that name them. */
  prepare?(ports: readonly number[]): Promise<void>;
  /** Its own folder: there when it starts, gone when it is stopped. */
  readonly folder: string;
  /** Asked again and again; a rejection counts as not yet. */
  isReady(ports: readonly number[]): Promise<boolean>;
}

export interface Peer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly ports: readonly number[];
  readonly pid: number;
  /** Sends SIGTERM, then SIGKILL after five seconds; removes its folder. May be called twice. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const STOPS_WITHIN_MS = 5_000;
const START_ATTEMPTS = 3;

/** Any answer but 503 means ready: with authentication it is a 401, over TLS it cannot be asked in clear text (400). */
export async function answers(port: number | undefined, path: string): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status !== 503;
}

/** Resolves once it is ready. Throws with its last words when it does not, and says what to install when it is not there. */
export async function startPeer(program: PeerProgram): Promise<Peer> {
  try {
    for (let attempt = 1; ; attempt += 1) {
      const started = await launch(program);
      if (typeof started !== 'string') return started;
      // Between choosing a port and listening on it, somebody else may have taken it.
      if (attempt === START_ATTEMPTS || !/address (already )?in use/i.test(started)) throw new Error(started);
    }
  } catch (error) {
    await rm(program.folder, { recursive: true, force: true });
    throw error;
  }
}

/** The running program, or the reason why it did not become ready. */
async function launch(program: PeerProgram): Promise<Peer | string> {
  const ports = await Promise.all(Array.from({ length: program.portCount ?? 1 }, freePort));
  await program.prepare?.(ports);
  const child = spawn(program.command, [...program.args(ports)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...program.env?.(ports) },
  });
  let lastWords = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-4000);
    });
  const release = child.pid === undefined ? () => {} : holdLifeline(child.pid, program.folder);
  const ready = await untilReady(child, () => program.isReady(ports));
  if (ready !== true) {
    await end(child);
    release();
    return `${program.name} did not become ready (${ready})\n${lastWords}`;
  }
  return {
    url: `http://127.0.0.1:${ports[0]}`,
    ports,
    pid: child.pid as number,
    async stop() {
      await end(child);
      await rm(program.folder, { recursive: true, force: true });
      release();
    },
  };
}

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<true | string> {
  let failure: string | undefined;
  child.once('error', (error: NodeJS.ErrnoException) => {
    failure = error.code === 'ENOENT' ? 'it is not installed: npm run setup' : error.message;
  });
  child.once('exit', (code, signal) => {
    failure ??= `it ended with ${code ?? signal}`;
  });
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline && failure === undefined; ) {
    if (await isReady().catch(() => false)) return true;
    await sleep(50);
  }
  return failure ?? `no answer within ${READY_WITHIN_MS / 1000} s`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await gone;
  clearTimeout(insist);
}
