import { predicateArguments } from './builtin-names.ts';
import { type Signature, signatureOf } from './builtins/signature.ts';
import type { CheckContext } from './check-context.ts';
import { ANY, ANY_LIST, FLOAT64, type FuncType, GROUPS } from './go/go-type.ts';
import {
  BOOL_NATURE,
  deref,
  describe,
  elementOf,
  INT_NATURE,
  isAssignableTo,
  isBool,
  isFloat,
  isInteger,
  isList,
  isMap,
  isString,
  isUnknown,
  listOf,
  type Nature,
  natureOf,
  UNKNOWN,
} from './nature.ts';
import { type BuiltinNode, type CallNode, forEachChild, type Node } from './node.ts';

export function checkBuiltin(checker: CheckContext, node: BuiltinNode): Nature {
  if (predicateArguments(node.name) !== undefined) return checkPredicateBuiltin(checker, node);
  return node.name === 'get' ? checkGet(checker, node) : checkSignature(checker, signatureOf(node.name), node);
}

function checkPredicateBuiltin(checker: CheckContext, node: BuiltinNode): Nature {
  const [list, predicateNode, third] = node.args as [Node, Node | undefined, Node | undefined];
  const collection = deref(checker.visit(list));
  if (!isList(collection) && !isUnknown(collection)) {
    checker.fail(list, `builtin ${node.name} takes only array (got ${describe(collection)})`);
  }
  const element = isUnknown(collection) ? UNKNOWN : elementOf(collection);
  if (predicateNode === undefined) return node.name === 'count' ? INT_NATURE : element;

  const predicate = checker.visitPredicate(collection, predicateNode, pointersIn(node.name));
  const inner = predicate.inner!;
  if (third !== undefined) {
    const order = checker.visit(third);
    if (node.name === 'sortBy' && !isString(order) && !isUnknown(order)) {
      checker.fail(third, `sortBy order argument must be a string (got ${describe(order)})`);
    }
  }
  if (inner.isNil) failNilPredicate(checker, node, collection, predicateNode);
  // What a predicate yields is known by its Go type only.
  const outcome = isUnknown(inner) ? natureOf(ANY) : natureOf(inner.type!);
  switch (node.name) {
    case 'map':
      return listOf(inner);
    case 'sum':
      return outcome;
    case 'groupBy':
      return natureOf(GROUPS);
    case 'sortBy':
      return collection;
    case 'reduce':
      return inner;
  }
  if (!isBool(outcome) && !isUnknown(outcome)) {
    checker.fail(predicateNode, `predicate should return boolean (got ${describe(outcome)})`);
  }
  switch (node.name) {
    case 'filter':
      return isUnknown(collection) ? natureOf(ANY_LIST) : listOf(element);
    case 'find':
    case 'findLast':
      return element;
    case 'count':
    case 'findIndex':
    case 'findLastIndex':
      return INT_NATURE;
    default:
      return BOOL_NATURE;
  }
}

function pointersIn(name: string): Readonly<Record<string, Nature>> {
  if (name === 'map') return { index: INT_NATURE };
  return name === 'reduce' ? { index: INT_NATURE, acc: UNKNOWN } : {};
}

/** A predicate that is literally nil. expr-lang checks `sum` as if it were an ordinary function then. */
function failNilPredicate(checker: CheckContext, node: BuiltinNode, collection: Nature, predicate: Node): never {
  if (node.name === 'sum') {
    if (!isUnknown(collection) && collection.type !== ANY_LIST) {
      const types = `${describe(collection)} as argument (type ${ANY_LIST.name})`;
      checker.fail(node.args[0]!, `cannot use ${types} to call sum `);
    }
    const pointer = checker.isInPredicate ? undefined : ownPointer(predicate);
    if (pointer !== undefined) checker.fail(pointer, 'cannot use pointer accessor outside predicate');
    const types = 'func(interface {}) as argument (type func(interface {}) bool)';
    checker.fail(predicate, `cannot use ${types} to call sum `);
  }
  const inputs = node.name === 'reduce' ? 'two' : 'one';
  return checker.fail(predicate, `predicate should has ${inputs} input and one output param`);
}

