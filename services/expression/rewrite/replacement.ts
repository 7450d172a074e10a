import { ANY } from '../go/go-type.ts';
import { type Nature, natureOf } from '../nature.ts';
import type { Node } from '../node.ts';

type WithoutPlace<T> = T extends Node ? Omit<T, 'at' | 'depth' | 'nature' | 'shared'> : never;

/** A new node at the place of another and of its type; what was known beyond the type is lost, as in expr-lang. */
export function inPlaceOf(node: Node, content: WithoutPlace<Node>): Node {
  return { ...content, at: node.at, depth: node.depth, nature: typeOnly(node.nature!) } as Node;
}

/** A new node at the place of another with a type of its own. */
export function typedInPlaceOf(node: Node, content: WithoutPlace<Node>, nature: Nature): Node {
  return { ...content, at: node.at, depth: node.depth, nature } as Node;
}

/** A new node that stands nowhere in the source and has no type. */
export function unplaced(content: WithoutPlace<Node>, depth: number): Node {
  return { ...content, at: 0, depth, nature: natureOf(ANY) } as Node;
}

/** Moves a node to the place of another. */
export function moved(node: Node, to: Node): Node {
  node.at = to.at;
  node.nature = typeOnly(to.nature!);
  return node;
}

function typeOnly({ type }: Nature): Nature {
  return natureOf(type ?? ANY);
}
