import type { BinaryNode, BuiltinNode, Node, PredicateNode } from '../node.ts';
import type { BinaryOperator } from '../operator.ts';
import { print } from '../print.ts';
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

function isSameList(left: BuiltinNode, right: BuiltinNode): boolean {
  const [a] = left.args as [Node];
  const [b] = right.args as [Node];
  return a.nature?.type === b.nature?.type && print(a) === print(b);
}
