import type { Config } from './read-config.ts';
import { Settings } from './settings.ts';
import { withoutPassword } from './without-password.ts';

/** Names that Argo's controller and its client libraries know; their values may be secret, so only addresses are shown. */
const PROVIDER_SETTINGS_SHOWN = /(ADDRESS|NAMESPACE|REGION)$/u;

/** The settings in force as JSON-like data that reads back as a configuration file, secrets as `*****`. */
export function printableConfig(config: Config): Settings {
  const shown = Object.keys(Settings.properties) as (keyof Settings)[];
  const settings = Object.fromEntries(shown.map((name) => [name, config[name]])) as Settings;
  const providers = Object.entries(config.providers).map(([name, value]) => [name, maskProvider(name, value)]);
  return {
    ...settings,
    ...(config.redis !== undefined && { redis: withoutPassword(config.redis) }),
    tracing: {
      ...config.tracing,
      ...(config.tracing.endpoint !== undefined && { endpoint: withoutPassword(config.tracing.endpoint) }),
      ...(config.tracing.headers !== undefined && { headers: '*****' }),
    },
    providers: Object.fromEntries(providers) as Record<string, string>,
    accounts: maskTexts(config.accounts, ACCOUNT_TEXTS_SHOWN) as Settings['accounts'],
    notifications: {
      ...config.notifications,
      services: maskTexts(config.notifications.services, SERVICE_TEXTS_SHOWN) as Settings['notifications']['services'],
    },
  };
}

/** Any text of an account may be secret: shown are addresses, Secrets' names, and where values come from. */
const ACCOUNT_TEXTS_SHOWN = /^(provider|address|url|profile|name|env|file|secret|.*(ADDRESS|REGION))$/u;

/** The address of an incoming webhook is its password, too. */
const SERVICE_TEXTS_SHOWN = /^(type|from|host|security|env|file|secret)$/u;

function maskTexts(value: unknown, shown: RegExp, name = ''): unknown {
  if (typeof value === 'string') return shown.test(name) ? withoutPassword(value) : '*****';
  if (Array.isArray(value)) return value.map((item) => maskTexts(item, shown, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskTexts(member, shown, key)]));
}

function maskProvider(name: string, value: string): string {
  return PROVIDER_SETTINGS_SHOWN.test(name) ? withoutPassword(value) : '*****';
}