/** The first `#` of a predicate that does not belong to another predicate within it. */
function ownPointer(predicate: Node): Node | undefined {
  let found: Node | undefined;
  forEachChild(predicate, (child) => {
    if (found === undefined && child.kind !== 'predicate') found = child.kind === 'pointer' ? child : ownPointer(child);
  });
  return found;
}

function checkGet(checker: CheckContext, node: BuiltinNode): Nature {
  if (node.args.length !== 2) {
    checker.fail(node, `invalid number of arguments (expected 2, got ${node.args.length})`);
  }
  const [object, property] = node.args as [Node, Node];
  const base = checker.visit(object);
  const index = deref(checker.visit(property));
  if (object.kind === 'identifier' && object.name === '$env') {
    return (property.kind === 'string' ? checker.environment.natures.get(property.value) : undefined) ?? UNKNOWN;
  }
  if (isUnknown(base)) return UNKNOWN;
  if (isList(base)) {
    if (!isInteger(index) && !isUnknown(index)) checker.fail(property, `non-integer slice index ${describe(index)}`);
    return elementOf(base);
  }
  if (!isMap(base)) checker.fail(object, `type ${describe(base)} does not support indexing`);
  if (!isUnknown(index) && !isAssignableTo(index, natureOf(base.type!.key!))) {
    checker.fail(property, `cannot use ${describe(index)} to get an element from ${describe(base)}`);
  }
  return elementOf(base);
}

/** Types a call by the first signature that fits; if none does, what keeps the last from fitting is the mistake. */
export function checkSignature(checker: CheckContext, signature: Signature, node: BuiltinNode | CallNode): Nature {
  if (signature.validate !== undefined) {
    const types = node.args.map((arg) => {
      const nature = checker.visit(arg);
      return isUnknown(nature) ? ANY : nature.type;
    });
    const outcome = signature.validate(types);
    return typeof outcome === 'string' ? checker.fail(node, outcome) : natureOf(outcome);
  }
  let mismatch: Mismatch | undefined;
  for (const type of signature.overloads ?? [signature.type]) {
    mismatch = mismatchWith(checker, signature.name, type, node);
    if (mismatch === undefined) return natureOf(type.results[0]!);
  }
  return checker.fail(mismatch!.node, mismatch!.message);
}

interface Mismatch {
  readonly message: string;
  readonly node: Node;
}

function mismatchWith(
  checker: CheckContext,
  name: string,
  { parameters, results, variadic }: FuncType,
  node: BuiltinNode | CallNode,
): Mismatch | undefined {
  if (results.length > 2) return { message: `func ${name} returns more then two values`, node };
  const required = variadic ? parameters.length - 1 : parameters.length;
  const isTooFew = node.args.length < required;
  if (isTooFew || (!variadic && node.args.length > required)) {
    for (const arg of node.args) checker.visit(arg);
    return { message: `${isTooFew ? 'not enough' : 'too many'} arguments to call ${name}`, node };
  }
  for (const [index, arg] of node.args.entries()) {
    const given = checker.visit(arg);
    const isRest = variadic && index >= required;
    const wanted = natureOf(isRest ? parameters[required]!.element! : parameters[index]!);
    if (isFloat(wanted) && isInteger(given)) {
      node.args[index] = integersAsFloats(arg);
      continue;
    }
    if (isInteger(wanted) && isInteger(given)) continue;
    if (given.isNil) {
      if (wanted.type!.kind === 'ptr' || wanted.type!.kind === 'interface') continue;
      const message = `cannot use nil as argument (type ${describe(wanted)}) to call ${name}`;
      return { message, node: arg };
    }
    if (isUnknown(given) || isAssignableTo(given, wanted) || isAssignableTo(deref(given), wanted)) continue;
    const message = `cannot use ${describe(given)} as argument (type ${describe(wanted)}) to call ${name} `;
    return { message, node: arg };
  }
  return undefined;
}

/** Integer literals become floats where a float is wanted; other integers stay and fail when they run. */
function integersAsFloats(node: Node): Node {
  if (node.kind === 'integer') {
    return { kind: 'float', at: 0, depth: 1, value: Number(node.value), nature: natureOf(FLOAT64) };
  }
  if (node.kind === 'unary') node.operand = integersAsFloats(node.operand);
  else if (node.kind === 'binary' && ['+', '-', '*'].includes(node.operator)) {
    node.left = integersAsFloats(node.left);
    node.right = integersAsFloats(node.right);
  }
  return node;
}
