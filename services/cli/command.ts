import type { TSchema } from 'typebox';
import type { Config } from '../config/read-config.ts';
import type { Phase } from '../domain/phase.ts';
import type { Clock, Measurer, Queue, Secrets, Store } from '../engine/ports.ts';

/** What a command ends with. A verdict has its own number, so that a pipeline can tell a bad canary from a broken analysis. */
export const EXIT = {
  Successful: 0,
  Failed: 1,
  Inconclusive: 2,
  Error: 3,
  /** The command line or a file is wrong; nothing was started. */
  usage: 4,
  /** The time is up, there is no such object, or the server does not answer. */
  noVerdict: 5,
} as const;

export function exitCodeOf(phase: Phase | '' | undefined): number {
  switch (phase) {
    case 'Successful':
    case 'Failed':
    case 'Inconclusive':
    case 'Error':
      return EXIT[phase];
    default:
      return EXIT.noVerdict;
  }
}

/** The caller's mistake. The message says what is wrong, `fix` what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly fix: string | undefined;
  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}

/** No verdict can be had: the message says why. */
export class NoVerdictError extends Error {
  override readonly name: string = 'NoVerdictError';
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
  /** What stands for the value in the help: `URL`. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** What follows the name: `FILE [NAME]`. */
  readonly parameters: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Whether it also takes a flag for each setting. */
  readonly takesSettings?: true;
  /** Read from disk only when the command is given. */
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

export interface Input {
  readonly positionals: readonly string[];
  /** By option name; a list for options that may come several times. */
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
}

/** Resolves with the exit code. Throws UsageError and NoVerdictError; anything else thrown is a bug. */
export type RunCommand = (input: Input, program: Program) => Promise<number>;

export interface Source {
  readonly provider: string;
  /** Names of accounts; for plugin, of plugins. */
  readonly accounts: readonly string[];
}

export interface Trial {
  readonly ok: boolean;
  readonly message: string;
  readonly advice?: string;
}

/** What a process does: answer requests, run analyses, or both. One alone needs a store that others share. */
export type Role = 'api' | 'worker' | 'both';

/** Where the settings say that documents and tickets are. */
export interface Storage {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  /** It keeps tickets by itself, and other processes may be at work on it. */
  readonly isShared: boolean;
  close(): Promise<void>;
}

/** What only main.ts can give, since it alone knows everybody; each part is loaded on use. */
export interface Program {
  readonly version: string;
  /** What the help is about. */
  readonly commands: readonly Command[];
  /** Serves until the signal aborts, then shuts down in order. Throws UsageError when it cannot start. */
  serve(config: Config, signal: AbortSignal, role: Role): Promise<void>;
  /** Throws UsageError when somebody has to change something first. */
  openStorage(config: Config): Promise<Storage>;
  providerSchemas(): Promise<Readonly<Record<string, TSchema>>>;
  /** Mounted files and the cluster, whichever there is. */
  createSecrets(config: Config): Promise<Secrets>;
  /** The sources of metrics with the accounts that are configured for each. */
  listSources(config: Config): Promise<readonly Source[]>;
  /** Asks one of them, by the name of a provider, an account or a plugin. Undefined when there is none of that name. */
  trySource(config: Config, name: string, namespace: string): Promise<Trial | undefined>;
  createProviders(
    config: Config,
    deps: { readonly clock: Clock; readonly secrets: Secrets; readonly store?: Store },
  ): Promise<{ readonly measurer: Measurer; close(): void }>;
}

/** The value of an option that is given at most once. */
export function textOption(input: Input, name: string): string | undefined {
  const value = input.values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that may come several times. */
export function textOptions(input: Input, name: string): readonly string[] {
  const value = input.values[name];
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
}
