import { sortBy } from './builtins/lists.ts';
import type { Compiling, Evaluate } from './evaluate.ts';
import { Failure } from './failure.ts';
import { follow, noElements } from './go/access.ts';
import { add } from './go/arithmetic.ts';
import { GROUPS } from './go/go-type.ts';
import { toBytes } from './go/text.ts';
import { type BuiltinNode, forEachNode, type Node } from './node.ts';
import type { Run, Scope } from './run.ts';
import {
  AnyMap,
  asBool,
  byteValue,
  type GoValue,
  isHashable,
  itemsOf,
  stringMapOf,
  typeName,
  typeOf,
} from './value.ts';

export function compilePredicateBuiltin(node: BuiltinNode, compiling: Compiling): Evaluate {
  const [listNode, predicateNode, thirdNode] = node.args as [Node, Node?, Node?];
  const list = compiling.compile(listNode);
  const { at } = node;
  const loop = loops[node.name as LoopName]({
    at,
    predicate: predicateNode === undefined ? element(at) : compiling.compile(predicateNode),
    third: thirdNode === undefined ? undefined : compiling.compile(thirdNode),
    map: node.map === undefined ? element(at) : compiling.compile(node.map),
    throws: node.throws === true,
    threshold: node.threshold === undefined ? Infinity : Number(node.threshold),
    leavesStrays: compiling.leavesStrays,
  });
  const cost =
    (predicateNode === undefined ? 1 : sizeOf(predicateNode)) + (node.map === undefined ? 0 : sizeOf(node.map));
  return (run) => {
    const value = list(run);
    run.at = at;
    const scope = scopeOf(follow(value));
    // Paid for at once: a loop may end early, but the budget is about what could be.
    run.step(1);
    const outer = run.scope;
    run.scope = scope;
    const outcome = loop(run, scope, cost);
    run.scope = outer;
    return outcome;
  };
}

/** Nodes that one pass over the predicate evaluates at most, loops within it apart. */
function sizeOf(node: Node): number {
  let size = 0;
  forEachNode(node, () => {
    size += 1;
  });
  return size;
}

/** Anything with a length passes; only elements can be asked for later. */
function scopeOf(value: GoValue): Scope {
  const items = typeof value === 'string' ? Array.from(toBytes(value), byteValue) : itemsOf(value);
  if (items !== undefined) return { items, length: items.length, index: 0, accumulator: null };
  const map = stringMapOf(value);
  const length = value instanceof AnyMap ? value.entries.size : map === undefined ? undefined : Object.keys(map).length;
  if (length !== undefined) return { items: undefined, length, index: 0, accumulator: null };
  const kind = typeOf(value)?.kind;
  throw new Failure(`reflect: call of reflect.Value.Len on ${kind === undefined ? 'zero' : kind} Value`);
}

/** The element at hand, where no predicate or mapping says otherwise. */
function element(at: number): Evaluate {
  return (run) => {
    run.at = at;
    const { index, items } = run.scope!;
    if (items === undefined) throw noElements();
    return items[index]!;
  };
}

interface Parts {
  readonly at: number;
  readonly predicate: Evaluate;
  readonly third: Evaluate | undefined;
  readonly map: Evaluate;
  readonly throws: boolean;
  readonly threshold: number;
  readonly leavesStrays: boolean;
}

type Loop = (run: Run, scope: Scope, cost: number) => GoValue;

/** Whether the predicate holds for the element at hand. */
function holds(run: Run, { at, predicate }: Parts): boolean {
  const value = predicate(run);
  if (typeof value === 'boolean') return value;
  run.at = at;
  return asBool(value);
}

/** The first element for which the predicate is `wanted` decides. */
const quantifier =
  (wanted: boolean, found: boolean) =>
  (parts: Parts): Loop =>
  (run, scope, cost) => {
    for (; scope.index < scope.length; scope.index++) {
      run.step(cost);
      if (holds(run, parts) === wanted) return found;
    }
    return !found;
  };

const find =
  (fromEnd: boolean, what: 'element' | 'index') =>
  (parts: Parts): Loop =>
  (run, scope, cost) => {
    const step = fromEnd ? -1 : 1;
    for (
      scope.index = fromEnd ? scope.length - 1 : 0;
      scope.index >= 0 && scope.index < scope.length;
      scope.index += step
    ) {
      run.step(cost);
      if (fromEnd) run.stack.push(true);
      if (holds(run, parts)) return what === 'index' ? BigInt(scope.index) : parts.map(run);
    }
    if (fromEnd) run.stack.push(false);
    if (!parts.throws) return null;
    run.at = parts.at;
    throw new Failure('reflect: slice index out of range');
  };

