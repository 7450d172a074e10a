import { Failure, TOO_DEEP } from '../failure.ts';
import { negate, sized, toFloat, truncate } from '../go/arithmetic.ts';
import { less, more } from '../go/compare.ts';
import { NumberError, parseFloat64, parseInt64 } from '../go/parse-number.ts';
import { Duration } from '../go/time.ts';
import type { Run } from '../run.ts';
import { type GoValue, itemsOf, numberOf, TypedInt, toInt64, typeName } from '../value.ts';
import type { Implementation } from './implementation.ts';

/** expr-lang's limit on lists within lists. */
const MAX_DEPTH = 10_000;

function numberArgument(name: string, value: GoValue): number | bigint {
  const number = numberOf(value);
  if (number === undefined) throw new Failure(`invalid argument for ${name} (type ${typeName(value)})`);
  return number;
}

/** Means take whatever has a number underneath: durations and months too. */
function underlying(name: string, value: GoValue): number {
  if (value instanceof Duration) return Number(value.nanoseconds);
  return Number(value instanceof TypedInt ? value.value : numberArgument(name, value));
}

const rounding =
  (name: string, round: (value: number) => number): Implementation =>
  ([value]) => {
    const number = numberArgument(name, value!);
    return typeof number === 'number' ? round(number) : Number(number);
  };

/** Halves go away from zero. */
function round(value: number): number {
  const whole = Math.trunc(value);
  if (Math.abs(value - whole) >= 0.5) return whole + Math.sign(value);
  return whole === 0 ? value * 0 : whole;
}

function abs(value: GoValue): GoValue {
  const number = numberArgument('abs', value);
  if (typeof number === 'number') return number < 0 ? -number : number;
  if (number >= 0n) return value;
  return value instanceof TypedInt ? sized(value, -number) : negate(value);
}

function int(value: GoValue): GoValue {
  if (typeof value === 'string') {
    const number = parseInt64(value, 10);
    if (number instanceof NumberError) throw new Failure(`invalid operation: int(${value})`);
    return number;
  }
  // Durations, months and the like have an integer underneath.
  if (value instanceof TypedInt) return toInt64(value.value);
  if (value instanceof Duration) return value.nanoseconds;
  if (value === null) throw new Failure('reflect: call of reflect.Value.Type on zero Value');
  const number = numberOf(value);
  if (number === undefined) throw new Failure(`invalid operation: int(${typeName(value)})`);
  return typeof number === 'number' ? truncate(number) : number;
}

function float(value: GoValue): GoValue {
  if (typeof value !== 'string') return toFloat(value);
  const number = parseFloat64(value);
  if (number instanceof NumberError) throw new Failure(`invalid operation: float(${value})`);
  return number;
}

type Better = (value: GoValue, than: GoValue) => boolean;

/** A list on its way to being worked through, with what has come of it so far. Lists nest as deep as the limit allows. */
interface Level<State> {
  readonly items: readonly GoValue[];
  next: number;
  readonly state: State;
}

function descend<State>(stack: Level<State>[], items: readonly GoValue[], state: State): void {
  if (stack.length > MAX_DEPTH) throw new Failure(TOO_DEEP);
  stack.push({ items, next: 0, state });
}

/** The best of a list and of the lists in it, from `start` on; null when there are no numbers. NaN beats nothing. */
function bestOf(name: string, list: readonly GoValue[], start: GoValue, isBetter: Better): GoValue {
  const stack: Level<{ best: GoValue }>[] = [];
  descend(stack, list, { best: start });
  for (;;) {
    const level = stack[stack.length - 1]!;
    let candidate: GoValue;
    if (level.next < level.items.length) {
      candidate = level.items[level.next]!;
      level.next += 1;
      const inner = itemsOf(candidate);
      if (inner !== undefined) {
        descend(stack, inner, { best: null });
        continue;
      }
      numberArgument(name, candidate);
    } else {
      candidate = level.state.best;
      stack.pop();
      if (stack.length === 0) return candidate;
      if (candidate === null) continue;
    }
    const { state } = stack[stack.length - 1]!;
    if (state.best === null || isBetter(candidate, state.best)) state.best = candidate;
  }
}

/** The extreme of numbers and of lists of numbers, or nil when there are none. The winner keeps its type. */
function extreme(name: string, isBetter: Better): Implementation {
  return (args, run) => {
    let best: GoValue = null;
    for (const arg of args) {
      const items = itemsOf(arg);
      if (Array.isArray(arg)) {
        run.step(arg.length);
        best = bestOf(name, arg as readonly GoValue[], best, isBetter);
      } else if (items !== undefined) {
        // A list of one type is worked through on its own first.
        run.step(items.length);
        const winner = bestOf(name, items, null, isBetter);
        if (winner !== null && (best === null || isBetter(winner, best))) best = winner;
      } else if (arg instanceof TypedInt || arg instanceof Duration || numberOf(arg) !== undefined) {
        if (best === null || isBetter(arg, best)) best = arg;
      } else if (args.length === 1) return arg;
      else numberArgument(name, arg);
    }
    return best;
  };
}

