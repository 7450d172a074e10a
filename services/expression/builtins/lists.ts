import { Failure, TOO_DEEP } from '../failure.ts';
import { fetch, follow, methodValue } from '../go/access.ts';
import { toInt } from '../go/arithmetic.ts';
import { less } from '../go/compare.ts';
import { equal } from '../go/equal.ts';
import { FLOAT_LIST, fieldOf, INT_LIST, STRING_LIST } from '../go/go-type.ts';
import { sortPositions } from '../go/sort.ts';
import { byteAt, byteLength, runeCount } from '../go/text.ts';
import { Duration } from '../go/time.ts';
import type { Run } from '../run.ts';
import {
  AnyMap,
  byteValue,
  type GoValue,
  itemsOf,
  NIL_LIST,
  notA,
  Struct,
  stringMapOf,
  TypedInt,
  TypedList,
  typeName,
  typeOf,
} from '../value.ts';
import type { Implementation } from './implementation.ts';

const MAX_DEPTH = 10_000;

/** Go's name of a value's kind; nil has the kind `invalid`. */
export function kindName(value: GoValue): string {
  return typeOf(value)?.kind ?? 'invalid';
}

function listArgument(value: GoValue, complaint: string): readonly GoValue[] {
  const items = itemsOf(value);
  if (items === undefined) throw new Failure(complaint);
  return items;
}

function len(value: GoValue, run: Run): GoValue {
  if (typeof value === 'string') {
    run.step(value.length >> 4);
    return BigInt(runeCount(value));
  }
  const items = itemsOf(value);
  if (items !== undefined) return BigInt(items.length);
  const map = stringMapOf(value);
  if (map !== undefined) return BigInt(Object.keys(map).length);
  if (value instanceof AnyMap) return BigInt(value.entries.size);
  throw new Failure(`invalid argument for len (type ${typeName(value)})`);
}

/** An end of anything with elements; nil where there is none. */
const end =
  (index: bigint): Implementation =>
  ([value]) => {
    try {
      return fetch(value!, index);
    } catch (error) {
      if (error instanceof Failure) return null;
      throw error;
    }
  };

/** Like an index, but what is not there is nil. */
function get(from: GoValue, key: GoValue): GoValue {
  if (from === null) return null;
  const method = typeof key === 'string' ? methodValue(from, key) : undefined;
  if (method !== undefined) return method;
  const items = itemsOf(from);
  const length = typeof from === 'string' ? byteLength(from) : items?.length;
  if (length !== undefined) {
    const wanted = Number(toInt(key));
    const index = wanted < 0 ? length + wanted : wanted;
    if (index < 0 || index >= length) return null;
    return typeof from === 'string' ? byteValue(byteAt(from, index)) : items![index]!;
  }
  if (stringMapOf(from) !== undefined || from instanceof AnyMap) return fetch(from, key);
  if (from instanceof Struct || typeOf(from)!.kind === 'struct') {
    if (typeof key !== 'string') throw notA(key, 'string');
    return fieldOf(typeOf(from)!, key) === undefined ? null : fetch(from, key);
  }
  return null;
}

function take(list: GoValue, count: GoValue): GoValue {
  const items = listArgument(list, `cannot take from ${kindName(list)}`);
  const isSigned =
    typeof count === 'bigint' || count instanceof Duration || (count instanceof TypedInt && isSignedInt(count));
  if (!isSigned) throw new Failure(`cannot take ${kindName(count)} elements`);
  const wanted =
    typeof count === 'bigint' ? count : count instanceof Duration ? count.nanoseconds : (count as TypedInt).value;
  if (wanted < 0n) throw new Failure('reflect.Value.Slice: slice index out of bounds');
  const part = items.slice(0, wanted > BigInt(items.length) ? items.length : Number(wanted));
  return list instanceof TypedList ? new TypedList(list.type, part, list.isNil) : part;
}

function isSignedInt({ type }: TypedInt): boolean {
  return !type.name.startsWith('uint');
}

