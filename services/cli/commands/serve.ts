import { EXIT, type RunCommand } from '../command.ts';
import { configOf } from '../config-of.ts';

export const run: RunCommand = async (input, program) => {
  const config = await configOf(input);
  const stop = new AbortController();
  // A second signal finds no listener and ends the process at once.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  await program.serve(config, stop.signal);
  return EXIT.Successful;
};
