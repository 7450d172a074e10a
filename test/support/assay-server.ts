/** `assay serve` as a user starts it: a process with its own port and data folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { type NodeProgram, startNodeProgram } from './node-program.ts';

export interface AssayServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly data: string;
  readonly program: NodeProgram;
  /** Stops it and removes the data folder, unless that was given. */
  stop(): Promise<void>;
}

export interface AssayOptions {
  /** The folder of an earlier server, to start on what it left. Without it: a new one. */
  readonly data?: string;
  readonly port?: number;
  /** Without it: serve. */
  readonly command?: 'serve' | 'api';
  /** Further flags of the command. */
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Far more than it takes, for machines that have other things to do. */
const READY_WITHIN_MS = 60_000;

/** The arguments of node for `npm start -- --listen LISTEN --data DATA`. */
export function serveCommand(listen: string, data: string, command = 'serve'): readonly string[] {
  return ['services/start.mjs', command, '--listen', listen, '--data', data];
}

/** Starts Assay and resolves once it is ready. Throws with what it wrote when it is not. */
export async function startAssay(options: AssayOptions = {}): Promise<AssayServer> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'assay-data-')));
  const listen = `127.0.0.1:${options.port ?? (await freePort())}`;
  const program = startNodeProgram(
    [...serveCommand(listen, data, options.command), ...(options.flags ?? [])],
    options.env,
  );
  const stop = async () => {
    await program.stop();
    if (options.data === undefined) await rm(data, { recursive: true, force: true });
  };
  const url = `http://${listen}`;
  if (await isReady(url, program)) return { url, data, program, stop };
  await stop();
  throw new Error(`assay did not become ready:\n${program.output()}`);
}

async function isReady(url: string, program: NodeProgram): Promise<boolean> {
  let ended = false;
  program.ended.then(
    () => {
      ended = true;
    },
    () => undefined,
  );
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline && !ended; await sleep(20)) {
    const isUp = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return true;
  }
  return false;
}
