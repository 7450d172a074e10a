import { add, divide, modulo, multiply, subtract } from '../go/arithmetic.ts';
import { ANY_LIST } from '../go/go-type.ts';
import { power } from '../go/power.ts';
import { concat } from '../go/text.ts';
import { BOOL_NATURE, FLOAT_NATURE, INT_NATURE, natureOf, STRING_NATURE } from '../nature.ts';
import type { ArrayNode, BinaryNode, BuiltinNode, Node, PredicateNode, UnaryNode } from '../node.ts';
import type { GoValue } from '../value.ts';
import { inPlaceOf, moved, typedInPlaceOf, unplaced } from './replacement.ts';
import { walk } from './walk.ts';

/** A constant that cannot be worked out. */
export class FoldFailure extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const MAX_ROUNDS = 1000;

/** Works out what is constant, again and again until nothing is left to work out. */
export function fold(root: Node): Node {
  let node = root;
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    let changed = false;
    node = walk(node, (inner) => {
      const folded = foldNode(inner);
      if (folded === undefined) return inner;
      changed = true;
      return folded;
    });
    if (!changed) break;
  }
  return node;
}

function foldNode(node: Node): Node | undefined {
  switch (node.kind) {
    case 'unary':
      return foldUnary(node);
    case 'binary':
      return foldBinary(node);
    case 'array':
      return foldList(node);
    case 'builtin':
      return foldFilters(node);
    default:
      return undefined;
  }
}

function constant(node: Node, value: bigint | number | string | boolean): Node {
  if (typeof value === 'bigint') return typedInPlaceOf(node, { kind: 'integer', value }, INT_NATURE);
  if (typeof value === 'number') return typedInPlaceOf(node, { kind: 'float', value }, FLOAT_NATURE);
  if (typeof value === 'string') return typedInPlaceOf(node, { kind: 'string', value }, STRING_NATURE);
  return typedInPlaceOf(node, { kind: 'bool', value }, BOOL_NATURE);
}

function foldUnary(node: UnaryNode): Node | undefined {
  const { operand, operator } = node;
  if (operator === '-' || operator === '+') {
    if (operand.kind !== 'integer' && operand.kind !== 'float') return undefined;
    if (operator === '+') return constant(node, operand.value);
    return constant(node, operand.kind === 'integer' ? BigInt.asIntN(64, -operand.value) : -operand.value);
  }
  return operand.kind === 'bool' ? constant(node, !operand.value) : undefined;
}

function foldBinary(node: BinaryNode): Node | undefined {
  const { left, right } = node;
  switch (node.operator) {
    case 'and':
    case '&&':
      if (left.kind === 'bool' && left.value) return moved(right, node);
      if (right.kind === 'bool' && right.value) return moved(left, node);
      return left.kind === 'bool' || right.kind === 'bool' ? constant(node, false) : undefined;
    case 'or':
    case '||':
      if (left.kind === 'bool' && !left.value) return moved(right, node);
      if (right.kind === 'bool' && !right.value) return moved(left, node);
      return left.kind === 'bool' || right.kind === 'bool' ? constant(node, true) : undefined;
    case '==': {
      const isLike =
        left.kind === right.kind && (left.kind === 'integer' || left.kind === 'string' || left.kind === 'bool');
      return isLike ? constant(node, left.value === (right as typeof left).value) : undefined;
    }
    case '%':
      if (left.kind !== 'integer' || right.kind !== 'integer') return undefined;
      if (right.value === 0n) throw new FoldFailure('integer divide by zero', node.at);
      return constant(node, modulo(left.value, right.value));
    case '+':
      if (left.kind === 'string' && right.kind === 'string') return constant(node, concat(left.value, right.value));
      return foldNumbers(node, add);
    case '-':
      return foldNumbers(node, subtract);
    case '*':
      return foldNumbers(node, multiply);
    case '/':
      return foldNumbers(node, divide);
    case '**':
    case '^':
      return foldNumbers(node, (a, b) => power(Number(a), Number(b)));
    default:
      return undefined;
  }
}

function foldNumbers(node: BinaryNode, apply: (left: GoValue, right: GoValue) => GoValue): Node | undefined {
  const { left, right } = node;
  if (left.kind !== 'integer' && left.kind !== 'float') return undefined;
  if (right.kind !== 'integer' && right.kind !== 'float') return undefined;
  return constant(node, apply(left.value, right.value) as bigint | number);
}

/** A list of literals is one value, and free of the memory budget. */
function foldList(node: ArrayNode): Node | undefined {
  if (node.nodes.length === 0) return undefined;
  const values: GoValue[] = [];
  for (const item of node.nodes) {
    if (item.kind !== 'integer' && item.kind !== 'float' && item.kind !== 'string' && item.kind !== 'bool') {
      return undefined;
    }
    values.push(item.value);
  }
  return typedInPlaceOf(node, { kind: 'constant', value: values }, natureOf(ANY_LIST));
}

/** `filter(filter(list, p), q)` is one pass. */
function foldFilters(node: BuiltinNode): Node | undefined {
  const [inner, outerPredicate] = node.args;
  if (node.name !== 'filter' || inner?.kind !== 'builtin' || inner.name !== 'filter') return undefined;
  const [list, innerPredicate] = inner.args as [Node, PredicateNode];
  const left = innerPredicate.body;
  const right = (outerPredicate as PredicateNode).body;
  const both = unplaced({ kind: 'binary', operator: '&&', left, right }, node.depth);
  const predicate = unplaced({ kind: 'predicate', body: both }, node.depth);
  return inPlaceOf(node, { kind: 'builtin', name: 'filter', args: [list, predicate] });
}
