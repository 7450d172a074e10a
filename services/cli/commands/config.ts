import { stringify } from 'yaml';
import { printableConfig } from '../../config/print-config.ts';
import { EXIT, type RunCommand } from '../command.ts';
import { configOf } from '../config-of.ts';

export const run: RunCommand = async (input) => {
  process.stdout.write(stringify(printableConfig(await configOf(input))));
  return EXIT.Successful;
};
