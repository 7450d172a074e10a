import type { Node } from '../node.ts';

/** Looks at a node whose children have been replaced, and gives what stands in its place. */
export type Visit = (node: Node) => Node;

/** Replaces nodes from the leaves up. A node with two parents is replaced by one and the same node. */
export function walk(root: Node, visit: Visit): Node {
  return new Walk(visit).replace(root);
}

class Walk {
  readonly #visit: Visit;
  #replaced: Map<Node, Node> | undefined;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  replace(node: Node): Node {
    if (node.shared === undefined) return this.#replace(node);
    this.#replaced ??= new Map();
    const known = this.#replaced.get(node);
    if (known !== undefined) return known;
    const replaced = this.#replace(node);
    replaced.shared = true;
    this.#replaced.set(node, replaced);
    return replaced;
  }

  #replace(node: Node): Node {
    if (node.kind === 'binary') return this.#replaceSpine(node);
    this.#replaceChildren(node);
    return this.#visit(node);
  }

  /** Long chains of operators lean to the left; they are walked in a loop. */
  #replaceSpine(top: Node & { kind: 'binary' }): Node {
    const spine = [top];
    let left = top.left;
    while (left.kind === 'binary' && left.shared === undefined) {
      spine.push(left);
      left = left.left;
    }
    let replaced = this.replace(left);
    for (let link = spine.pop(); link !== undefined; link = spine.pop()) {
      link.left = replaced;
      link.right = this.replace(link.right);
      replaced = this.#visit(link);
    }
    return replaced;
  }

  #replaceChildren(node: Node): void {
    switch (node.kind) {
      case 'unary':
        node.operand = this.replace(node.operand);
        return;
      case 'binary':
        return;
      case 'chain':
        node.node = this.replace(node.node);
        return;
      case 'member':
        node.object = this.replace(node.object);
        node.property = this.replace(node.property);
        return;
      case 'slice':
        node.object = this.replace(node.object);
        if (node.from !== undefined) node.from = this.replace(node.from);
        if (node.to !== undefined) node.to = this.replace(node.to);
        return;
      case 'call':
        node.callee = this.replace(node.callee);
        this.#replaceAll(node.args);
        return;
      case 'builtin':
        this.#replaceAll(node.args);
        return;
      case 'predicate':
        node.body = this.replace(node.body);
        return;
      case 'let':
        node.value = this.replace(node.value);
        node.body = this.replace(node.body);
        return;
      case 'sequence':
      case 'array':
        this.#replaceAll(node.nodes);
        return;
      case 'conditional':
        node.condition = this.replace(node.condition);
        node.consequent = this.replace(node.consequent);
        node.alternative = this.replace(node.alternative);
        return;
      case 'map':
        for (const pair of node.pairs) {
          pair.key = this.replace(pair.key);
          pair.value = this.replace(pair.value);
        }
        return;
      case 'nil':
      case 'identifier':
      case 'integer':
      case 'float':
      case 'bool':
      case 'string':
      case 'bytes':
      case 'constant':
      case 'pointer':
        return;
    }
  }

  #replaceAll(nodes: Node[]): void {
    for (let index = 0; index < nodes.length; index++) nodes[index] = this.replace(nodes[index]!);
  }
}
