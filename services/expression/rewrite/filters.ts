import { type BuiltinNode, forEachNode, type Node } from '../node.ts';
import { inPlaceOf } from './replacement.ts';

function isBuiltinCall(node: Node | undefined, name: string, argCount: number): node is BuiltinNode {
  return node?.kind === 'builtin' && node.name === name && node.args.length === argCount;
}

/** `map(filter(list, p), f)` is one pass, unless f asks for `#index`. */
export function mapOfFilter(node: Node): Node {
  if (!isBuiltinCall(node, 'map', 2)) return node;
  const [filter, mapper] = node.args as [Node, Node];
  if (mapper.kind !== 'predicate' || asksForIndex(mapper)) return node;
  if (filter.kind !== 'builtin' || filter.name !== 'filter' || filter.map !== undefined) return node;
  return inPlaceOf(node, { kind: 'builtin', name: 'filter', args: filter.args, map: mapper.body });
}

function asksForIndex(predicate: Node): boolean {
  let asks = false;
  forEachNode(predicate, (node) => {
    asks ||= node.kind === 'pointer' && node.name === 'index';
  });
  return asks;
}

/** `len(filter(list, p))` counts. */
export function lengthOfFilter(node: Node): Node {
  if (!isBuiltinCall(node, 'len', 1)) return node;
  const [filter] = node.args;
  return isBuiltinCall(filter, 'filter', 2)
    ? inPlaceOf(node, { kind: 'builtin', name: 'count', args: filter.args })
    : node;
}

/** `filter(list, p)[-1]` and `last(filter(list, p))` search from the end. */
export function lastOfFilter(node: Node): Node {
  return endOfFilter(node, 'findLast', -1n, 'last');
}

/** `filter(list, p)[0]` and `first(filter(list, p))` stop at the first match. */
export function firstOfFilter(node: Node): Node {
  return endOfFilter(node, 'find', 0n, 'first');
}

function endOfFilter(node: Node, name: 'find' | 'findLast', index: bigint, access: 'first' | 'last'): Node {
  const isIndex =
    node.kind === 'member' && !node.optional && node.property.kind === 'integer' && node.property.value === index;
  const filter = isIndex ? node.object : isBuiltinCall(node, access, 1) ? node.args[0] : undefined;
  if (!isBuiltinCall(filter, 'filter', 2)) return node;
  return inPlaceOf(node, { kind: 'builtin', name, args: filter.args, map: filter.map, throws: isIndex });
}
