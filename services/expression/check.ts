import { isBuiltin } from './builtin-names.ts';
import { signatureOf } from './builtins/signature.ts';
import { checkBuiltin, checkSignature } from './check-call.ts';
import { type CheckContext, CheckFailure } from './check-context.ts';
import { checkBinary, checkUnary } from './check-operator.ts';
import type { Environment } from './environment.ts';
import {
  ANY,
  ANY_LIST,
  BOOL,
  BYTES,
  FLOAT64,
  type FuncType,
  fieldOf,
  funcOf,
  type GoType,
  INT,
  methodOf,
  STRING,
  STRING_MAP,
} from './go/go-type.ts';
import {
  deref,
  describe,
  elementOf,
  isAssignableTo,
  isBool,
  isInteger,
  isList,
  isUnknown,
  listOf,
  type Nature,
  NIL,
  natureOf,
  UNKNOWN,
} from './nature.ts';
import {
  type ArrayNode,
  type CallNode,
  type ConditionalNode,
  firstChild,
  type LetNode,
  type MemberNode,
  type Node,
  type PointerNode,
  type PredicateNode,
  type SliceNode,
} from './node.ts';

/** Inside a predicate: what `#` ranges over, and which of `#index` and `#acc` there are. */
interface Scope {
  readonly collection: Nature;
  readonly pointers: Readonly<Record<string, Nature>>;
}

/**
 * Works out what each node yields, from the static types of the environment, and refuses what cannot be. Throws a
 * CheckFailure at the first mistake, left to right and inside out; what is never reached is checked too.
 */
export function check(tree: Node, environment: Environment): Nature {
  return new Checker(environment).visit(tree);
}

class Checker implements CheckContext {
  readonly environment: Environment;
  readonly #scopes: Scope[] = [];
  readonly #variables: { readonly name: string; readonly nature: Nature }[] = [];

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** The nature of a node. A node with two parents, or tried against several signatures, is looked at once. */
  visit(node: Node): Nature {
    const open: Node[] = [];
    for (let next: Node | undefined = node; next !== undefined && next.nature === undefined; next = firstChild(next)) {
      open.push(next);
    }
    for (let next = open.pop(); next !== undefined; next = open.pop()) next.nature = this.#natureOf(next);
    return node.nature!;
  }

  get isInPredicate(): boolean {
    return this.#scopes.length > 0;
  }

  visitPredicate(collection: Nature, predicate: Node, pointers: Readonly<Record<string, Nature>>): Nature {
    this.#scopes.push({ collection, pointers });
    const nature = this.visit(predicate);
    this.#scopes.pop();
    return nature;
  }

  fail(node: { readonly at: number }, message: string): never {
    throw new CheckFailure(message, node);
  }

