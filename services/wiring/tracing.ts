import { UsageError } from '../cli/command.ts';
import { type Config, ConfigError } from '../config/read-config.ts';
import { type TracingConfig, tracingOf } from '../config/tracing.ts';

/** Undefined when nothing is to be traced. Throws UsageError. */
export function tracingSettings(config: Config): TracingConfig | undefined {
  try {
    return tracingOf(config);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message, 'see --tracing-endpoint') : error;
  }
}
