import { CompileFailure, type Compiling, type Evaluate, together } from './evaluate.ts';
import { Failure } from './failure.ts';
import { follow, isIn } from './go/access.ts';
import { add, divide, modulo, multiply, subtract, toFloat, toInt } from './go/arithmetic.ts';
import { less, lessOrEqual, more, moreOrEqual } from './go/compare.ts';
import { equal } from './go/equal.ts';
import { BYTES, INT, INT_LIST, STRING } from './go/go-type.ts';
import { power } from './go/power.ts';
import { fromBytes } from './go/text.ts';
import type { BinaryNode } from './node.ts';
import { compileRegex, type Regex } from './regex.ts';
import type { Run } from './run.ts';
import { asBool, asString, bytesOf, type GoValue, isNil, notA, TypedList } from './value.ts';

/** A binary operator; pointers are followed on both sides. */
export function compileBinary(node: BinaryNode, compiling: Compiling): Evaluate {
  const { at } = node;
  const left = compiling.compile(node.left);
  switch (node.operator) {
    case 'or':
    case '||': {
      const right = compiling.compile(node.right);
      return (run) => {
        const value = left(run);
        run.at = at;
        return asBool(follow(value)) ? true : follow(right(run));
      };
    }
    case 'and':
    case '&&': {
      const right = compiling.compile(node.right);
      return (run) => {
        const value = left(run);
        run.at = at;
        return asBool(follow(value)) ? follow(right(run)) : false;
      };
    }
    case '??': {
      const right = compiling.compile(node.right);
      return (run) => {
        const value = follow(left(run));
        return isNil(value) ? follow(right(run)) : value;
      };
    }
    case 'matches':
      return compileMatches(node, left, compiling);
    case '==':
      return strict(node, left, compiling, equality(node));
    case '!=': {
      const isEqual = equality(node);
      return strict(node, left, compiling, (a, b) => !isEqual(a, b));
    }
    case '<':
      return strict(node, left, compiling, less);
    case '>':
      return strict(node, left, compiling, more);
    case '<=':
      return strict(node, left, compiling, lessOrEqual);
    case '>=':
      return strict(node, left, compiling, moreOrEqual);
    case '+':
      return strict(node, left, compiling, (a, b, run) => {
        if (typeof b === 'string') run.step(b.length >> 4);
        return add(a, b);
      });
    case '-':
      return strict(node, left, compiling, subtract);
    case '*':
      return strict(node, left, compiling, multiply);
    case '/':
      return strict(node, left, compiling, divide);
    case '%':
      return strict(node, left, compiling, modulo);
    case '**':
    case '^':
      return strict(node, left, compiling, (a, b) => power(toFloat(a), toFloat(b)));
    case '..':
      return strict(node, left, compiling, range);
    case 'in':
      return strict(node, left, compiling, (a, b, run) => isIn(a, b, (count) => run.step(count)));
    case 'contains':
      return strict(
        node,
        left,
        compiling,
        textTest((text, part) => text.includes(part)),
      );
    case 'startsWith':
      return strict(
        node,
        left,
        compiling,
        textTest((text, part) => text.startsWith(part)),
      );
    case 'endsWith':
      return strict(
        node,
        left,
        compiling,
        textTest((text, part) => text.endsWith(part)),
      );
  }
}

type Operation = (left: GoValue, right: GoValue, run: Run) => GoValue;

/** An operator that needs both operands. */
function strict(node: BinaryNode, left: Evaluate, compiling: Compiling, apply: Operation): Evaluate {
  const { at } = node;
  if (node.right.kind === 'float' || node.right.kind === 'integer' || node.right.kind === 'string') {
    const { value } = node.right;
    return (run) => {
      const a = left(run);
      run.at = at;
      return apply(typeof a === 'object' ? follow(a) : a, value, run);
    };
  }
  const right = compiling.compile(node.right);
  if (compiling.leavesStrays) {
    const operands = together([left, right], compiling);
    return (run) => {
      const [a, b] = operands(run) as [GoValue, GoValue];
      run.at = at;
      return apply(follow(a), follow(b), run);
    };
  }
  return (run) => {
    const a = left(run);
    const b = right(run);
    run.at = at;
    return apply(typeof a === 'object' ? follow(a) : a, typeof b === 'object' ? follow(b) : b, run);
  };
}

/** Where both sides are statically int, or both string, expr-lang insists on it. */
function equality({ left, right }: BinaryNode): (left: GoValue, right: GoValue) => boolean {
  const isBoth = (type: typeof INT) => left.nature?.type === type && right.nature?.type === type;
  if (isBoth(INT)) return (a, b) => insist(a, 'bigint', 'int') === insist(b, 'bigint', 'int');
  if (isBoth(STRING)) return (a, b) => insist(a, 'string', 'string') === insist(b, 'string', 'string');
  return (a, b) => equal(a, b);
}

function insist(value: GoValue, type: 'bigint' | 'string', name: string): GoValue {
  if (typeof value === type) return value;
  throw notA(value, name);
}

function range(from: GoValue, to: GoValue, run: Run): GoValue {
  const first = toInt(from);
  const last = toInt(to);
  // The size wraps as Go's ints do, and is then taken for none.
  const size = BigInt.asIntN(64, last - first + 1n);
  if (size <= 0n) return new TypedList(INT_LIST, []);
  run.allocate(Number(size));
  const items = new Array<GoValue>(Number(size));
  for (let index = 0, value = first; index < items.length; index++, value++) items[index] = value;
  return new TypedList(INT_LIST, items);
}

/** Nil on either side is no match. */
function textTest(test: (text: string, part: string) => boolean): Operation {
  return (left, right, run) => {
    if (isNil(left) || isNil(right)) return false;
    const text = asString(left);
    const part = asString(right);
    run.step(text.length >> 4);
    return test(text, part);
  };
}

function compileMatches(node: BinaryNode, left: Evaluate, compiling: Compiling): Evaluate {
  const { at } = node;
  if (node.right.kind === 'string') {
    const regex = compileRegex(node.right.value);
    if (typeof regex === 'string') throw new CompileFailure(regex);
    return (run) => {
      const value = follow(left(run));
      run.at = at;
      return !isNil(value) && matches(value, regex, run);
    };
  }
  const operands = together([left, compiling.compile(node.right)], compiling);
  return (run) => {
    const [value, pattern] = operands(run).map(follow) as [GoValue, GoValue];
    run.at = at;
    if (isNil(value) || isNil(pattern)) return false;
    const text = asString(pattern);
    run.step(text.length);
    return matches(value, mustCompile(text), run);
  };
}

function mustCompile(pattern: string): Regex {
  const regex = compileRegex(pattern);
  if (typeof regex === 'string') throw new Failure(regex);
  return regex;
}

function matches(value: GoValue, regex: Regex, run: Run): boolean {
  let text: string;
  if (typeof value === 'string') text = value;
  else if (value instanceof TypedList && value.type === BYTES) text = fromBytes(bytesOf(value));
  else throw notA(value, BYTES.name);
  run.step(text.length * regex.size);
  return regex.test(text);
}
