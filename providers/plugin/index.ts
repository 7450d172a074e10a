import { type Deferred, type Provider, type ProviderCall, ProviderError, type Reading } from '../contract.ts';
import { compareStrings } from '../go-format.ts';
import { loadPlugin, type PluginModule } from './load-plugin.ts';
import { PluginQuery } from './query.ts';

type Call = ProviderCall<PluginQuery>;

/** Argo's words for where a plugin failed. */
type Verb = 'run' | 'resume' | 'terminate' | 'garbage collect' | 'get metadata';

/**
 * Sources that users have written, by name; each value a file or a package, loaded with the first metric that uses it. Argo's plugins are programs that speak
 * Go's gob, which nothing but Go does; these are modules with the contract that all of Assay's providers have.
 */
export function pluginProvider(plugins: Readonly<Record<string, string>>): Provider<PluginQuery> {
  const loaded = new Map<string, Promise<PluginModule>>();

  const find = async (call: Call): Promise<{ plugin: PluginModule; inside: ProviderCall<unknown>; name: string }> => {
    const name = nameIn(call.query);
    if (name === undefined) throw new ProviderError('refused', `no valid provider in metric '${call.metric.name}'`);
    const location = Object.hasOwn(plugins, name) ? plugins[name] : undefined;
    if (location === undefined) throw unusable(`plugin ${name} is not configured; ${knownText(plugins)}`);
    let loading = loaded.get(name);
    if (loading === undefined) {
      loading = loadPlugin(location);
      loaded.set(name, loading);
    }
    try {
      return { plugin: await loading, inside: { ...call, query: call.query[name] }, name };
    } catch (error) {
      loaded.delete(name);
      // Node goes on with where in Assay it was asked for, which helps nobody.
      throw unusable(`plugin ${name}: ${textOf(error).split(' imported from ')[0]}`, error);
    }
  };

  const via = async <Answer>(
    verb: Verb,
    call: Call,
    ask: (plugin: PluginModule, inside: ProviderCall<unknown>) => Promise<Answer> | undefined,
  ): Promise<Answer | undefined> => {
    const { plugin, inside } = await find(call);
    try {
      return await ask(plugin, inside);
    } catch (error) {
      throw failed(verb, error);
    }
  };

  return {
    member: 'plugin',
    typeName: 'RPCPlugin',
    schema: PluginQuery,
    account: (query) => nameIn(query) ?? 'none',
    // Nobody knows what a plugin's answer depends on, and what asking it sets off.
    shareable: false,
    async measure(call) {
      return checked('run', await via('run', call, (plugin, inside) => plugin.measure(inside)));
    },
    async resume(call, inFlight) {
      const { plugin, name } = await find(call);
      if (plugin.resume === undefined) throw failed('resume', new Error(`plugin ${name} has no "resume"`));
      return checked('resume', await via('resume', call, (_, inside) => plugin.resume?.(inside, inFlight)));
    },
    async cancel(call, inFlight) {
      const { plugin } = await find(call);
      // As Kayenta's executions in Argo: nobody can end it, and the run ends all the same.
      if (plugin.cancel === undefined)
        return { value: inFlight.value ?? '', verdict: { phase: 'Inconclusive', message: 'not ended at its source' } };
      return checked('terminate', await via('terminate', call, (_, inside) => plugin.cancel?.(inside, inFlight)));
    },
    async collect(call, result, limit) {
      await via('garbage collect', call, (plugin, inside) => plugin.collect?.(inside, result, limit));
    },
    async check(call) {
      await via('run', call, (plugin, inside) => plugin.check?.(inside));
    },
    async metricMetadata(call) {
      return (await via('get metadata', call, (plugin, inside) => plugin.metricMetadata?.(inside))) ?? {};
    },
    async series(call, range) {
      const { plugin, name } = await find(call);
      if (plugin.series === undefined)
        throw new ProviderError('refused', `plugin ${name} cannot give a series over a range of time`);
      return (await via('run', call, (_, inside) => plugin.series?.(inside, range))) ?? [];
    },
  };
}

/** Validation lets one name through; of several, the first in order. */
function nameIn(query: PluginQuery): string | undefined {
  return Object.keys(query).sort(compareStrings)[0];
}

function knownText(plugins: Readonly<Record<string, string>>): string {
  const names = Object.keys(plugins).sort(compareStrings);
  return names.length === 0 ? 'the setting plugins names none' : `the setting plugins names ${names.join(', ')}`;
}

/** What users write is read like an answer from outside. */
function checked(verb: Verb, answer: Reading | Deferred | undefined): Reading | Deferred {
  const { deferred, value, result, verdict } = (answer ?? {}) as Partial<Reading & Deferred>;
  if (deferred === true || (typeof value === 'string' && isDecided(result, verdict)))
    return answer as Reading | Deferred;
  throw failed(verb, new Error('its answer must be { result: { type, value }, value } or { deferred: true }'));
}

function isDecided(result: Reading['result'], verdict: Reading['verdict']): boolean {
  return verdict === undefined ? typeof result?.type === 'string' : typeof verdict.phase === 'string';
}

function failed(verb: Verb, error: unknown): ProviderError {
  const { kind, metadata, retryAt } = error as Partial<ProviderError>;
  const isKnown = kind === 'refused' || kind === 'no-data';
  return new ProviderError(isKnown ? kind : 'unavailable', `failed to ${verb} via plugin: ${textOf(error)}`, {
    cause: error,
    ...(metadata !== undefined && { metadata }),
    ...(retryAt !== undefined && { retryAt }),
  });
}

function unusable(text: string, cause?: unknown): ProviderError {
  return new ProviderError('refused', `failed to create plugin: unable to get metric plugin: ${text}`, { cause });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
