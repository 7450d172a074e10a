import { Failure, TOO_DEEP } from '../failure.ts';
import { negate, sized, toFloat, truncate } from '../go/arithmetic.ts';
import { less, more } from '../go/compare.ts';
import { NumberError, parseFloat64, parseInt64 } from '../go/parse-number.ts';
import { Duration } from '../go/time.ts';
import { type GoValue, itemsOf, numberOf, TypedInt, toInt64, typeName, typeOf } from '../value.ts';
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

/** The extreme of numbers and of lists of numbers, or null when there are none. The winner keeps its type. */
function extreme(name: string, isBeaten: (by: GoValue, value: GoValue) => boolean): Implementation {
  const beats = (best: GoValue, value: GoValue) => best === null || isBeaten(best, value);
  const ofList = (list: GoValue, items: readonly GoValue[], start: GoValue, depth: number): GoValue => {
    if (depth > MAX_DEPTH) throw new Failure(TOO_DEEP);
    let best = start;
    for (const item of items) {
      const inner = itemsOf(item);
      if (inner !== undefined) {
        const nested = ofList(item, inner, null, depth + 1);
        if (nested !== null && beats(best, nested)) best = nested;
        else if (nested === null && typeOf(list)!.name !== '[]interface {}') numberArgument(name, nested);
      } else {
        numberArgument(name, item);
        if (beats(best, item)) best = item;
      }
    }
    return best;
  };
  return (args, run) => {
    let best: GoValue = null;
    for (const arg of args) {
      const items = itemsOf(arg);
      if (items !== undefined) {
        run.step(items.length);
        const nested = ofList(arg, items, typeOf(arg)!.name === '[]interface {}' ? best : null, 0);
        if (nested !== null && (nested === best || beats(best, nested))) best = nested;
      } else if (arg instanceof TypedInt || arg instanceof Duration || numberOf(arg) !== undefined) {
        if (beats(best, arg)) best = arg;
      } else if (args.length === 1) return arg;
      else numberArgument(name, arg);
    }
    return best;
  };
}

/** Count and sum of numbers in lists of lists. A nested list is summed on its own first, as Go does; order shows in the sum. */
function total(values: readonly GoValue[], depth: number): { count: number; sum: number } {
  if (depth > MAX_DEPTH) throw new Failure(TOO_DEEP);
  let count = 0;
  let sum = 0;
  for (const value of values) {
    const items = itemsOf(value);
    if (items === undefined) {
      sum += underlying('mean', value);
      count += 1;
    } else if (depth === 0 && items.every((item) => itemsOf(item) === undefined)) {
      // A flat list among the arguments is added number by number.
      for (const item of items) sum += underlying('mean', item);
      count += items.length;
    } else {
      const nested = total(items, depth + 1);
      sum += nested.sum;
      count += nested.count;
    }
  }
  return { count, sum };
}

function flatNumbers(values: readonly GoValue[], into: number[], depth: number): number[] {
  if (depth > MAX_DEPTH) throw new Failure(TOO_DEEP);
  for (const value of values) {
    const items = itemsOf(value);
    if (items === undefined) into.push(underlying('median', value));
    else flatNumbers(items, into, depth + 1);
  }
  return into;
}

function median(values: readonly GoValue[]): number {
  const numbers = Float64Array.from(flatNumbers(values, [], 0));
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
  max: extreme('max', less),
  min: extreme('min', more),
  mean: (args, run) => {
    run.step(countOf(args));
    const { count, sum } = total(args, 0);
    return count === 0 ? 0 : sum / count;
  },
  median: (args, run) => {
    run.step(countOf(args) * 4);
    return median(args);
  },
  bitand: bits('bitand', (x, y) => x & y),
  bitor: bits('bitor', (x, y) => x | y),
  bitxor: bits('bitxor', (x, y) => x ^ y),
  bitnand: bits('bitnand', (x, y) => x & ~y),
  bitshl: shift('bitshl', (x, count) => x << count),
  bitshr: shift('bitshr', (x, count) => x >> count),
  bitushr: shift('bitushr', (x, count) => BigInt.asUintN(64, x) >> count),
  bitnot: ([value]) => ~bitArgument('bitnot', value!),
};

function countOf(args: readonly GoValue[]): number {
  return args.reduce<number>((sum, arg) => sum + (itemsOf(arg)?.length ?? 1), 0);
}
