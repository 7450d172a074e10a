import type { BinaryNode, CallNode, MemberNode, Node } from '../expression/node.ts';

/** A number of what was read. */
export interface Place {
  /** `result[element]`; negative counts from the end, as in the language. */
  readonly element?: number;
  /** `result.member`. */
  readonly member?: string;
  /** An element of the result that may be any of them; without this or the others, the result itself. */
  readonly any?: true;
}

/** `scale × (the number at the place) + offset`; without a place it is the constant `offset`. */
export interface LinearForm {
  readonly place?: Place | undefined;
  readonly scale: number;
  readonly offset: number;
}

/** What names stand for that `let` gives, and `#` within a predicate; undefined: something that is not linear. */
export type Names = ReadonlyMap<string, LinearForm | undefined>;

/** The form of an operand, as far as it is linear in one number of the result. */
export function linearForm(node: Node, names: Names): LinearForm | undefined {
  switch (node.kind) {
    case 'integer':
    case 'float':
      return constant(Number(node.value));
    case 'identifier':
      return node.name === 'result' && !names.has('result') ? at({}) : names.get(node.name);
    case 'pointer':
      return node.name === '' ? names.get('#') : undefined;
    case 'chain':
      return linearForm(node.node, names);
    case 'member':
      return memberForm(node, names);
    case 'call':
      return callForm(node, names);
    case 'builtin':
      return builtinForm(node.name, node.args, names);
    case 'unary': {
      const operand = linearForm(node.operand, names);
      if (operand === undefined || (node.operator !== '-' && node.operator !== '+')) return undefined;
      return node.operator === '-' ? scaled(operand, -1) : operand;
    }
    case 'binary':
      return binaryForm(node, names);
    default:
      return undefined;
  }
}

export function at(place: Place): LinearForm {
  return { place, scale: 1, offset: 0 };
}

export function isResult(form: LinearForm | undefined): boolean {
  const place = placeOf(form);
  return place !== undefined && Object.keys(place).length === 0;
}

/** The list in `result[i].Values`, as CloudWatch has it: newest first. Its line is drawn for the element, whose number is the newest. */
export function rowOf(node: Node, names: Names): Place | undefined {
  if (node.kind !== 'member' || node.property.kind !== 'string' || node.property.value !== 'Values') return undefined;
  const place = placeOf(linearForm(node.object, names));
  return place?.element === undefined ? undefined : place;
}

/** Undefined when they speak of two different numbers. */
export function sum(a: LinearForm, b: LinearForm): LinearForm | undefined {
  if (a.place !== undefined && b.place !== undefined && !isSamePlace(a.place, b.place)) return undefined;
  return { place: a.place ?? b.place, scale: a.scale + b.scale, offset: a.offset + b.offset };
}

export function scaled(form: LinearForm, factor: number): LinearForm {
  return { ...form, scale: form.scale * factor, offset: form.offset * factor };
}

function constant(offset: number): LinearForm {
  return { scale: 0, offset };
}

/** The place of a number that nothing has been done to. */
function placeOf(form: LinearForm | undefined): Place | undefined {
  return form?.scale === 1 && form.offset === 0 ? form.place : undefined;
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.element === b.element && a.member === b.member && a.any === b.any;
}

function memberForm({ object, property }: MemberNode, names: Names): LinearForm | undefined {
  const index = property.kind === 'string' ? undefined : linearForm(property, names);
  const element = index?.place === undefined && Number.isInteger(index?.offset) ? index?.offset : undefined;
  if (isResult(linearForm(object, names))) {
    if (property.kind === 'string') return at({ member: property.value });
    return element === undefined ? undefined : at({ element });
  }
  const row = element === 0 ? rowOf(object, names) : undefined;
  return row === undefined ? undefined : at(row);
}

/** Argo's `default` yields the whole result whatever it is given, or its fallback, which draws no line. */
function callForm({ callee, args }: CallNode, names: Names): LinearForm | undefined {
  if (callee.kind !== 'identifier') return undefined;
  if (callee.name === 'default') return at({});
  return callee.name === 'asFloat' ? converted(args[0], names) : undefined;
}

/** Of a list of one value these are that value; the line of a longer one is drawn over all of it. */
const OF_ALL = new Set(['max', 'min', 'mean', 'median']);

function builtinForm(name: string, args: readonly Node[], names: Names): LinearForm | undefined {
  const [first] = args;
  if (name === 'float') return converted(first, names);
  if (first === undefined || args.length > 1 || !isResult(linearForm(first, names))) return undefined;
  if (name === 'first') return at({ element: 0 });
  if (name === 'last') return at({ element: -1 });
  return OF_ALL.has(name) ? at({ any: true }) : undefined;
}

/** Texts too: an argument in quotes makes `asFloat("0.95")`. */
function converted(node: Node | undefined, names: Names): LinearForm | undefined {
  if (node?.kind !== 'string') return node === undefined ? undefined : linearForm(node, names);
  return node.value.trim() === '' ? undefined : constant(Number(node.value));
}

function binaryForm({ operator, left, right }: BinaryNode, names: Names): LinearForm | undefined {
  const a = linearForm(left, names);
  if (operator === '??') return a;
  const b = a === undefined ? undefined : linearForm(right, names);
  if (a === undefined || b === undefined) return undefined;
  if (operator === '+') return sum(a, b);
  if (operator === '-') return sum(a, scaled(b, -1));
  if (operator === '*' && a.place === undefined) return scaled(b, a.offset);
  if (b.place !== undefined) return undefined;
  if (operator === '*') return scaled(a, b.offset);
  if (operator === '/') return { ...a, scale: a.scale / b.offset, offset: a.offset / b.offset };
  if (a.place !== undefined) return undefined;
  if (operator === '%') return constant(a.offset % b.offset);
  return operator === '**' || operator === '^' ? constant(a.offset ** b.offset) : undefined;
}
