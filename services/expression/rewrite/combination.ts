import { formatValue } from '../go/format-value.ts';
import { ANY } from '../go/go-type.ts';
import { type BinaryNode, type BuiltinNode, forEachChild, type Node, type PredicateNode } from '../node.ts';
import type { BinaryOperator } from '../operator.ts';
import { inPlaceOf, unplaced } from './replacement.ts';

/** Predicates over the same list are combined into one pass, where the list is the same text. */
export function combinePredicates(node: Node): Node {
  return (node.kind === 'binary' ? combine(node) : undefined) ?? node;
}

function combine(node: BinaryNode): Node | undefined {
  const { left, right } = node;
  if (left.kind !== 'builtin' || right.kind !== 'builtin' || left.name !== right.name) return undefined;
  const operator = combinedOperator(left.name, node.operator);
  if (operator === undefined || !isSameList(left, right)) return undefined;
  const both = unplaced(
    { kind: 'binary', operator, left: predicateOf(left).body, right: predicateOf(right).body },
    node.depth,
  );
  const predicate = unplaced({ kind: 'predicate', body: combinePredicates(both) }, node.depth);
  return inPlaceOf(node, { kind: 'builtin', name: left.name, args: [left.args[0]!, predicate] });
}

function predicateOf(node: BuiltinNode): PredicateNode {
  return node.args[1] as PredicateNode;
}

function combinedOperator(name: string, operator: BinaryOperator): BinaryOperator | undefined {
  const isAnd = operator === 'and' || operator === '&&';
  const isOr = operator === 'or' || operator === '||';
  if (name === 'all' && isAnd) return operator;
  if (name === 'any' && isOr) return operator;
  if (name === 'none' && isAnd) return operator === 'and' ? 'or' : '||';
  return undefined;
}

/** Go's types equal, and texts alike as expr-lang prints them: where the text says no more, 1 and 1.0 are the same. */
function isSameList(left: BuiltinNode, right: BuiltinNode): boolean {
  const [a] = left.args as [Node];
  const [b] = right.args as [Node];
  const typeOf = (node: Node) => node.nature?.type ?? ANY;
  return typeOf(a) === typeOf(b) && printsAlike(a, b, new Map());
}

/** `known` keeps nodes with two parents from being compared over and over. */
function printsAlike(left: Node, right: Node, known: Map<Node, Node>): boolean {
  if (left === right || (left.shared && known.get(left) === right)) return true;
  if (label(left) !== label(right)) return false;
  const lefts = childrenOf(left);
  const rights = childrenOf(right);
  if (lefts.length !== rights.length) return false;
  for (let index = 0; index < lefts.length; index++) {
    if (!printsAlike(lefts[index]!, rights[index]!, known)) return false;
  }
  if (left.shared) known.set(left, right);
  return true;
}

/** What a node's own part of the text is. */
function label(node: Node): string {
  switch (node.kind) {
    case 'integer':
    case 'float':
      return `number ${formatValue(node.value)}`;
    case 'identifier':
    case 'builtin':
    case 'pointer':
    case 'let':
      return `${node.kind} ${node.name}`;
    case 'string':
    case 'bool':
      return `${node.kind} ${node.value}`;
    case 'bytes':
      return `bytes ${node.value.join()}`;
    case 'constant':
      return `constant ${formatValue(node.value)}`;
    case 'unary':
    case 'binary':
      return `${node.kind} ${node.operator}`;
    case 'member':
      return `member ${node.optional}`;
    case 'slice':
      return `slice ${node.from !== undefined} ${node.to !== undefined}`;
    default:
      return node.kind;
  }
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  forEachChild(node, (child) => children.push(child));
  return children;
}
