import type { TSchema } from 'typebox';
import type { EngineDeps } from '../engine/deps.ts';
import type { Queue } from '../engine/ports.ts';
import type { Numbers } from './numbers.ts';

/** What the API works with; made once, where the program is put together. The engine's verbs take the same object. */
export interface ApiDeps extends EngineDeps {
  readonly queue: Queue;
  /** Each member of `metric.provider` with the schema of what may stand under it. */
  readonly providerSchemas: Readonly<Record<string, TSchema>>;
  /** What `/metrics` shows. */
  readonly numbers: Numbers;
  randomUuid(): string;
  randomBytes(size: number): Uint8Array;
}