/** The lists among the arguments taken apart, one level. */
function members(args: readonly GoValue[], run: Run): readonly GoValue[] {
  const all: GoValue[] = [];
  for (const arg of args) {
    const items = itemsOf(arg);
    if (items === undefined) all.push(arg);
    else for (const item of items) all.push(item);
  }
  run.step(all.length);
  return all;
}

/** Sum and count; a list within a list is summed on its own first, as Go does, which can show in the last digit. */
function mean(args: readonly GoValue[], run: Run): number {
  const stack: Level<{ sum: number; count: number }>[] = [];
  descend(stack, members(args, run), { sum: 0, count: 0 });
  for (;;) {
    const level = stack[stack.length - 1]!;
    const { state } = level;
    if (level.next < level.items.length) {
      const item = level.items[level.next]!;
      level.next += 1;
      const inner = itemsOf(item);
      if (inner === undefined) {
        state.sum += underlying('mean', item);
        state.count += 1;
      } else {
        run.step(inner.length);
        descend(stack, inner, { sum: 0, count: 0 });
      }
      continue;
    }
    stack.pop();
    const outer = stack[stack.length - 1]?.state;
    if (outer === undefined) return state.count === 0 ? 0 : state.sum / state.count;
    outer.sum += state.sum;
    outer.count += state.count;
  }
}

function flatNumbers(args: readonly GoValue[], run: Run): number[] {
  const numbers: number[] = [];
  const stack: Level<undefined>[] = [];
  descend(stack, members(args, run), undefined);
  for (let level = stack[stack.length - 1]; level !== undefined; level = stack[stack.length - 1]) {
    if (level.next >= level.items.length) {
      stack.pop();
      continue;
    }
    const item = level.items[level.next]!;
    level.next += 1;
    const inner = itemsOf(item);
    run.step(4);
    if (inner === undefined) numbers.push(underlying('median', item));
    else descend(stack, inner, undefined);
  }
  return numbers;
}

function median(args: readonly GoValue[], run: Run): number {
  const numbers = Float64Array.from(flatNumbers(args, run));
  if (numbers.length === 0) return 0;
  // NaN comes first, as Go sorts floats.
  numbers.sort((a, b) => (Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : Number.isNaN(b) ? 1 : a - b));
  const middle = Math.trunc(numbers.length / 2);
  return numbers.length % 2 === 1 ? numbers[middle]! : (numbers[middle - 1]! + numbers[middle]!) / 2;
}

function bitArgument(name: string, value: GoValue): bigint {
  const number = numberOf(value);
  if (typeof number === 'bigint') return toInt64(number);
  throw new Failure(`cannot use ${typeName(value)} as argument (type int) to call ${name}`);
}

const bits =
  (name: string, apply: (x: bigint, y: bigint) => bigint): Implementation =>
  ([x, y]) =>
    toInt64(apply(bitArgument(name, x!), bitArgument(name, y!)));

const shift = (name: string, apply: (x: bigint, count: bigint) => bigint): Implementation =>
  bits(name, (x, count) => {
    if (count < 0n) throw new Failure(`invalid operation: negative shift count ${count} (type int)`);
    return apply(x, count > 64n ? 64n : count);
  });

export const numbers: Readonly<Record<string, Implementation>> = {
  abs: ([value]) => abs(value!),
  ceil: rounding('ceil', Math.ceil),
  floor: rounding('floor', Math.floor),
  round: rounding('round', round),
  int: ([value]) => int(value!),
  float: ([value]) => float(value!),
  max: extreme('max', (value, than) => less(than, value)),
  min: extreme('min', (value, than) => more(than, value)),
  mean,
  median,
  bitand: bits('bitand', (x, y) => x & y),
  bitor: bits('bitor', (x, y) => x | y),
  bitxor: bits('bitxor', (x, y) => x ^ y),
  bitnand: bits('bitnand', (x, y) => x & ~y),
  bitshl: shift('bitshl', (x, count) => x << count),
  bitshr: shift('bitshr', (x, count) => x >> count),
  bitushr: shift('bitushr', (x, count) => BigInt.asUintN(64, x) >> count),
  bitnot: ([value]) => ~bitArgument('bitnot', value!),
};
