import { INT_SET, STRING_SET } from '../go/go-type.ts';
import { natureOf } from '../nature.ts';
import type { Node } from '../node.ts';
import { AnyMap } from '../value.ts';
import { inPlaceOf, unplaced } from './replacement.ts';

/** `x in [literals]` becomes a look-up: of ints where x is statically an int, else of strings. */
export function inList(node: Node): Node {
  if (node.kind !== 'binary' || node.operator !== 'in' || node.right.kind !== 'array') return node;
  const { nodes } = node.right;
  if (nodes.length === 0) return node;
  const isIntSet = node.left.nature?.type?.kind === 'int' && nodes.every((item) => item.kind === 'integer');
  if (!isIntSet && !nodes.every((item) => item.kind === 'string')) return node;
  const value = new AnyMap(isIntSet ? INT_SET : STRING_SET);
  for (const item of nodes) if (item.kind === 'integer' || item.kind === 'string') value.set(item.value, null);
  const set = unplaced({ kind: 'constant', value }, 1);
  set.nature = natureOf(value.type);
  return inPlaceOf(node, { kind: 'binary', operator: 'in', left: node.left, right: set });
}

/** `x in m..n` with x statically an int becomes two comparisons. */
export function inRange(node: Node): Node {
  if (node.kind !== 'binary' || node.operator !== 'in') return node;
  const { left, right } = node;
  if (left.nature?.type?.kind !== 'int' || right.kind !== 'binary' || right.operator !== '..') return node;
  if (right.left.kind !== 'integer' || right.right.kind !== 'integer') return node;
  left.shared = true;
  return inPlaceOf(node, {
    kind: 'binary',
    operator: 'and',
    left: unplaced({ kind: 'binary', operator: '>=', left, right: right.left }, node.depth),
    right: unplaced({ kind: 'binary', operator: '<=', left, right: right.right }, node.depth),
  });
}
