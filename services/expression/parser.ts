// Long, for a parser is one thing: its methods are the grammar, one production each, and call one another throughout.
import { type ArgumentKind, isBuiltin, predicateArguments } from './builtin-names.ts';
import { parseFloat64, parseInt64 } from './go/parse-number.ts';
import { isLetter } from './go/text.ts';
import { describeToken, Lexer, LexicalError, type Token, type TokenKind } from './lexer.ts';
import type { BinaryNode, MemberNode, Node, Pair, StringNode } from './node.ts';
import {
  type BinaryOperator,
  binaryOperator,
  isNegatable,
  isOrdering,
  type UnaryOperator,
  unaryOperator,
} from './operator.ts';

/** expr-lang's limit. */
const MAX_NODES = 10_000;
/** Deeper trees could overflow the stack of the passes that follow; nobody writes them. */
const MAX_DEPTH = 2_500;
/** Operands, lists and calls within each other that the parser itself descends into. */
const MAX_DESCENT = 1_000;

export interface SyntaxFailure {
  readonly message: string;
  readonly at: number;
}

/**
 * The tree of a text. `overridden` holds the names of the environment: a builtin of that name is reached by `::name` only.
 */
export function parse(text: string, overridden: ReadonlySet<string>): Node | { readonly failure: SyntaxFailure } {
  const parser = new Parser(text, overridden);
  const node = parser.parseProgram();
  return parser.failure === undefined ? node : { failure: parser.failure };
}

/** Stands for every node once something has failed; the tree is thrown away then. */
const NOTHING: Node = { kind: 'nil', at: 0, depth: 1 };

/** An operand that is begun and waits for what stands inside it; kept on a list, for these nest deeply. */
type Open =
  | { readonly kind: 'unary'; readonly token: Token; readonly level: number }
  | { readonly kind: 'parenthesis'; readonly nodes: Node[]; readonly level: number }
  | { readonly kind: 'list'; readonly token: Token; readonly nodes: Node[]; readonly level: number };

/**
 * Recursive descent with precedence climbing. As in expr-lang the first failure is kept and the parser winds up without
 * throwing: it still passes over closing brackets that fit, and a token that cannot be read behind them is then the failure.
 */
class Parser {
  failure: SyntaxFailure | undefined;
  readonly #lexer: Lexer;
  readonly #overridden: ReadonlySet<string>;
  #current: Token = { kind: 'EOF', value: '', at: 0 };
  #stashed: Token | undefined;
  #predicateDepth = 0;
  #descent = 0;
  #nodeCount = 0;

  constructor(text: string, overridden: ReadonlySet<string>) {
    this.#lexer = new Lexer(text);
    this.#overridden = overridden;
  }

  parseProgram(): Node {
    this.#next();
    const node = this.#sequence();
    if (this.#current.kind !== 'EOF') this.#failUnexpected();
    return node;
  }

  #next(): void {
    if (this.#stashed !== undefined) {
      this.#current = this.#stashed;
      this.#stashed = undefined;
      return;
    }
    const token = this.#lexer.next();
    if (token === undefined) this.#fail('unexpected end of expression');
    else if (token instanceof LexicalError) this.failure = token;
    else this.#current = token;
  }

