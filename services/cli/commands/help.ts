import { EXIT, type RunCommand } from '../command.ts';
import { commandHelp, overview } from '../help-text.ts';
import { findCommand, optionsOf } from '../parse-command-line.ts';

export const run: RunCommand = async ({ positionals: [name] }, { commands }) => {
  if (name === undefined) process.stdout.write(overview(commands));
  else {
    const command = findCommand(commands, name);
    process.stdout.write(commandHelp(command, await optionsOf(command)));
  }
  return EXIT.Successful;
};
