import { firstChild, type Node, replaceChildren } from '../node.ts';

/** Looks at a node whose children have been replaced, and gives what stands in its place. */
export type Visit = (node: Node) => Node;

/** Replaces nodes from the leaves up. A node with two parents is replaced by one and the same node. */
export function walk(root: Node, visit: Visit): Node {
  return new Walk(visit).replace(root);
}

class Walk {
  readonly #visit: Visit;
  readonly #shared = new Map<Node, Node>();
  /** What takes the place of the first child to come. */
  #ready: Node | undefined;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  replace(node: Node): Node {
    const open: Node[] = [];
    let next: Node | undefined = node;
    while (next !== undefined && !(next.shared && this.#shared.has(next))) {
      open.push(next);
      next = firstChild(next);
    }
    let replaced = next === undefined ? undefined : this.#shared.get(next);
    for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
      replaced = this.#replaceBelow(parent, replaced);
    }
    return replaced!;
  }

  /** `first` is what stands in the place of the first child, if that has been seen to. */
  #replaceBelow(node: Node, first: Node | undefined): Node {
    this.#ready = first;
    replaceChildren(node, this.#replaceChild);
    const replaced = this.#visit(node);
    if (node.shared) {
      replaced.shared = true;
      this.#shared.set(node, replaced);
    }
    return replaced;
  }

  readonly #replaceChild = (child: Node): Node => {
    const ready = this.#ready;
    this.#ready = undefined;
    return ready ?? this.replace(child);
  };
}
