import type { Environment } from './environment.ts';
import type { Nature } from './nature.ts';
import type { Node } from './node.ts';

/** A mistake the checker found. */
export class CheckFailure extends Error {
  readonly at: number;
  constructor(message: string, node: { readonly at: number }) {
    super(message);
    this.at = node.at;
  }
}

/** What the rules for operators and calls need of the checker. */
export interface CheckContext {
  readonly environment: Environment;
  /** Whether `#` stands for something here. */
  readonly isInPredicate: boolean;
  visit(node: Node): Nature;
  /** Visits a predicate with `#` standing for the elements of `collection`. */
  visitPredicate(collection: Nature, predicate: Node, pointers: Readonly<Record<string, Nature>>): Nature;
  /** Throws a CheckFailure. */
  fail(node: { readonly at: number }, message: string): never;
}
