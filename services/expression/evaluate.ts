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
  /**
   * expr-lang keeps operands on a stack while it works out the next, and `findLast` and `findLastIndex` leave strays on it:
   * whoever holds an operand meanwhile takes a stray for it. `8 <= findLast([], # > 2)` fails with `bool <= <nil>`. Where
   * a condition has such a node, operands are kept on a stack here too.
   */
  readonly leavesStrays: boolean;
  compile(node: Node): Evaluate;
}

/** Evaluates operands in order and takes them off together. */
export function together(operands: readonly Evaluate[], { leavesStrays }: Compiling): (run: Run) => GoValue[] {
  if (!leavesStrays) return (run) => operands.map((operand) => operand(run));
  return (run) => {
    for (const operand of operands) run.stack.push(operand(run));
    return run.take(operands.length);
  };
}
