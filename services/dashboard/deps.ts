import type { TSchema } from 'typebox';
import type { EngineDeps } from '../engine/deps.ts';
import type { DeadLetters } from './dead-letters.ts';

/** What the dashboard works with: the engine's, since pages read what it stores and their actions are its verbs. */
export interface DashboardDeps extends EngineDeps {
  /** Each member of `metric.provider` with the schema of what may stand under it. */
  readonly providerSchemas: Readonly<Record<string, TSchema>>;
  readonly deadLetters: DeadLetters;
}
