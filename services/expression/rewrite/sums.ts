import { INT_NATURE } from '../nature.ts';
import type { BuiltinNode, Node } from '../node.ts';
import { inPlaceOf, typedInPlaceOf, unplaced } from './replacement.ts';

const wrap = (value: bigint) => BigInt.asIntN(64, value);

/** `sum(m..n)`, with a simple predicate, and `reduce(m..n, # + #acc)` are worked out by the formula, wrapping as Go's ints do. */
export function sumOfRange(node: Node): Node {
  if (node.kind !== 'builtin' || (node.name !== 'sum' && node.name !== 'reduce')) return node;
  const range = node.args[0];
  if (range?.kind !== 'binary' || range.operator !== '..') return node;
  if (range.left.kind !== 'integer' || range.right.kind !== 'integer') return node;
  const from = range.left.value;
  const to = range.right.value;
  if (to < from) return node;
  const count = wrap(to - from + 1n);
  const sum = wrap(count * (from + to)) / 2n;
  const value = node.name === 'sum' ? sumOf(node, sum, count) : reductionOf(node, sum);
  return value === undefined ? node : typedInPlaceOf(node, { kind: 'integer', value: wrap(value) }, INT_NATURE);
}

/** With the predicates `#`, `# * k`, `k * #`, `# + k`, `k + #`, `# - k` and `k - #`. */
function sumOf(node: BuiltinNode, sum: bigint, count: bigint): bigint | undefined {
  const predicate = node.args[1];
  if (predicate === undefined) return sum;
  if (predicate.kind !== 'predicate') return undefined;
  const { body } = predicate;
  if (isElement(body)) return sum;
  if (body.kind !== 'binary') return undefined;
  const { left, operator, right } = body;
  const factor = isElement(left) ? right : isElement(right) ? left : undefined;
  if (factor?.kind !== 'integer') return undefined;
  switch (operator) {
    case '*':
      return factor.value * sum;
    case '+':
      return sum + count * factor.value;
    case '-':
      return isElement(left) ? sum - count * factor.value : count * factor.value - sum;
    default:
      return undefined;
  }
}

function reductionOf(node: BuiltinNode, sum: bigint): bigint | undefined {
  const [, predicate, initial] = node.args;
  if (predicate?.kind !== 'predicate' || predicate.body.kind !== 'binary') return undefined;
  const { left, operator, right } = predicate.body;
  const isSum = (isElement(left) && isAccumulator(right)) || (isAccumulator(left) && isElement(right));
  if (operator !== '+' || !isSum) return undefined;
  if (initial === undefined) return sum;
  return initial.kind === 'integer' ? initial.value + sum : undefined;
}

const isElement = (node: Node) => node.kind === 'pointer' && node.name === '';
const isAccumulator = (node: Node) => node.kind === 'pointer' && node.name === 'acc';

/** `sum([a, b, c])` becomes `a + (b + c)`. */
export function sumOfList(node: Node): Node {
  if (node.kind !== 'builtin' || node.name !== 'sum' || node.args.length !== 1) return node;
  const [list] = node.args;
  if (list?.kind !== 'array' || list.nodes.length < 2) return node;
  const [first, ...rest] = list.nodes as [Node, ...Node[]];
  const right = rest.reduceRight((sum, item) =>
    unplaced({ kind: 'binary', operator: '+', left: item, right: sum }, node.depth),
  );
  return inPlaceOf(node, { kind: 'binary', operator: '+', left: first, right });
}

/** `sum(map(list, f))` is one pass. */
export function sumOfMap(node: Node): Node {
  if (node.kind !== 'builtin' || node.name !== 'sum' || node.args.length !== 1) return node;
  const [map] = node.args;
  if (map?.kind !== 'builtin' || map.name !== 'map' || map.args.length !== 2) return node;
  return inPlaceOf(node, { kind: 'builtin', name: 'sum', args: [...map.args] });
}
