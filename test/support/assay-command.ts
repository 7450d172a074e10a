/** `assay ARGS` as a user runs it: a process of its own, from its command line to its exit code. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly stdin?: string;
  /** Instead of the process's own, but for PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sends the signal once the output holds the text. */
  readonly interrupt?: { readonly after: string; readonly signal: NodeJS.Signals };
}

export async function assay(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { PATH = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, ['services/start.mjs', ...args], {
    cwd: new URL('../..', import.meta.url),
    env: { PATH, TMPDIR, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.stdin ?? '');
  const { interrupt } = options;
  if (interrupt !== undefined) {
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const before = seen.includes(interrupt.after);
      seen += chunk.toString('utf8');
      if (!before && seen.includes(interrupt.after)) child.kill(interrupt.signal);
    });
  }
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, out, err };
}
