import { predicateArguments } from './builtin-names.ts';
import { compileBinary } from './compile-binary.ts';
import { compileCall, compileValueBuiltin } from './compile-call.ts';
import { compilePredicateBuiltin } from './compile-predicate.ts';
import { type Environment, environmentValue } from './environment.ts';
import { CompileFailure, type Compiling, type Evaluate, type Link, SKIPPED, together } from './evaluate.ts';
import { Failure } from './failure.ts';
import {
  elementOrFetch,
  fetch,
  fetchField,
  follow,
  lengthForSlice,
  methodValue,
  noElements,
  slice,
} from './go/access.ts';
import { negate } from './go/arithmetic.ts';
import { fieldOf, methodOf } from './go/go-type.ts';
import { deref } from './nature.ts';
import {
  type BuiltinNode,
  type ChainNode,
  type ConditionalNode,
  firstChild,
  forEachNode,
  type LetNode,
  type MapNode,
  type MemberNode,
  type Node,
  type SliceNode,
  type UnaryNode,
} from './node.ts';
import type { Run } from './run.ts';
import { asBool, asString, bytesValue, emptyMap, type GoValue, isNil, typeName } from './value.ts';

/** Turns a checked and rewritten tree into functions. Throws a CompileFailure. */
export function compile(tree: Node, environment: Environment): Evaluate {
  return new Compiler(environment, leavesStrays(tree)).compile(tree);
}

/** Whether a node of the tree leaves strays on expr-lang's stack: `findLast`, or a chain that skips a call's arguments. */
function leavesStrays(tree: Node): boolean {
  let hasFindLast = false;
  let hasChain = false;
  let hasMethodCall = false;
  forEachNode(tree, (node) => {
    hasFindLast ||= node.kind === 'builtin' && (node.name === 'findLast' || node.name === 'findLastIndex');
    hasChain ||= node.kind === 'chain';
    hasMethodCall ||= node.kind === 'call' && node.callee.kind === 'member' && node.args.length > 0;
  });
  return hasFindLast || (hasChain && hasMethodCall);
}

class Compiler implements Compiling {
  readonly #environment: Environment;
  readonly #variables: { readonly name: string; readonly slot: number }[] = [];
  readonly #compiled = new Map<Node, Evaluate>();
  #slots = 0;

  readonly leavesStrays: boolean;

  constructor(environment: Environment, strays: boolean) {
    this.#environment = environment;
    this.leavesStrays = strays;
  }

  compile(node: Node): Evaluate {
    const open: Node[] = [];
    let next: Node | undefined = node;
    while (next !== undefined && !this.#compiled.has(next)) {
      open.push(next);
      next = firstChild(next);
    }
    for (next = open.pop(); next !== undefined; next = open.pop()) this.#compiled.set(next, this.#compileOnce(next));
    return this.#compiled.get(node)!;
  }

