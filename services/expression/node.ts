import type { Nature } from './nature.ts';
import type { BinaryOperator, UnaryOperator } from './operator.ts';
import type { GoValue } from './value.ts';

/**
 * The tree of a condition. The checker fills in `nature`; the rewriter replaces and changes nodes. In a chained comparison
 * (`a < b < c`) and in `a ?: b` one node has two parents; it is marked `shared`.
 */
interface NodeBase {
  /** Where it stands in the source, as UTF-16 offset. */
  at: number;
  /** How many nodes lie below it at most; operands to the left of a binary operator count as lying beside it. */
  readonly depth: number;
  nature?: Nature;
  shared?: true;
}

export type Node =
  | NilNode
  | IdentifierNode
  | IntegerNode
  | FloatNode
  | BoolNode
  | StringNode
  | BytesNode
  | ConstantNode
  | UnaryNode
  | BinaryNode
  | ChainNode
  | MemberNode
  | SliceNode
  | CallNode
  | BuiltinNode
  | PredicateNode
  | PointerNode
  | LetNode
  | SequenceNode
  | ConditionalNode
  | ArrayNode
  | MapNode;

export interface NilNode extends NodeBase {
  readonly kind: 'nil';
}

export interface IdentifierNode extends NodeBase {
  readonly kind: 'identifier';
  readonly name: string;
}

export interface IntegerNode extends NodeBase {
  readonly kind: 'integer';
  readonly value: bigint;
}

export interface FloatNode extends NodeBase {
  readonly kind: 'float';
  readonly value: number;
}

export interface BoolNode extends NodeBase {
  readonly kind: 'bool';
  readonly value: boolean;
}

export interface StringNode extends NodeBase {
  readonly kind: 'string';
  readonly value: string;
}

export interface BytesNode extends NodeBase {
  readonly kind: 'bytes';
  readonly value: Uint8Array;
}

/** A list or set that the rewriter built from literals. */
export interface ConstantNode extends NodeBase {
  readonly kind: 'constant';
  readonly value: GoValue;
}

export interface UnaryNode extends NodeBase {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  operand: Node;
}

export interface BinaryNode extends NodeBase {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  left: Node;
  right: Node;
}

/** Where a chain of accesses with `?.` ends: a nil met inside it is the value of the whole. */
export interface ChainNode extends NodeBase {
  readonly kind: 'chain';
  node: Node;
}

export interface MemberNode extends NodeBase {
  readonly kind: 'member';
  object: Node;
  property: Node;
  readonly optional: boolean;
  /** Called at once: `object.property(…)`. */
  isMethod: boolean;
}

export interface SliceNode extends NodeBase {
  readonly kind: 'slice';
  object: Node;
  from: Node | undefined;
  to: Node | undefined;
}

export interface CallNode extends NodeBase {
  readonly kind: 'call';
  callee: Node;
  args: Node[];
}

export interface BuiltinNode extends NodeBase {
  readonly kind: 'builtin';
  readonly name: string;
  args: Node[];
  /** Set by the rewriter on `find` and `findLast`: no match is an error, as an index outside a list is. */
  readonly throws?: boolean;
  /** Set by the rewriter on `filter`, `find` and `findLast`: what becomes of an element that matches. */
  map?: Node | undefined;
  /** Set by the rewriter on `count`: the number of matches at which the answer is known. */
  threshold?: bigint;
}

export interface PredicateNode extends NodeBase {
  readonly kind: 'predicate';
  body: Node;
}

/** `#`, `#index`, `#acc`. */
export interface PointerNode extends NodeBase {
  readonly kind: 'pointer';
  readonly name: string;
}

export interface LetNode extends NodeBase {
  readonly kind: 'let';
  readonly name: string;
  value: Node;
  body: Node;
}

export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence';
  nodes: Node[];
}

export interface ConditionalNode extends NodeBase {
  readonly kind: 'conditional';
  /** `a ? b : c` rather than `if a { b } else { c }`. */
  readonly ternary: boolean;
  condition: Node;
  consequent: Node;
  alternative: Node;
}

export interface ArrayNode extends NodeBase {
  readonly kind: 'array';
  nodes: Node[];
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  pairs: Pair[];
}

export interface Pair {
  key: Node;
  value: Node;
}

/** Calls `visit` with each node directly below `node`, in the order in which they are checked and evaluated. */
export function forEachChild(node: Node, visit: (child: Node) => void): void {
  replaceChildren(node, (child) => {
    visit(child);
    return child;
  });
}

/** Calls `visit` with each node of a tree once, in no particular order. */
export function forEachNode(tree: Node, visit: (node: Node) => void): void {
  const pending = [tree];
  const seen = new Set<Node>();
  const add = (child: Node) => {
    pending.push(child);
    return child;
  };
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.shared) {
      if (seen.has(node)) continue;
      seen.add(node);
    }
    visit(node);
    replaceChildren(node, add);
  }
}

/** Puts `replace(child)` in the place of each child, in the order in which they are checked and evaluated. */
export function replaceChildren(node: Node, replace: (child: Node) => Node): void {
  switch (node.kind) {
    case 'unary':
      node.operand = replace(node.operand);
      return;
    case 'binary':
      node.left = replace(node.left);
      node.right = replace(node.right);
      return;
    case 'chain':
      node.node = replace(node.node);
      return;
    case 'member':
      node.object = replace(node.object);
      node.property = replace(node.property);
      return;
    case 'slice':
      node.object = replace(node.object);
      if (node.from !== undefined) node.from = replace(node.from);
      if (node.to !== undefined) node.to = replace(node.to);
      return;
    case 'call':
      node.callee = replace(node.callee);
      replaceAll(node.args, replace);
      return;
    case 'builtin':
      replaceAll(node.args, replace);
      if (node.map !== undefined) node.map = replace(node.map);
      return;
    case 'predicate':
      node.body = replace(node.body);
      return;
    case 'let':
      node.value = replace(node.value);
      node.body = replace(node.body);
      return;
    case 'sequence':
    case 'array':
      replaceAll(node.nodes, replace);
      return;
    case 'conditional':
      node.condition = replace(node.condition);
      node.consequent = replace(node.consequent);
      node.alternative = replace(node.alternative);
      return;
    case 'map':
      for (const pair of node.pairs) {
        pair.key = replace(pair.key);
        pair.value = replace(pair.value);
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

function replaceAll(nodes: Node[], replace: (child: Node) => Node): void {
  for (let index = 0; index < nodes.length; index++) nodes[index] = replace(nodes[index]!);
}

/**
 * The first child, if nothing of the node itself comes before it. Trees are deep along first children mostly (`a + b + c`,
 * `!!!x`, `[[[1]]]`, `f(f(f(x)))`), so passes go down there in a loop and spare the stack.
 */
export function firstChild(node: Node): Node | undefined {
  switch (node.kind) {
    case 'unary':
      return node.operand;
    case 'binary':
      return node.left;
    case 'member':
    case 'slice':
      return node.object;
    case 'array':
      return node.nodes[0];
    case 'builtin':
      // `get` looks at the number of its arguments first.
      return node.name === 'get' ? undefined : node.args[0];
    case 'conditional':
      return node.condition;
    default:
      return undefined;
  }
}
