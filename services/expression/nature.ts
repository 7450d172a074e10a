import type { Signature } from './builtins/signature.ts';
import {
  ANY,
  ANY_LIST,
  BOOL,
  BYTES,
  DURATION,
  FLOAT64,
  type FuncType,
  type GoType,
  INT,
  INT64,
  isAssignable,
  STRING,
  TIME,
  UINT8,
  UINT64,
} from './go/go-type.ts';

/**
 * What the checker knows of a value before it exists: its Go type, that it is nil, or nothing.
 * (expr-lang's word for it.)
 */
export interface Nature {
  /** Undefined when nothing is known, and for nil. */
  readonly type: GoType | undefined;
  readonly isNil: boolean;
  /** Of a list: its elements, where they are known better than by its type. Of a predicate: its outcome. */
  readonly inner?: Nature;
  /** The builtin that a name without a call stands for. */
  readonly builtin?: Signature;
  /** Of a method: its type without the receiver. */
  readonly method?: FuncType;
}

export const UNKNOWN: Nature = { type: undefined, isNil: false };
export const NIL: Nature = { type: undefined, isNil: true };

const natures = new Map<GoType, Nature>();

export function natureOf(type: GoType): Nature {
  let nature = natures.get(type);
  if (nature === undefined) {
    nature = { type, isNil: false };
    natures.set(type, nature);
  }
  return nature;
}

export function listOf(inner: Nature): Nature {
  return { type: ANY_LIST, isNil: false, inner };
}

/** As messages name it. */
export function describe({ type }: Nature): string {
  return type === undefined ? 'unknown' : type.name;
}

export function isUnknown({ type, isNil }: Nature): boolean {
  return type === undefined ? !isNil : type === ANY;
}

export function deref(nature: Nature): Nature {
  return nature.type?.kind === 'ptr' ? natureOf(nature.type.element!) : nature;
}

export function elementOf({ type, inner }: Nature): Nature {
  if (inner !== undefined && isList({ type })) return inner;
  return type?.element === undefined ? UNKNOWN : natureOf(type.element);
}

type Typed = Pick<Nature, 'type'>;

export const isBool = ({ type }: Typed): boolean => type?.kind === 'bool';
export const isString = ({ type }: Typed): boolean => type?.kind === 'string';
export const isList = ({ type }: Typed): boolean => type?.kind === 'slice' || type?.kind === 'array';
export const isMap = ({ type }: Typed): boolean => type?.kind === 'map';
export const isStruct = ({ type }: Typed): boolean => type?.kind === 'struct';
export const isFloat = ({ type }: Typed): boolean => type === FLOAT64;
/** Go's own integer types; a duration or month is none. */
export const isInteger = ({ type }: Typed): boolean =>
  type === INT || type === INT64 || type === UINT64 || type === UINT8;
export const isNumber = (nature: Typed): boolean => isFloat(nature) || isInteger(nature);
export const isTime = ({ type }: Typed): boolean => type === TIME;
export const isDuration = ({ type }: Typed): boolean => type === DURATION;
export const isBytes = ({ type }: Typed): boolean => type === BYTES;

const NILABLE: ReadonlySet<string> = new Set(['ptr', 'interface', 'func', 'map', 'slice']);

export function isAssignableTo(from: Nature, to: Nature): boolean {
  if (from.isNil && to.type !== undefined && NILABLE.has(to.type.kind)) return true;
  if (from.type === undefined || to.type === undefined) return false;
  if (from.type.kind !== to.type.kind && to.type.kind !== 'interface') return false;
  return isAssignable(from.type, to.type);
}

export function isComparableTo(left: Nature, right: Nature): boolean {
  return (
    isUnknown(left) ||
    isUnknown(right) ||
    left.isNil ||
    right.isNil ||
    (isNumber(left) && isNumber(right)) ||
    (isDuration(left) && isDuration(right)) ||
    (isTime(left) && isTime(right)) ||
    (isList(left) && isList(right)) ||
    isAssignableTo(left, right)
  );
}

/** One or both are unknown, and what is known is among `allowed`. */
export function mayFit(left: Nature, right: Nature, ...allowed: ((nature: Nature) => boolean)[]): boolean {
  const leftUnknown = isUnknown(left);
  const rightUnknown = isUnknown(right);
  if (leftUnknown && rightUnknown) return true;
  return (leftUnknown && allowed.some((is) => is(right))) || (rightUnknown && allowed.some((is) => is(left)));
}

export function promote(left: Nature, right: Nature): Nature {
  return isFloat(left) || isFloat(right) ? natureOf(FLOAT64) : natureOf(INT);
}

export const BOOL_NATURE = natureOf(BOOL);
export const INT_NATURE = natureOf(INT);
export const FLOAT_NATURE = natureOf(FLOAT64);
export const STRING_NATURE = natureOf(STRING);
