import { exitCodeOf, type RunCommand } from '../command.ts';
import { deadlineOf } from '../deadline.ts';
import { followRun } from '../follow-run.ts';
import { reporterOf } from '../report.ts';
import { serverOf } from '../server.ts';

export const run: RunCommand = async (input) => {
  const name = input.positionals[0]!;
  const reporter = reporterOf(input);
  const states = serverOf(input).follow(name, deadlineOf(input, `run ${name}`));
  return exitCodeOf((await followRun(states, reporter)).status?.phase);
};
