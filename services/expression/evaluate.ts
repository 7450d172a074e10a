import type { Node } from './node.ts';
import type { Run } from './run.ts';
import type { GoValue } from './value.ts';

/** A node made ready to run. Throws a Failure; `run.at` then tells where. */
export type Evaluate = (run: Run) => GoValue;

/** What an access yields when `?.` met a nil before it: the rest of the chain is passed over. */
export const SKIPPED: unique symbol = Symbol('skipped');
/** An access or call within a chain. */
export type Link = (run: Run) => GoValue | typeof SKIPPED;

/** A condition cannot be made ready to run. */
export class CompileFailure extends Error {}

/** What the parts of the compiler need of each other. */
export interface Compiling {
  compile(node: Node): Evaluate;
}
