import { Failure, MEMORY_EXCEEDED, STEPS_EXCEEDED } from './failure.ts';
import type { GoValue } from './value.ts';

/** expr-lang's budget for the elements of lists and maps that one evaluation builds. */
const MEMORY_BUDGET = 1_000_000;
/**
 * Nodes evaluated and characters looked at in one evaluation; expr-lang has no such limit. A pass over the largest list that
 * memory allows leaves room for fifty nodes an element, and takes a second or two.
 */
const STEP_BUDGET = 50_000_000;
/** Elements of lists that expr-lang does not count (`split`, `uniq`, …). */
const UNCOUNTED_BUDGET = 20_000_000;

/** What `#` ranges over. */
export interface Scope {
  /** Undefined for a map, which has a length but no elements to take. */
  readonly items: readonly GoValue[] | undefined;
  readonly length: number;
  index: number;
  accumulator: GoValue;
}

/** The state of one evaluation. */
export class Run {
  readonly result: GoValue;
  readonly variables: GoValue[] = [];
  scope: Scope | undefined;
  /** Where in the source the operation stands that is being carried out. */
  at = 0;
  /** Operands that wait, where the condition leaves strays among them. */
  readonly stack: GoValue[] = [];
  #memory = MEMORY_BUDGET;
  #uncounted = UNCOUNTED_BUDGET;
  #steps = STEP_BUDGET;
  #now: bigint;

  /** `now` is in milliseconds since the epoch. */
  constructor(result: GoValue, now: number) {
    this.result = result;
    this.#now = BigInt(Math.round(now * 1e3)) * 1000n;
  }

  /** The time in nanoseconds since the epoch; each time it is asked for it is later, so `now() == now()` is false. */
  tick(): bigint {
    this.#now += 1n;
    return this.#now;
  }

  /** Accounts for a list or map of this length, before or after it is built. */
  allocate(length: number): void {
    this.#memory -= length;
    if (this.#memory <= 0) throw new Failure(MEMORY_EXCEEDED);
  }

  allocateUncounted(length: number): void {
    this.#uncounted -= length;
    if (this.#uncounted < 0) throw new Failure(MEMORY_EXCEEDED);
  }

  /** Takes the last operands off the stack. */
  take(count: number): GoValue[] {
    return this.stack.splice(this.stack.length - count);
  }

  step(count: number): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new Failure(STEPS_EXCEEDED);
  }
}