  #natureOf(node: Node): Nature {
    switch (node.kind) {
      case 'nil':
        return NIL;
      case 'identifier':
        return this.#identifier(node.name, node);
      case 'integer':
        return natureOf(INT);
      case 'float':
        return natureOf(FLOAT64);
      case 'bool':
        return natureOf(BOOL);
      case 'string':
        return natureOf(STRING);
      case 'bytes':
        return natureOf(BYTES);
      case 'constant':
        return UNKNOWN;
      case 'unary':
        return checkUnary(this, node, this.visit(node.operand));
      case 'binary':
        return checkBinary(this, node, this.visit(node.left), this.visit(node.right));
      case 'chain':
        return this.visit(node.node);
      case 'member':
        return this.#member(node);
      case 'slice':
        return this.#slice(node);
      case 'call':
        return this.#call(node);
      case 'builtin':
        return checkBuiltin(this, node);
      case 'predicate':
        return this.#predicate(node);
      case 'pointer':
        return this.#pointer(node);
      case 'let':
        return this.#let(node);
      case 'sequence':
        return this.#visitAll(node.nodes).at(-1)!;
      case 'conditional':
        return this.#conditional(node);
      case 'array':
        return this.#array(node);
      case 'map':
        for (const { key, value } of node.pairs) {
          this.visit(key);
          this.visit(value);
        }
        return natureOf(STRING_MAP);
    }
  }

  #visitAll(nodes: readonly Node[]): Nature[] {
    const natures: Nature[] = [];
    for (const node of nodes) natures.push(this.visit(node));
    return natures;
  }

  #identifier(name: string, node: Node): Nature {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) return variable.nature;
    if (name === '$env') return UNKNOWN;
    const known = this.environment.natures.get(name);
    if (known !== undefined) return known;
    if (isBuiltin(name)) {
      const builtin = signatureOf(name);
      return { type: builtin.type, isNil: false, builtin };
    }
    return this.fail(node, `unknown name ${name}`);
  }

  #member(node: MemberNode): Nature {
    const { object, property } = node;
    if (object.kind === 'identifier' && object.name === '$env') {
      if (property.kind !== 'string') return UNKNOWN;
      const known = this.environment.natures.get(property.value);
      if (known !== undefined || node.optional) return known ?? UNKNOWN;
      return this.fail(node, `unknown name ${property.value}`);
    }
    const base = this.visit(object);
    const index = this.visit(property);
    if (isUnknown(base)) return UNKNOWN;
    if (property.kind === 'string') {
      if (base.isNil) return this.fail(node, `type nil has no field ${property.value}`);
      const method = methodOf(base.type!, property.value);
      if (method !== undefined) return methodNature(base.type!, method);
    }
    const target = deref(base);
    switch (target.type?.kind) {
      case 'map': {
        const key = natureOf(target.type.key!);
        if (!isUnknown(index) && !isAssignableTo(index, key) && !isAssignableTo(deref(index), key)) {
          return this.fail(property, `cannot use ${describe(index)} to get an element from ${describe(target)}`);
        }
        return elementOf(target);
      }
      case 'array':
      case 'slice':
        if (!isInteger(deref(index)) && !isUnknown(deref(index))) {
          const got = describe(deref(index));
          return this.fail(property, `array elements can only be selected using an integer (got ${got})`);
        }
        return elementOf(target);
      case 'struct': {
        const field = property.kind === 'string' ? fieldOf(target.type, property.value) : undefined;
        if (field !== undefined) return natureOf(field);
        break;
      }
      default:
        break;
    }
    if (property.kind !== 'string') return this.fail(node, `type ${describe(target)}[${describe(index)}] is undefined`);
    const what = node.isMethod ? 'method' : 'field';
    return this.fail(node, `type ${describe(target)} has no ${what} ${property.value}`);
  }

  #slice(node: SliceNode): Nature {
    const nature = this.visit(node.object);
    if (isUnknown(nature)) return UNKNOWN;
    if (nature.type?.kind !== 'string' && !isList(nature)) this.fail(node, `cannot slice ${describe(nature)}`);
    for (const bound of [node.from, node.to]) {
      if (bound === undefined) continue;
      const index = deref(this.visit(bound));
      if (!isInteger(index) && !isUnknown(index)) this.fail(bound, `non-integer slice index ${describe(index)}`);
    }
    return nature;
  }

  #call(node: CallNode): Nature {
    const { callee } = node;
    if (callee.kind === 'identifier' && callee.name === '$env') {
      return this.fail(node, 'map[string]interface {} is not callable');
    }
    const nature = this.visit(callee);
    if (isUnknown(nature)) return UNKNOWN;
    if (nature.builtin !== undefined) return checkSignature(this, nature.builtin, node);
    let name = 'function';
    if (callee.kind === 'identifier') name = callee.name;
    else if (callee.kind === 'member' && callee.property.kind === 'string') name = callee.property.value;
    if (nature.isNil) return this.fail(node, `${name} is nil; cannot call nil as function`);
    const type = nature.type!;
    if (type.kind !== 'func') return this.fail(node, `${describe(nature)} is not callable`);
    return checkSignature(this, { name, type: nature.method ?? (type as FuncType) }, node);
  }

  /** The type of a predicate is a function; its outcome is kept beside it. */
  #predicate(node: PredicateNode): Nature {
    const inner = this.visit(node.body);
    const results: GoType[] = [];
    if (isUnknown(inner)) results.push(ANY);
    else if (!inner.isNil) results.push(inner.type!);
    return { type: funcOf([ANY], results), isNil: false, inner };
  }

  #pointer(node: PointerNode): Nature {
    const scope = this.#scopes.at(-1);
    if (scope === undefined) return this.fail(node, 'cannot use pointer accessor outside predicate');
    if (node.name === '') return isUnknown(scope.collection) ? UNKNOWN : elementOf(scope.collection);
    const known = Object.hasOwn(scope.pointers, node.name) ? scope.pointers[node.name] : undefined;
    return known ?? this.fail(node, `unknown pointer #${node.name}`);
  }

  #let(node: LetNode): Nature {
    const { name } = node;
    if (this.environment.natures.has(name)) this.fail(node, `cannot redeclare ${name}`);
    if (isBuiltin(name)) this.fail(node, `cannot redeclare builtin ${name}`);
    if (this.#variables.some((variable) => variable.name === name)) {
      this.fail(node, `cannot redeclare variable ${name}`);
    }
    this.#variables.push({ name, nature: this.visit(node.value) });
    const nature = this.visit(node.body);
    this.#variables.pop();
    return nature;
  }

  #conditional(node: ConditionalNode): Nature {
    const condition = deref(this.visit(node.condition));
    if (!isBool(condition) && !isUnknown(condition)) {
      this.fail(node.condition, `non-bool expression (type ${describe(condition)}) used as condition`);
    }
    const consequent = this.visit(node.consequent);
    const alternative = this.visit(node.alternative);
    if (consequent.isNil) return alternative;
    if (alternative.isNil) return consequent;
    if (!isAssignableTo(consequent, alternative)) return UNKNOWN;
    if (isList(consequent) && isList(alternative)) {
      const left = elementOf(consequent);
      const right = elementOf(alternative);
      if (!isAssignableTo(left, right) || !isAssignableTo(right, left)) return natureOf(ANY_LIST);
    }
    return consequent;
  }

  /** Elements of one kind give the list the element type of the last of them. */
  #array(node: ArrayNode): Nature {
    const natures = this.#visitAll(node.nodes);
    const kinds = new Set(natures.map(({ type }) => type?.kind));
    return kinds.size > 1 ? natureOf(ANY_LIST) : listOf(natures.at(-1) ?? UNKNOWN);
  }
}

/** Typed with its receiver, as messages show it; called without. */
function methodNature(receiver: GoType, method: FuncType): Nature {
  return { type: funcOf([receiver, ...method.parameters], method.results), isNil: false, method };
}
