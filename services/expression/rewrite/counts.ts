import type { Node } from '../node.ts';
import { inPlaceOf } from './replacement.ts';

/** `count(list, p) > 0` and `>= 1` ask whether there is any. */
export function countAny(node: Node): Node {
  if (node.kind !== 'binary' || node.left.kind !== 'builtin' || node.right.kind !== 'integer') return node;
  const { left: count, operator, right } = node;
  if (count.name !== 'count' || count.args.length !== 2) return node;
  const isAny = (operator === '>' && right.value === 0n) || (operator === '>=' && right.value === 1n);
  return isAny ? inPlaceOf(node, { kind: 'builtin', name: 'any', args: count.args }) : node;
}

/** A count that is compared with a number need not go on once the answer is known. */
export function countThreshold(node: Node): Node {
  if (node.kind !== 'binary' || node.left.kind !== 'builtin' || node.right.kind !== 'integer') return node;
  const { left: count, operator, right } = node;
  if (count.name !== 'count' || count.args.length !== 2 || right.value < 0n) return node;
  let threshold = 0n;
  if (operator === '>' || operator === '<=') threshold = BigInt.asIntN(64, right.value + 1n);
  else if (operator === '>=' || operator === '<') threshold = right.value;
  if (threshold > 1n) count.threshold = threshold;
  return node;
}