/** How many elements the predicate holds for, up to the threshold. */
function countMatches(run: Run, scope: Scope, cost: number, parts: Parts): number {
  let count = 0;
  for (; scope.index < scope.length; scope.index++) {
    run.step(cost);
    if (!holds(run, parts)) continue;
    count += 1;
    if (count >= parts.threshold) break;
  }
  return count;
}

/** The elements of a list in the making; among strays they wait on the stack, and the last of what lies there is taken. */
class Collection {
  readonly #run: Run;
  readonly #parts: Parts;
  readonly #items: GoValue[];
  #count = 0;

  constructor(run: Run, parts: Parts) {
    this.#run = run;
    this.#parts = parts;
    this.#items = parts.leavesStrays ? run.stack : [];
  }

  add(item: GoValue): void {
    this.#items.push(item);
    this.#count += 1;
  }

  list(): GoValue[] {
    this.#run.at = this.#parts.at;
    this.#run.allocate(this.#count);
    return this.#parts.leavesStrays ? this.#run.take(this.#count) : this.#items;
  }
}

const loops = {
  all: quantifier(false, false),
  none: quantifier(true, false),
  any: quantifier(true, true),
  one:
    (parts: Parts): Loop =>
    (run, scope, cost) =>
      countMatches(run, scope, cost, parts) === 1,
  count:
    (parts: Parts): Loop =>
    (run, scope, cost) =>
      BigInt(countMatches(run, scope, cost, parts)),
  filter:
    (parts: Parts): Loop =>
    (run, scope, cost) => {
      const kept = new Collection(run, parts);
      for (; scope.index < scope.length; scope.index++) {
        run.step(cost);
        if (holds(run, parts)) kept.add(parts.map(run));
      }
      return kept.list();
    },
  map:
    (parts: Parts): Loop =>
    (run, scope, cost) => {
      const mapped = new Collection(run, parts);
      for (; scope.index < scope.length; scope.index++) {
        run.step(cost);
        mapped.add(parts.predicate(run));
      }
      return mapped.list();
    },
  sum:
    ({ at, predicate }: Parts): Loop =>
    (run, scope, cost) => {
      scope.accumulator = 0n;
      for (; scope.index < scope.length; scope.index++) {
        run.step(cost);
        const value = predicate(run);
        run.at = at;
        scope.accumulator = add(value, scope.accumulator);
      }
      return scope.accumulator;
    },
  find: find(false, 'element'),
  findIndex: find(false, 'index'),
  findLast: find(true, 'element'),
  findLastIndex: find(true, 'index'),
  groupBy:
    ({ at, predicate }: Parts): Loop =>
    (run, scope, cost) => {
      const groups = new AnyMap(GROUPS);
      const item = element(at);
      for (; scope.index < scope.length; scope.index++) {
        run.step(cost);
        const key = predicate(run);
        run.at = at;
        if (!isHashable(key)) throw new Failure(`hash of unhashable type: ${typeName(key)}`);
        const group = groups.get(key) as GoValue[] | undefined;
        if (group === undefined) groups.set(key, [item(run)]);
        else group.push(item(run));
      }
      run.allocateUncounted(scope.length);
      return groups;
    },
  sortBy:
    ({ at, predicate, third }: Parts): Loop =>
    (run, scope, cost) => {
      const order = third === undefined ? 'asc' : third(run);
      run.at = at;
      if (typeof order !== 'string') throw new Failure('sortBy order argument must be a string');
      if (order !== 'asc' && order !== 'desc') throw new Failure('unknown order, use asc or desc');
      const item = element(at);
      const items: GoValue[] = [];
      const values: GoValue[] = [];
      for (; scope.index < scope.length; scope.index++) {
        run.step(cost);
        values.push(predicate(run));
        items.push(item(run));
      }
      run.at = at;
      sortBy(items, values, order === 'desc', run);
      run.allocate(scope.length);
      return items;
    },
  reduce:
    ({ at, predicate, third }: Parts): Loop =>
    (run, scope, cost) => {
      if (third !== undefined) scope.accumulator = follow(third(run));
      else {
        run.at = at;
        if (scope.length === 0) throw new Failure('reduce of empty array with no initial value');
        scope.accumulator = element(at)(run);
        scope.index = 1;
      }
      for (; scope.index < scope.length; scope.index++) {
        run.step(cost);
        scope.accumulator = predicate(run);
      }
      return scope.accumulator;
    },
} satisfies Record<string, (parts: Parts) => Loop>;
type LoopName = keyof typeof loops;