  /** With two parents a node is evaluated twice, and so are those within it: that must count. */
  #compileOnce(node: Node): Evaluate {
    const evaluate = this.#compile(node);
    if (!node.shared) return evaluate;
    return (run) => {
      run.step(SHARED_COST);
      return evaluate(run);
    };
  }

  #compile(node: Node): Evaluate {
    switch (node.kind) {
      case 'nil':
        return () => null;
      case 'integer':
      case 'float':
      case 'bool':
      case 'string':
      case 'constant':
        return constant(node.value);
      case 'bytes':
        return constant(bytesValue(node.value));
      case 'identifier':
        return this.#identifier(node.name);
      case 'unary':
        return this.#unary(node);
      case 'binary':
        return compileBinary(node, this);
      case 'chain':
        return this.#chain(node);
      case 'member':
        return this.#member(node);
      case 'slice':
        return this.#slice(node);
      case 'call':
        return compileCall(node, this.compile(node.callee), this);
      case 'builtin':
        return this.#builtin(node);
      case 'predicate':
        return this.compile(node.body);
      case 'pointer':
        return pointer(node.name, node.at);
      case 'let':
        return this.#let(node);
      case 'sequence':
        return this.#sequence(node.nodes);
      case 'conditional':
        return this.#conditional(node);
      case 'array':
        return this.#list(node.nodes, node.at);
      case 'map':
        return this.#map(node);
    }
  }

  #identifier(name: string): Evaluate {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) {
      const { slot } = variable;
      return (run) => run.variables[slot]!;
    }
    const environment = this.#environment;
    if (name === '$env') return (run) => environmentValue(environment, run);
    if (name === 'result') return (run) => run.result;
    // The name of a builtin without a call is nil.
    return environment.names.has(name) ? (run) => environment.value(name, run) : () => null;
  }

  #unary({ at, operand: operandNode, operator }: UnaryNode): Evaluate {
    const operand = this.compile(operandNode);
    switch (operator) {
      case '+':
        return (run) => follow(operand(run));
      case '-':
        return (run) => {
          const value = operand(run);
          run.at = at;
          return negate(follow(value));
        };
      case '!':
      case 'not':
        return (run) => {
          const value = operand(run);
          run.at = at;
          return !asBool(follow(value));
        };
    }
  }

  /** A typed nil at the end of a chain becomes plain nil. */
  #chain({ node }: ChainNode): Evaluate {
    const link = this.#link(node);
    return (run) => {
      const value = link(run);
      return value === SKIPPED || isNil(value) ? null : value;
    };
  }

  /** An access or method call inside a chain. */
  #link(node: Node): Link {
    if (node.kind === 'member') {
      const object = this.#link(node.object);
      const access = this.#access(node);
      const { optional } = node;
      return (run) => {
        const base = object(run);
        if (base === SKIPPED || (optional && isNil(base))) return SKIPPED;
        return access(run, base);
      };
    }
    if (node.kind === 'call' && node.callee.kind === 'member') {
      return compileCall(node, this.#link(node.callee), this);
    }
    return this.compile(node);
  }

  #member(node: MemberNode): Evaluate {
    const object = this.compile(node.object);
    const access = this.#access(node);
    return (run) => access(run, object(run));
  }

  /** Carries out an access to a value at hand. */
  #access(node: MemberNode): (run: Run, base: GoValue) => GoValue {
    const { at, object, property } = node;
    const type = object.nature?.type;
    if (property.kind === 'string' && type !== undefined && type.kind !== 'interface') {
      const name = property.value;
      if (methodOf(type, name) !== undefined) {
        return (run, base) => {
          run.at = at;
          const method = base === null ? undefined : methodValue(base, name);
          if (method === undefined) throw new Failure(`cannot fetch ${name} from ${typeName(base)}`);
          return method;
        };
      }
      const target = deref({ type, isNil: false }).type!;
      if (fieldOf(target, name) !== undefined) {
        if (object.kind === 'builtin' && object.throws === true) {
          // expr-lang's compiler crashes where the rewriter has replaced filter(…)[0] on a list of structs.
          throw new CompileFailure('runtime error: invalid memory address or nil pointer dereference');
        }
        return (run, base) => {
          run.at = at;
          return fetchField(base, name);
        };
      }
    }
    if (property.kind === 'integer' && property.value >= 0n && property.value < 2n ** 31n) {
      const key = property.value;
      const index = Number(key);
      return (run, base) => {
        run.at = at;
        if (typeof base === 'string') run.step(base.length);
        return elementOrFetch(base, index, key);
      };
    }
    const key = this.compile(property);
    const { leavesStrays } = this;
    return (run, base) => {
      if (leavesStrays) run.stack.push(base);
      const value = key(run);
      const from = leavesStrays ? run.take(1)[0]! : base;
      run.at = at;
      if (typeof from === 'string') run.step(from.length);
      return fetch(from, follow(value));
    };
  }

  #slice(node: SliceNode): Evaluate {
    const { at } = node;
    const { leavesStrays } = this;
    const object = this.compile(node.object);
    const to = node.to === undefined ? undefined : this.compile(node.to);
    const from = node.from === undefined ? constant(0n) : this.compile(node.from);
    return (run) => {
      let value = object(run);
      if (leavesStrays) run.stack.push(value);
      run.at = at;
      let end = to === undefined ? lengthForSlice(value) : to(run);
      if (leavesStrays) run.stack.push(end);
      const start = from(run);
      if (leavesStrays) [value, end] = run.take(2) as [GoValue, GoValue];
      run.at = at;
      if (typeof value === 'string') run.step(value.length);
      return slice(value, follow(start), follow(end));
    };
  }

  #builtin(node: BuiltinNode): Evaluate {
    return predicateArguments(node.name) !== undefined
      ? compilePredicateBuiltin(node, this)
      : compileValueBuiltin(node, this);
  }

  #let(node: LetNode): Evaluate {
    const value = this.compile(node.value);
    const slot = this.#slots++;
    this.#variables.push({ name: node.name, slot });
    const body = this.compile(node.body);
    this.#variables.pop();
    return (run) => {
      run.variables[slot] = value(run);
      return body(run);
    };
  }

  #sequence(nodes: readonly Node[]): Evaluate {
    const parts = nodes.map((part) => this.compile(part));
    const last = parts.pop()!;
    return (run) => {
      for (const part of parts) part(run);
      return last(run);
    };
  }

  #conditional(node: ConditionalNode): Evaluate {
    const { at } = node;
    const condition = this.compile(node.condition);
    const consequent = this.compile(node.consequent);
    const alternative = this.compile(node.alternative);
    return (run) => {
      const value = condition(run);
      run.at = at;
      return asBool(follow(value)) ? consequent(run) : alternative(run);
    };
  }

  #list(nodes: readonly Node[], at: number): Evaluate {
    const items = nodes.map((item) => this.compile(item));
    const collect = together(items, this);
    const { leavesStrays } = this;
    return (run) => {
      let list: GoValue[];
      if (leavesStrays) list = collect(run);
      else {
        // Written out, for lists nest deeply.
        list = new Array<GoValue>(items.length);
        for (let index = 0; index < items.length; index++) list[index] = items[index]!(run);
      }
      run.at = at;
      run.allocate(list.length);
      return list;
    };
  }

  /** Of two equal keys the first wins: expr-lang stores entries last to first. */
  #map({ at, pairs }: MapNode): Evaluate {
    const operands = together(
      pairs.flatMap(({ key, value }) => [this.compile(key), this.compile(value)]),
      this,
    );
    return (run) => {
      const values = operands(run);
      run.at = at;
      run.allocate(pairs.length);
      const map = emptyMap();
      for (let index = values.length - 2; index >= 0; index -= 2) map[asString(values[index]!)] = values[index + 1]!;
      return map;
    };
  }
}

/** What evaluating a node with two parents costs: they nest, and each doubles the work of those within it. */
const SHARED_COST = 10;

function constant(value: GoValue): Evaluate {
  return () => value;
}

function pointer(name: string, at: number): Evaluate {
  if (name === 'index') return (run) => BigInt(run.scope!.index);
  if (name === 'acc') return (run) => run.scope!.accumulator;
  return (run) => {
    const scope = run.scope!;
    if (scope.items !== undefined) return scope.items[scope.index]!;
    run.at = at;
    throw noElements();
  };
}
