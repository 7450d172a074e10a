import type { CheckContext } from './check-context.ts';
import { DURATION, INT, TIME } from './go/go-type.ts';
import {
  BOOL_NATURE,
  deref,
  describe,
  elementOf,
  FLOAT_NATURE,
  INT_NATURE,
  isAssignableTo,
  isBool,
  isBytes,
  isComparableTo,
  isDuration,
  isInteger,
  isList,
  isMap,
  isNumber,
  isString,
  isStruct,
  isTime,
  isUnknown,
  listOf,
  mayFit,
  type Nature,
  NIL,
  natureOf,
  promote,
  STRING_NATURE,
  UNKNOWN,
} from './nature.ts';
import type { BinaryNode, UnaryNode } from './node.ts';
import { compileRegex } from './regex.ts';

const TIME_NATURE = natureOf(TIME);
const DURATION_NATURE = natureOf(DURATION);

export function checkUnary(checker: CheckContext, node: UnaryNode, operand: Nature): Nature {
  const nature = deref(operand);
  if (node.operator === '!' || node.operator === 'not') {
    if (isBool(nature) || isUnknown(nature)) return BOOL_NATURE;
  } else {
    if (isNumber(nature)) return nature;
    if (isUnknown(nature)) return UNKNOWN;
  }
  return checker.fail(node, `invalid operation: ${node.operator} (mismatched type ${describe(nature)})`);
}

export function checkBinary(
  checker: CheckContext,
  node: BinaryNode,
  leftOperand: Nature,
  rightOperand: Nature,
): Nature {
  const left = deref(leftOperand);
  const right = deref(rightOperand);
  const nature = outcomeOf(checker, node, left, right);
  if (nature !== undefined) return nature;
  const types = `${describe(left)} and ${describe(right)}`;
  return checker.fail(node, `invalid operation: ${node.operator} (mismatched types ${types})`);
}

/** Undefined when the operator does not take these. */
function outcomeOf(checker: CheckContext, node: BinaryNode, left: Nature, right: Nature): Nature | undefined {
  const both = (is: (nature: Nature) => boolean) => is(left) && is(right);
  switch (node.operator) {
    case '==':
    case '!=':
      return isComparableTo(left, right) ? BOOL_NATURE : undefined;
    case 'or':
    case '||':
    case 'and':
    case '&&':
      return both(isBool) || mayFit(left, right, isBool) ? BOOL_NATURE : undefined;
    case '<':
    case '>':
    case '<=':
    case '>=': {
      const known = both(isNumber) || both(isString) || both(isTime) || both(isDuration);
      return known || mayFit(left, right, isNumber, isString, isTime, isDuration) ? BOOL_NATURE : undefined;
    }
    case '+':
      if (both(isNumber)) return promote(left, right);
      if (both(isString)) return STRING_NATURE;
      if ((isTime(left) && isDuration(right)) || (isDuration(left) && isTime(right))) return TIME_NATURE;
      if (both(isDuration)) return DURATION_NATURE;
      return mayFit(left, right, isNumber, isString, isTime, isDuration) ? UNKNOWN : undefined;
    case '-':
      if (both(isNumber)) return promote(left, right);
      if (both(isTime) || both(isDuration)) return DURATION_NATURE;
      if (isTime(left) && isDuration(right)) return TIME_NATURE;
      return mayFit(left, right, isNumber, isTime, isDuration) ? UNKNOWN : undefined;
    case '*':
      if (both(isNumber)) return promote(left, right);
      if (both((nature) => isNumber(nature) || isDuration(nature))) return DURATION_NATURE;
      return mayFit(left, right, isNumber, isDuration) ? UNKNOWN : undefined;
    case '/':
    case '**':
    case '^':
      return both(isNumber) || mayFit(left, right, isNumber) ? FLOAT_NATURE : undefined;
    case '%':
      return both(isInteger) || mayFit(left, right, isInteger) ? INT_NATURE : undefined;
    case '..':
      return both(isInteger) || mayFit(left, right, isInteger) ? listOf(natureOf(INT)) : undefined;
    case 'in':
      return checkIn(checker, node, left, right);
    case 'matches':
      if (node.right.kind === 'string') {
        const pattern = compileRegex(node.right.value);
        if (typeof pattern === 'string') checker.fail(node, pattern);
      }
      if ((isString(left) || isBytes(left)) && isString(right)) return BOOL_NATURE;
      return mayFit(left, right, isString) ? BOOL_NATURE : undefined;
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return both(isString) || mayFit(left, right, isString) ? BOOL_NATURE : undefined;
    case '??':
      if (left.isNil || right.isNil) return left.isNil && right.isNil ? NIL : left.isNil ? right : left;
      return isAssignableTo(right, left) ? left : UNKNOWN;
  }
}

function checkIn(checker: CheckContext, node: BinaryNode, left: Nature, right: Nature): Nature | undefined {
  if (isStruct(right) && (isString(left) || isUnknown(left))) return BOOL_NATURE;
  if (isMap(right)) {
    const key = natureOf(right.type!.key!);
    if (isUnknown(left) || isAssignableTo(left, key)) return BOOL_NATURE;
    checker.fail(node, `cannot use ${describe(left)} as type ${describe(key)} in map key`);
  }
  if (isList(right)) {
    const element = elementOf(right);
    if (isComparableTo(left, element)) return BOOL_NATURE;
    checker.fail(node, `cannot use ${describe(left)} as type ${describe(element)} in array`);
  }
  return (isUnknown(left) && isString(right)) || isUnknown(right) ? BOOL_NATURE : undefined;
}
