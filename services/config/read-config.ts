import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import { problemWith } from './check-value.ts';
import { Settings } from './settings.ts';

/** What the program runs with. */
export interface Config extends Settings {
  /** A provider setting by Argo's name: the environment variable, else the file's `providers` entry. Undefined when unset or, but for DD_ADDRESS, empty. */
  setting(name: string): string | undefined;
}

/** Everything that is wrong with the settings, one line each; the message has them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
/** Flag names without dashes; a list for a flag that was given several times. */
type Flags = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

interface Setting {
  readonly path: readonly string[];
  readonly schema: TSchema;
  readonly flag: string;
  readonly variable: string;
}

/** Argo takes DD_API_KEY and DD_APP_KEY only when this is set, too, if only to nothing: then it stands for the default address. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['DD_ADDRESS']);
const ENVIRONMENT_PREFIX = 'ASSAY_';

/** The settings that a flag or a variable can give: everything but the tables, which only the file has. */
export const SETTINGS: readonly Setting[] = leaves(Settings, []);

/**
 * Flags beat the environment, the environment beats the file (`--config FILE` or ASSAY_CONFIG), the file beats the defaults. Throws ConfigError
 * with all mistakes at once. Without `environment` it reads the process's own: this folder is the only one that does.
 */
export async function readConfig(flags: Flags, environment: Environment = process.env): Promise<Config> {
  const mistakes: string[] = [];
  const file = flags['config'] ?? environment['ASSAY_CONFIG'];
  const fromFile = typeof file === 'string' && file !== '' ? await readFile(file, mistakes) : {};
  const document = structuredClone(fromFile);
  for (const setting of SETTINGS) {
    const flag = flags[setting.flag];
    if (flag !== undefined) put(setting, [flag].flat().map(String), `--${setting.flag}`);
    else if (environment[setting.variable] !== undefined)
      put(setting, [environment[setting.variable]!], setting.variable);
  }
  mistakes.push(...unknownVariables(environment));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const settings = withDefaults(Settings, document) as Settings;
  const setting = (name: string): string | undefined =>
    environment[name] ||
    settings.providers[name] ||
    (MAY_BE_EMPTY.has(name) ? (environment[name] ?? settings.providers[name]) : undefined);
  return { ...settings, setting };

  function put({ path, schema }: Setting, texts: readonly string[], source: string): void {
    const value = fromText(schema, texts);
    const problem = problemWith(schema, value, '');
    if (problem.length > 0) mistakes.push(...problem.map((text) => `${source}${text}`));
    else assign(document, path, value);
  }
}

async function readFile(name: string, mistakes: string[]): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    const { parse } = await import('yaml');
    value = parse(readFileSync(name, 'utf8')) ?? {};
  } catch (error) {
    mistakes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
  const problems = problemWith(Settings, value, '');
  mistakes.push(...problems.map((problem) => `${name}: ${problem}`));
  return problems.length === 0 ? (value as Record<string, unknown>) : {};
}

function leaves(schema: TSchema, path: readonly string[]): Setting[] {
  const { properties } = schema as { properties?: Record<string, TSchema> };
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, member]) => leaves(member, [...path, name]));
  if ((schema as { type?: string }).type === 'object') return [];
  const words = path.map((part) => part.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)).join('-');
  return [{ path, schema, flag: words, variable: ENVIRONMENT_PREFIX + words.toUpperCase().replaceAll('-', '_') }];
}

/** What does not read as its type stays text, for the check to refuse it. */
function fromText(schema: TSchema, texts: readonly string[]): unknown {
  const { type } = schema as { type?: string };
  const last = texts.at(-1)!;
  if (type === 'array')
    return texts.flatMap((text) => text.split(',').map((part) => part.trim())).filter((part) => part !== '');
  if (type === 'boolean') return last === 'true' || (last === 'false' ? false : last);
  if (type !== 'integer' && type !== 'number') return last;
  return last.trim() === '' || Number.isNaN(Number(last)) ? last : Number(last);
}

function assign(document: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (rest.length === 0) document[first!] = value;
  else {
    document[first!] ??= {};
    assign(document[first!] as Record<string, unknown>, rest, value);
  }
}

function withDefaults(schema: TSchema, value: unknown): unknown {
  const { properties, default: preset } = schema as { properties?: Record<string, TSchema>; default?: unknown };
  if (properties === undefined) return value ?? structuredClone(preset);
  const given = (value ?? {}) as Record<string, unknown>;
  const filled = Object.entries(properties).map(([name, member]) => [name, withDefaults(member, given[name])] as const);
  return Object.fromEntries(filled.filter(([, member]) => member !== undefined));
}

function unknownVariables(environment: Environment): string[] {
  const known = new Set(['ASSAY_CONFIG', 'ASSAY_SERVER', ...SETTINGS.map(({ variable }) => variable)]);
  return Object.keys(environment)
    .filter((name) => name.startsWith(ENVIRONMENT_PREFIX) && !known.has(name))
    .map((name) => `${name}: no such setting; known: ${[...known].sort().join(', ')}`);
}
