import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Provider } from '../contract.ts';

/** What a plugin exports, by default or as `provider`: of the contract, what it measures with; the rest Assay knows or does without. */
export type PluginModule = Pick<Provider, 'measure'> &
  Partial<Pick<Provider, 'resume' | 'cancel' | 'collect' | 'series' | 'metricMetadata' | 'check'>>;

/** A file (`./errors.ts`, relative to where Assay was started) or a package beside Assay's own. Throws Error saying what is wrong with it. */
export async function loadPlugin(location: string): Promise<PluginModule> {
  const isFile = /^(\.{0,2}\/|file:)/.test(location);
  const place = isFile && !location.startsWith('file:') ? pathToFileURL(resolve(location)).href : location;
  const exports = (await import(place)) as { readonly default?: unknown; readonly provider?: unknown };
  const plugin = exports.default ?? exports.provider;
  if (!isPlugin(plugin))
    throw new Error(
      `${location} exports no provider: it needs a default export (or "provider") with a function "measure"`,
    );
  return plugin;
}

function isPlugin(value: unknown): value is PluginModule {
  return typeof value === 'object' && value !== null && typeof (value as PluginModule).measure === 'function';
}