  #fail(message: string, at = this.#current.at): void {
    this.failure ??= { message, at };
  }

  #failUnexpected(): void {
    this.#fail(`unexpected token ${describeToken(this.#current)}`);
  }

  #is(kind: TokenKind, value: string): boolean {
    return this.#current.kind === kind && this.#current.value === value;
  }

  #expect(kind: TokenKind, value?: string): void {
    if (this.#current.kind === kind && (value === undefined || this.#current.value === value)) this.#next();
    else this.#failUnexpected();
  }

  /** Counts a node; the caller goes on only if nothing has failed. */
  #make<T extends Node>(node: T): T | typeof NOTHING {
    this.#nodeCount += 1;
    if (this.#nodeCount > MAX_NODES) this.#fail('compilation failed: expression exceeds maximum allowed nodes');
    if (node.depth > MAX_DEPTH) this.#fail('compilation failed: expression nests too deeply', node.at);
    return this.failure === undefined ? node : NOTHING;
  }

  #sequence(): Node {
    return this.#restOfSequence([this.#expression(0)]);
  }

  #restOfSequence(nodes: Node[]): Node {
    while (this.#is('Operator', ';') && this.failure === undefined) {
      this.#next();
      if (this.#current.kind === 'EOF') break;
      nodes.push(this.#expression(0));
    }
    if (nodes.length === 1) return nodes[0]!;
    return this.#make({ kind: 'sequence', at: nodes[0]!.at, depth: below(nodes), nodes });
  }

  #expression(precedence: number): Node {
    if (this.failure !== undefined) return NOTHING;
    this.#descent += 1;
    if (this.#descent > MAX_DESCENT) this.#fail('compilation failed: expression nests too deeply');
    const node = this.#openExpression(precedence);
    this.#descent -= 1;
    return node;
  }

  /** An expression whose operators bind at least as tightly as `precedence`. */
  #openExpression(precedence: number): Node {
    const open: Open[] = [];
    let level = precedence;
    for (;;) {
      let node = this.#begin(open, level);
      if (node === undefined) {
        level = innerLevel(open[open.length - 1]!);
        continue;
      }
      for (;;) {
        const innermost = open[open.length - 1];
        if (innermost === undefined) return node;
        const closed = this.#close(innermost, node);
        if (closed === undefined) {
          level = 0;
          break;
        }
        open.pop();
        level = innermost.level;
        node = this.#operators(closed, level);
      }
    }
  }

  /** An operand with its operators; or undefined when it only opened an operand that now waits on `open`. */
  #begin(open: Open[], level: number): Node | undefined {
    if (this.failure !== undefined) return NOTHING;
    const token = this.#current;
    if (token.kind === 'Operator') {
      if (level === 0 && token.value === 'let') return this.#let();
      if (level === 0 && token.value === 'if') return this.#if();
      if (unaryOperator(token.value) !== undefined) {
        this.#next();
        open.push({ kind: 'unary', token, level });
        return undefined;
      }
    }
    if (token.kind === 'Bracket' && token.value === '(') {
      this.#next();
      open.push({ kind: 'parenthesis', nodes: [], level });
      return undefined;
    }
    if (token.kind === 'Bracket' && token.value === '[') {
      this.#next();
      const list: Open = { kind: 'list', token, nodes: [], level };
      if (this.#is('Bracket', ']') || this.failure !== undefined) return this.#operators(this.#list(list), level);
      open.push(list);
      return undefined;
    }
    return this.#operators(this.#primary(), level);
  }

  /** The operand that `node` completes; or undefined when there is more to come inside. */
  #close(open: Open, node: Node): Node | undefined {
    switch (open.kind) {
      case 'unary': {
        const operator = open.token.value as UnaryOperator;
        const made = this.#make({ kind: 'unary', at: open.token.at, depth: node.depth + 1, operator, operand: node });
        return made === NOTHING ? NOTHING : this.#postfix(made);
      }
      case 'parenthesis': {
        open.nodes.push(node);
        if (this.#is('Operator', ';') && this.failure === undefined) {
          this.#next();
          if (this.#current.kind !== 'EOF') return undefined;
        }
        const { nodes } = open;
        const inside =
          nodes.length === 1
            ? node
            : this.#make({ kind: 'sequence', at: nodes[0]!.at, depth: below(nodes), nodes: [...nodes] });
        this.#expect('Bracket', ')');
        return this.#postfix(inside);
      }
      case 'list': {
        open.nodes.push(node);
        if (!this.#is('Bracket', ']') && this.failure === undefined) {
          this.#expect('Operator', ',');
          if (!this.#is('Bracket', ']')) return undefined;
        }
        return this.#list(open);
      }
    }
  }

  #list({ token, nodes }: { readonly token: Token; readonly nodes: Node[] }): Node {
    this.#expect('Bracket', ']');
    const made = this.#make({ kind: 'array', at: token.at, depth: below(nodes), nodes });
    return made === NOTHING ? NOTHING : this.#postfix(made);
  }

  /** The binary operators that follow an operand, and at the loosest level `? :`. */
  #operators(operand: Node, level: number): Node {
    let left = operand;
    let previous = '';
    while (this.#current.kind === 'Operator' && this.failure === undefined) {
      let operator = this.#current;
      let negated: Token | undefined;
      if (operator.value === 'not') {
        const not = operator;
        this.#next();
        const after = this.#current;
        if (!isNegatable(after.value)) {
          this.#failUnexpected();
          break;
        }
        if (binaryOperator(after.value)!.precedence < level) {
          this.#stashed = after;
          this.#current = not;
          break;
        }
        negated = after;
        operator = after;
      }
      const found = binaryOperator(operator.value);
      if (found === undefined || found.precedence < level) break;
      this.#next();
      if (operator.value === '|') {
        const name = this.#current;
        this.#expect('Identifier');
        left = this.#call(name, [left], true);
      } else if (previous === '??' && operator.value !== '??') {
        this.#fail(
          `Operator (${operator.value}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.`,
          operator.at,
        );
        break;
      } else if (isOrdering(operator.value)) {
        left = this.#ordering(left, operator, found.precedence);
      } else {
        const right = this.#expression(found.rightAssociative ? found.precedence : found.precedence + 1);
        const made = this.#binary(operator, left, right);
        if (made === NOTHING) return NOTHING;
        left = made;
        if (negated !== undefined) {
          left = this.#make({ kind: 'unary', at: negated.at, depth: left.depth + 1, operator: 'not', operand: left });
          if (left === NOTHING) return NOTHING;
        }
      }
      previous = operator.value;
    }
    return level === 0 ? this.#conditional(left) : left;
  }

  #binary({ value, at }: Pick<Token, 'value' | 'at'>, left: Node, right: Node): Node {
    const depth = Math.max(left.kind === 'binary' ? left.depth : left.depth + 1, right.depth + 1);
    return this.#make<BinaryNode>({ kind: 'binary', at, depth, operator: value as BinaryOperator, left, right });
  }

  /** `a < b < c` becomes `a < b && b < c` with one `b`. */
  #ordering(first: Node, firstOperator: Token, precedence: number): Node {
    let left = first;
    let operator = firstOperator;
    let root: Node | undefined;
    for (;;) {
      const right = this.#expression(precedence + 1);
      const comparison = this.#binary(operator, left, right);
      if (comparison === NOTHING) return NOTHING;
      root = root === undefined ? comparison : this.#binary({ value: '&&', at: operator.at }, root, comparison);
      if (root === NOTHING) return NOTHING;
      operator = this.#current;
      if (operator.kind !== 'Operator' || !isOrdering(operator.value) || this.failure !== undefined) return root;
      right.shared = true;
      left = right;
      this.#next();
    }
  }

  #conditional(node: Node): Node {
    let condition = node;
    while (this.#is('Operator', '?') && this.failure === undefined) {
      this.#next();
      let consequent = condition;
      if (this.#is('Operator', ':')) {
        this.#next();
        condition.shared = true;
      } else {
        consequent = this.#expression(0);
        this.#expect('Operator', ':');
      }
      const alternative = this.#expression(0);
      const depth = below([condition, consequent, alternative]);
      const at = this.#current.at;
      condition = this.#make({ kind: 'conditional', at, depth, ternary: true, condition, consequent, alternative });
      if (condition === NOTHING) return NOTHING;
    }
    return condition;
  }

  #let(): Node {
    this.#next();
    const name = this.#current;
    this.#expect('Identifier');
    this.#expect('Operator', '=');
    const value = this.#expression(0);
    this.#expect('Operator', ';');
    const body = this.#sequence();
    return this.#make({ kind: 'let', at: name.at, depth: below([value, body]), name: name.value, value, body });
  }

  #if(): Node {
    this.#next();
    if (this.failure !== undefined) return NOTHING;
    const condition = this.#expression(0);
    this.#expect('Bracket', '{');
    const consequent = this.#sequence();
    this.#expect('Bracket', '}');
    this.#expect('Operator', 'else');
    let alternative: Node;
    if (this.#is('Operator', 'if')) {
      this.#descent += 1;
      if (this.#descent > MAX_DESCENT) this.#fail('compilation failed: expression nests too deeply');
      alternative = this.failure === undefined ? this.#if() : NOTHING;
      this.#descent -= 1;
    } else {
      this.#expect('Bracket', '{');
      alternative = this.#sequence();
      this.#expect('Bracket', '}');
    }
    const depth = below([condition, consequent, alternative]);
    // expr-lang neither counts this node nor gives it a place.
    return { kind: 'conditional', at: 0, depth, ternary: false, condition, consequent, alternative };
  }

  #primary(): Node {
    const token = this.#current;
    if (this.#predicateDepth > 0 && token.kind === 'Operator' && (token.value === '#' || token.value === '.')) {
      let name = '';
      if (token.value === '#') {
        this.#next();
        if (this.#current.kind === 'Identifier') {
          name = this.#current.value;
          this.#next();
        }
      }
      const made = this.#make({ kind: 'pointer', at: token.at, depth: 1, name });
      return made === NOTHING ? NOTHING : this.#postfix(made);
    }
    if (token.kind === 'Operator' && token.value === '::') {
      this.#next();
      const name = this.#current;
      this.#expect('Identifier');
      return this.#postfix(this.#call(name, [], false));
    }
    switch (token.kind) {
      case 'Identifier':
        return this.#identifier(token);
      case 'Number':
        return this.#number(token);
      case 'String': {
        this.#next();
        const made = this.#make({ kind: 'string', at: token.at, depth: 1, value: token.value });
        return made === NOTHING ? NOTHING : this.#postfix(made);
      }
      case 'Bytes': {
        this.#next();
        const made = this.#make({ kind: 'bytes', at: token.at, depth: 1, value: token.bytes! });
        return made === NOTHING ? NOTHING : this.#postfix(made);
      }
      case 'Operator':
      case 'Bracket':
      case 'EOF':
        if (token.kind === 'Bracket' && token.value === '{') return this.#postfix(this.#map(token));
        this.#failUnexpected();
        return NOTHING;
    }
  }

  #identifier({ value, at }: Token): Node {
    this.#next();
    if (value === 'true' || value === 'false')
      return this.#make({ kind: 'bool', at, depth: 1, value: value === 'true' });
    if (value === 'nil') return this.#make({ kind: 'nil', at, depth: 1 });
    if (this.#is('Bracket', '(')) return this.#postfix(this.#call({ kind: 'Identifier', value, at }, [], true));
    const made = this.#make({ kind: 'identifier', at, depth: 1, name: value });
    return made === NOTHING ? NOTHING : this.#postfix(made);
  }

  /** A failure in a number is reported at the token that follows it. */
  #number({ value, at }: Token): Node {
    this.#next();
    const digits = value.replaceAll('_', '');
    const prefix = digits.slice(0, 2).toLowerCase();
    if (prefix !== '0x' && /[.e]/i.test(digits)) {
      const number = parseFloat64(digits);
      if (typeof number === 'number') return this.#make({ kind: 'float', at, depth: 1, value: number });
      this.#fail(`invalid float literal: ${number.message}`);
      return NOTHING;
    }
    const base = prefix === '0x' ? 'hex' : prefix === '0b' ? 'binary' : prefix === '0o' ? 'octal' : 'integer';
    const number = parseInt64(digits, base === 'integer' ? 10 : 0);
    if (typeof number === 'bigint') return this.#make({ kind: 'integer', at, depth: 1, value: number });
    this.#fail(`invalid ${base} literal: ${number.message}`);
    return NOTHING;
  }

  /** A call by name: of a predicate builtin, another builtin, or a name of the environment. */
  #call(name: Token, given: readonly Node[], checkOverrides: boolean): Node {
    const isOverridden = checkOverrides && this.#overridden.has(name.value);
    const kinds = isOverridden ? undefined : predicateArguments(name.value);
    if (kinds !== undefined) {
      const args = this.#predicateArguments(kinds.slice(given.length), given);
      return this.#make({ kind: 'builtin', at: name.at, depth: below(args), name: name.value, args });
    }
    if (!isOverridden && isBuiltin(name.value)) {
      const args = this.#arguments(given);
      return this.#make({ kind: 'builtin', at: name.at, depth: below(args), name: name.value, args });
    }
    const callee = this.#make({ kind: 'identifier', at: name.at, depth: 1, name: name.value });
    if (callee === NOTHING) return NOTHING;
    const args = this.#arguments(given);
    return this.#make({ kind: 'call', at: name.at, depth: below(args), callee, args });
  }

  #predicateArguments(kinds: readonly ArgumentKind[], given: readonly Node[]): Node[] {
    const args = [...given];
    this.#expect('Bracket', '(');
    for (const [index, kind] of kinds.entries()) {
      if (this.#is('Bracket', ')')) {
        if (kind.endsWith('?')) break;
        this.#fail(`expected at least ${kinds.length} arguments`);
      }
      if (index > 0) this.#expect('Operator', ',');
      args.push(kind.startsWith('predicate') ? this.#predicate() : this.#expression(0));
    }
    if (this.#is('Operator', ',')) this.#next();
    this.#expect('Bracket', ')');
    return args;
  }

  #arguments(given: readonly Node[]): Node[] {
    const args = [...given];
    this.#expect('Bracket', '(');
    while (!this.#is('Bracket', ')') && this.failure === undefined) {
      if (args.length > given.length) this.#expect('Operator', ',');
      if (this.#is('Bracket', ')')) break;
      args.push(this.#expression(0));
    }
    this.#expect('Bracket', ')');
    return args;
  }

  #predicate(): Node {
    const { at } = this.#current;
    const inBraces = this.#is('Bracket', '{');
    if (inBraces) this.#next();
    this.#predicateDepth += 1;
    let body: Node;
    if (inBraces) body = this.#sequence();
    else {
      body = this.#expression(0);
      if (this.#is('Operator', ';')) this.#fail('wrap predicate with brackets { and }');
    }
    this.#predicateDepth -= 1;
    if (inBraces) this.#expect('Bracket', '}');
    return this.#make({ kind: 'predicate', at, depth: body.depth + 1, body });
  }

  #map(token: Token): Node {
    this.#next();
    const pairs: Pair[] = [];
    while (!this.#is('Bracket', '}') && this.failure === undefined) {
      if (pairs.length > 0) {
        this.#expect('Operator', ',');
        if (this.#is('Bracket', '}')) break;
        if (this.#is('Operator', ',')) this.#failUnexpected();
      }
      const key = this.#mapKey();
      if (key === undefined) return NOTHING;
      this.#expect('Operator', ':');
      const value = this.#expression(0);
      // expr-lang has a node for the pair; it counts.
      if (this.#make({ kind: 'nil', at: token.at, depth: 1 }) === NOTHING) return NOTHING;
      pairs.push({ key, value });
    }
    this.#expect('Bracket', '}');
    const depth = below(pairs.flatMap(({ key, value }) => [key, value]));
    return this.#make({ kind: 'map', at: token.at, depth, pairs });
  }

  /** Undefined when reading must end here. */
  #mapKey(): Node | undefined {
    const token = this.#current;
    if (token.kind === 'Number' || token.kind === 'String' || token.kind === 'Identifier') {
      const key = this.#make<StringNode>({ kind: 'string', at: token.at, depth: 1, value: token.value });
      if (key === NOTHING) return undefined;
      this.#next();
      return key;
    }
    if (this.#is('Bracket', '(')) return this.#expression(0);
    this.#fail(
      'a map key must be a quoted string, a number, a identifier, or an expression enclosed in parentheses ' +
        `(unexpected token ${describeToken(token)})`,
    );
    return NOTHING;
  }

  /** Accesses, slices and method calls behind an operand. */
  #postfix(operand: Node): Node {
    let node = operand;
    while ((this.#current.kind === 'Operator' || this.#current.kind === 'Bracket') && this.failure === undefined) {
      const token = this.#current;
      if (token.value === '.' || token.value === '?.') {
        this.#next();
        const optional = token.value === '?.';
        node = optional && this.#is('Bracket', '[') ? this.#index(node, true) : this.#member(node, optional);
      } else if (token.value === '[') node = this.#index(node, false);
      else break;
      if (node === NOTHING) return NOTHING;
    }
    return node;
  }

  #member(object: Node, optional: boolean): Node {
    const name = this.#current;
    this.#next();
    const isName = name.kind === 'Identifier' || (name.kind === 'Operator' && isLetter(name.value));
    if (!isName) this.#fail('expected name');
    const property = this.#make<StringNode>({ kind: 'string', at: name.at, depth: 1, value: name.value });
    if (property === NOTHING) return NOTHING;
    const inChain = object.kind === 'chain';
    const base = inChain ? object.node : object;
    const depth = base.depth + 1;
    const isMethod = this.#is('Bracket', '(');
    const member: MemberNode = { kind: 'member', at: name.at, depth, object: base, property, optional, isMethod };
    if (this.#make(member) === NOTHING) return NOTHING;
    let node: Node = member;
    if (isMethod) {
      const args = this.#arguments([]);
      node = this.#make({ kind: 'call', at: name.at, depth: below([member, ...args]), callee: member, args });
      if (node === NOTHING) return NOTHING;
    }
    if (!inChain && !optional) return node;
    return this.#make({ kind: 'chain', at: name.at, depth: node.depth + 1, node });
  }

  /** `[i]`, `[from:to]`, or `?.[i]`. */
  #index(object: Node, optional: boolean): Node {
    const { at } = this.#current;
    this.#next();
    const from = this.#is('Operator', ':') ? undefined : this.#expression(0);
    if (from === undefined || this.#is('Operator', ':')) {
      this.#next();
      const to = this.#is('Bracket', ']') ? undefined : this.#expression(0);
      const depth = below([object, from, to]);
      const slice = this.#make({ kind: 'slice', at, depth, object, from, to });
      if (slice !== NOTHING) this.#expect('Bracket', ']');
      return slice;
    }
    const depth = below([object, from]);
    let node = this.#make<Node>({ kind: 'member', at, depth, object, property: from, optional, isMethod: false });
    if (optional && node !== NOTHING) node = this.#make<Node>({ kind: 'chain', at, depth: depth + 1, node });
    if (node !== NOTHING) this.#expect('Bracket', ']');
    return node;
  }
}

function innerLevel(open: Open): number {
  return open.kind === 'unary' ? unaryOperator(open.token.value)!.precedence : 0;
}

function below(nodes: readonly (Node | undefined)[]): number {
  let depth = 0;
  for (const node of nodes) if (node !== undefined && node.depth > depth) depth = node.depth;
  return depth + 1;
}
