import type { Config } from '../config/read-config.ts';
import { EXIT, type Program, type RunCommand } from './command.ts';
import { configOf } from './config-of.ts';

/** A command that runs until SIGTERM or SIGINT, then ends in order. */
export function untilSignal(
  serve: (program: Program, config: Config, signal: AbortSignal) => Promise<void>,
): RunCommand {
  return async (input, program) => {
    const config = await configOf(input);
    const stop = new AbortController();
    // A second signal finds no listener and ends the process at once.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
    await serve(program, config, stop.signal);
    return EXIT.Successful;
  };
}
