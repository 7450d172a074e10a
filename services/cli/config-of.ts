import { type Config, ConfigError, readConfig, SETTINGS } from '../config/read-config.ts';
import { type Input, UsageError } from './command.ts';

/** The settings that a command runs with. Throws UsageError with all mistakes. */
export async function configOf({ values }: Input): Promise<Config> {
  const flags = ['config', ...SETTINGS.map(({ flag }) => flag)];
  try {
    return await readConfig(Object.fromEntries(flags.map((flag) => [flag, values[flag]])));
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}
