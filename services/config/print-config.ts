import type { Config } from './read-config.ts';
import { Settings } from './settings.ts';

/** Names that Argo's controller and its client libraries know; their values may be secret, so only addresses are shown. */
const PROVIDER_SETTINGS_SHOWN = /(ADDRESS|NAMESPACE|REGION)$/u;

/** The settings in force as JSON-like data that reads back as a configuration file, secrets as `*****`. */
export function printableConfig(config: Config): Settings {
  const shown = Object.keys(Settings.properties) as (keyof Settings)[];
  const settings = Object.fromEntries(shown.map((name) => [name, config[name]])) as Settings;
  const providers = Object.entries(config.providers).map(([name, value]) => [name, maskProvider(name, value)]);
  return { ...settings, providers: Object.fromEntries(providers) as Record<string, string> };
}

function maskProvider(name: string, value: string): string {
  return PROVIDER_SETTINGS_SHOWN.test(name) ? value.replace(/\/\/[^@/]*@/u, '//*****@') : '*****';
}
