import { exitCodeOf, type RunCommand } from '../command.ts';
import { deadlineOf } from '../deadline.ts';
import { followRun } from '../follow-run.ts';
import { verdictLines } from '../report.ts';
import { serverOf } from '../server.ts';

export const run: RunCommand = async (input) => {
  const name = input.positionals[0]!;
  const states = serverOf(input).follow(name, deadlineOf(input, `run ${name}`));
  const quiet = { measured: () => {}, progressed: () => {}, ended: () => {} };
  const last = await followRun(states, quiet);
  process.stdout.write(`${verdictLines(last)}\n`);
  return exitCodeOf(last.status?.phase);
};
