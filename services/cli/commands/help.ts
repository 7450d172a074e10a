import { EXIT, type RunCommand, UsageError } from '../command.ts';
import { COMMANDS } from '../commands.ts';
import { commandHelp, overview } from '../help-text.ts';
import { optionsOf } from '../parse-command-line.ts';

export const run: RunCommand = async ({ positionals: [name] }) => {
  if (name === undefined) {
    process.stdout.write(overview());
    return EXIT.Successful;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(`no command "${name}"`, 'assay help');
  process.stdout.write(commandHelp(command, await optionsOf(command)));
  return EXIT.Successful;
};