function uniq(list: GoValue, run: Run): GoValue {
  const items = listArgument(list, `cannot uniq ${kindName(list)}`);
  run.allocateUncounted(items.length);
  run.step(items.length);
  const kept: GoValue[] = [];
  if (areAlike(items)) {
    const seen = new Set<GoValue>();
    for (const item of items) {
      if (seen.has(item)) continue;
      kept.push(item);
      // NaN is equal to nothing, itself included.
      if (!Number.isNaN(item)) seen.add(item);
    }
    return kept;
  }
  for (const item of items) {
    run.step(kept.length);
    if (!kept.some((other) => equal(item, other))) kept.push(item);
  }
  return kept;
}

/** Plain values of one type, for which a look-up tells what equality would. */
function areAlike(items: readonly GoValue[]): boolean {
  const type = typeof items[0];
  return type !== 'object' && items.every((item) => typeof item === type);
}

function concat(lists: readonly GoValue[], run: Run): GoValue {
  const all: GoValue[] = [];
  for (const list of lists) {
    const items = listArgument(list, `cannot concat ${kindName(list)}`);
    run.step(items.length);
    for (const item of items) all.push(item);
  }
  run.allocate(all.length);
  return all.length === 0 ? NIL_LIST : all;
}

function flatten(list: GoValue, run: Run): GoValue {
  const flat: GoValue[] = [];
  // A stack of its own: lists may nest as deep as the limit allows.
  const stack = [{ items: listArgument(list, `cannot flatten ${kindName(list)}`), next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (top.next >= top.items.length) {
      stack.pop();
      continue;
    }
    run.step(1);
    const item = follow(top.items[top.next]!);
    top.next += 1;
    const items = itemsOf(item);
    if (items === undefined) flat.push(item);
    else {
      if (stack.length > MAX_DEPTH) throw new Failure(TOO_DEEP);
      stack.push({ items, next: 0 });
    }
  }
  run.allocate(flat.length);
  return flat;
}

/** Sorts a copy in place of `values` by Go's algorithm, `values` along with it. */
export function sortBy(items: GoValue[], values: GoValue[], isDescending: boolean, run: Run): void {
  const swap = (i: number, j: number) => {
    [items[i], items[j]] = [items[j]!, items[i]!];
    if (values !== items) [values[i], values[j]] = [values[j]!, values[i]!];
  };
  const isLess = isDescending
    ? (i: number, j: number) => less(values[j]!, values[i]!)
    : (i: number, j: number) => less(values[i]!, values[j]!);
  run.step(items.length * 2);
  sortPositions(items.length, isLess, swap);
}

function sort(list: GoValue, order: GoValue | undefined, run: Run): GoValue {
  const isSortable =
    Array.isArray(list) || (list instanceof TypedList && [INT_LIST, FLOAT_LIST, STRING_LIST].includes(list.type));
  const items = isSortable ? [...itemsOf(list)!] : undefined;
  if (order !== undefined) {
    if (typeof order !== 'string') throw new Failure(`sort order argument must be a string (got ${typeName(order)})`);
    if (order !== 'asc' && order !== 'desc') throw new Failure(`invalid order ${order}, expected asc or desc`);
  }
  if (items === undefined) return NIL_LIST;
  sortBy(items, items, order === 'desc', run);
  run.allocate(items.length);
  return items;
}

export const lists: Readonly<Record<string, Implementation>> = {
  len: ([value], run) => len(value!, run),
  first: end(0n),
  last: end(-1n),
  get: ([from, key]) => get(from!, key!),
  take: ([list, count]) => take(list!, count!),
  reverse: ([list], run) => {
    const items = listArgument(list!, `cannot reverse ${kindName(list!)}`);
    run.allocate(items.length);
    return items.toReversed();
  },
  uniq: ([list], run) => uniq(list!, run),
  concat: (args, run) => concat(args, run),
  flatten: ([list], run) => flatten(list!, run),
  sort: ([list, order], run) => sort(list!, order, run),
};
