// Precedence as expr-lang has it: higher binds tighter. `??` binds tightest of all, and comparisons share one level with
// `in`, `matches` and the like.

export interface Operator {
  readonly precedence: number;
  readonly rightAssociative?: true;
}

export const UNARY = {
  not: { precedence: 50 },
  '!': { precedence: 50 },
  '-': { precedence: 90 },
  '+': { precedence: 90 },
} as const satisfies Readonly<Record<string, Operator>>;

export const BINARY = {
  '|': { precedence: 0 },
  or: { precedence: 10 },
  '||': { precedence: 10 },
  and: { precedence: 15 },
  '&&': { precedence: 15 },
  '==': { precedence: 20 },
  '!=': { precedence: 20 },
  '<': { precedence: 20 },
  '>': { precedence: 20 },
  '>=': { precedence: 20 },
  '<=': { precedence: 20 },
  in: { precedence: 20 },
  matches: { precedence: 20 },
  contains: { precedence: 20 },
  startsWith: { precedence: 20 },
  endsWith: { precedence: 20 },
  '..': { precedence: 25 },
  '+': { precedence: 30 },
  '-': { precedence: 30 },
  '*': { precedence: 60 },
  '/': { precedence: 60 },
  '%': { precedence: 60 },
  '**': { precedence: 100, rightAssociative: true },
  '^': { precedence: 100, rightAssociative: true },
  '??': { precedence: 500 },
} as const satisfies Readonly<Record<string, Operator>>;

export type UnaryOperator = keyof typeof UNARY;
/** A pipe leaves no node: its left side becomes the first argument of its right. */
export type BinaryOperator = Exclude<keyof typeof BINARY, '|'>;

const unaries: ReadonlyMap<string, Operator> = new Map(Object.entries(UNARY));
const binaries: ReadonlyMap<string, Operator> = new Map(Object.entries(BINARY));

export const unaryOperator = (text: string): Operator | undefined => unaries.get(text);
export const binaryOperator = (text: string): Operator | undefined => binaries.get(text);

/** These chain: `a < b < c` means `a < b && b < c`. */
export function isOrdering(operator: string): boolean {
  return operator === '<' || operator === '>' || operator === '>=' || operator === '<=';
}

/** These may stand after `not`. */
export function isNegatable(operator: string): boolean {
  return ['in', 'contains', 'matches', 'startsWith', 'endsWith'].includes(operator);
}
