/** A program of ours as a process of its own, under the Node that runs this one, and gone when this one is. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { holdLifeline } from './lifeline.ts';

export interface NodeProgram {
  readonly pid: number;
  /** What it has written to stdout and stderr so far. */
  output(): string;
  /** Resolves once it has written the text; rejects with what it wrote instead when it ends before. */
  says(text: string): Promise<void>;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it to end (SIGTERM unless told otherwise) and insists after thirty seconds. May be called twice. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Passes under way have ten seconds of grace, and a busy machine takes its time. */
const STOPS_WITHIN_MS = 30_000;
const OUTPUT_KEPT = 1 << 20;

/** Starts `node ARGS` in the project's folder. */
export function startNodeProgram(args: readonly string[], env: NodeJS.ProcessEnv = process.env): NodeProgram {
  const child = spawn(process.execPath, args, {
    cwd: new URL('../..', import.meta.url),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const written = new EventEmitter();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
      written.emit('text');
    });
  const release = holdLifeline(child.pid!);
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals)[]) => {
    release();
    return code ?? signal!;
  });
  return {
    pid: child.pid!,
    output: () => output,
    ended,
    says: async (text) => {
      const gone = new AbortController();
      void ended.then(() => gone.abort());
      try {
        while (!output.includes(text)) await once(written, 'text', { signal: gone.signal });
      } catch (cause) {
        throw new Error(`${args.join(' ')} ended before it said "${text}":\n${output}`, { cause });
      }
    },
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const insist = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
      return ended.finally(() => clearTimeout(insist));
    },
  };
}
