import type { FactoryFunctionMap, FunctionNode, MathNode, OperatorNode, SymbolNode } from 'mathjs';

/**
 * A metric computed from other queries: `100 * errors / requests`. mathjs reads the text and computes the tree, but only after every node of the tree was
 * found harmless: mathjs' own `evaluate` would run matrices, assignments and functions that take memory and time without bound.
 */

/** Long enough for any formula a person reads, short enough that reading it costs nothing. */
const MAX_LENGTH = 2_000;
const MAX_DEPTH = 64;

const OPERATORS: ReadonlySet<string> = new Set([
  'add',
  'subtract',
  'multiply',
  'divide',
  'mod',
  'pow',
  'unaryMinus',
  'unaryPlus',
]);

/** What a formula may call. The statistics reduce a list (a query with several series) to a number. */
export const FORMULA_FUNCTIONS = [
  ...['abs', 'ceil', 'floor', 'round', 'sign', 'sqrt', 'cbrt', 'exp', 'log', 'log2', 'log10', 'pow', 'mod'],
  ...['min', 'max', 'sum', 'prod', 'mean', 'median', 'std', 'variance', 'quantileSeq'],
] as const;
const FUNCTIONS: ReadonlySet<string> = new Set(FORMULA_FUNCTIONS);

/** A query's answer: one number, or several when it has several series. */
export type FormulaValue = number | readonly number[];

/** What is wrong with a formula, for the person who wrote it. */
export class FormulaError extends Error {
  override readonly name = 'FormulaError';
}

export interface Formula {
  /** The queries it refers to, in order of first mention. */
  readonly names: readonly string[];
  /** Throws FormulaError when lists meet where numbers must stand, or the outcome is no number. NaN and infinities are outcomes. */
  evaluate(values: Readonly<Record<string, FormulaValue>>): number;
}

let loading: Promise<(text: string) => MathNode> | undefined;

// mathjs costs 0.4 s and 67 MB: only templates with a formula pay for it.
function loadParser(): Promise<(text: string) => MathNode> {
  loading ??= import('mathjs/number').then(({ create, all }) => {
    const math = create(all as FactoryFunctionMap);
    return (text) => math.parse(text);
  });
  return loading;
}

/** Reads a formula over the given query names. Throws FormulaError naming what is wrong and what would be right. */
export async function parseFormula(text: string, queryNames: readonly string[]): Promise<Formula> {
  if (text.trim() === '') throw new FormulaError('the formula is empty; write for example 100 * errors / requests');
  if (text.length > MAX_LENGTH)
    throw new FormulaError(`the formula has ${text.length} characters, at most ${MAX_LENGTH} are read`);
  if (deepestBracket(text) > MAX_DEPTH)
    throw new FormulaError(`the formula is nested or chained more than ${MAX_DEPTH} levels deep`);
  const parse = await loadParser();
  let tree: MathNode;
  try {
    tree = parse(text);
  } catch (error) {
    throw new FormulaError(`the formula cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const names = new Set<string>();
  check(tree, new Set(queryNames), names, 0);
  const code = tree.compile();
  return { names: [...names], evaluate: (values) => evaluate(code, values) };
}

function check(node: MathNode, known: ReadonlySet<string>, used: Set<string>, depth: number): void {
  if (depth > MAX_DEPTH) throw new FormulaError(`the formula is nested or chained more than ${MAX_DEPTH} levels deep`);
  switch (node.type) {
    case 'ConstantNode':
      if (typeof (node as unknown as { value: unknown }).value !== 'number')
        throw new FormulaError(`${node.toString()} is not a number`);
      return;
    case 'SymbolNode': {
      const { name } = node as SymbolNode;
      if (!known.has(name))
        throw new FormulaError(`unknown name ${name}; the formula's queries are ${[...known].join(', ') || 'none'}`);
      used.add(name);
      return;
    }
    case 'OperatorNode':
      checkOperator(node as OperatorNode);
      break;
    case 'FunctionNode':
      checkFunction(node as FunctionNode);
      for (const argument of (node as FunctionNode).args) check(argument, known, used, depth + 1);
      return;
    case 'ParenthesisNode':
      break;
    default:
      throw new FormulaError(
        `${node.toString()} is not allowed: a formula has numbers, query names, + - * / % ^, parentheses and functions`,
      );
  }
  node.forEach((child) => {
    check(child, known, used, depth + 1);
  });
}

function checkOperator(node: OperatorNode): void {
  if (!OPERATORS.has(node.fn)) throw new FormulaError(`operator ${node.op} is not allowed: use + - * / % ^`);
  if (node.implicit) throw new FormulaError(`write the * in ${node.toString()}`);
}

function checkFunction(node: FunctionNode): void {
  // A call through anything but a plain name (x.f(), f()()) has no name of its own here.
  const callee = node.fn as unknown as { type: string; name?: string };
  if (callee.type !== 'SymbolNode' || callee.name === undefined || !FUNCTIONS.has(callee.name))
    throw new FormulaError(`${node.toString()} is not allowed: the functions are ${FORMULA_FUNCTIONS.join(', ')}`);
}

function evaluate(code: { evaluate(scope: object): unknown }, values: Readonly<Record<string, FormulaValue>>): number {
  const scope = new Map<string, unknown>(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? value : unwrap(value)]),
  );
  let outcome: unknown;
  try {
    outcome = code.evaluate(scope);
  } catch (error) {
    const lists = [...scope].filter(([, value]) => Array.isArray(value)).map(([name]) => name);
    const hint =
      lists.length > 0 ? `; ${lists.join(', ')} has several values: reduce it with sum, mean, max or the like` : '';
    throw new FormulaError(`the formula cannot be computed: ${(error as Error).message}${hint}`, { cause: error });
  }
  if (typeof outcome === 'number') return outcome;
  throw new FormulaError('the formula gives a list: reduce it to a number with sum, mean, max or the like');
}

/** Prometheus answers a list even for one series. */
function unwrap(list: readonly number[]): FormulaValue {
  return list.length === 1 && list[0] !== undefined ? list[0] : [...list];
}

/** mathjs' parser recurses: the depth is bounded before it sees the text. Signs and powers recurse as well. */
function deepestBracket(text: string): number {
  let depth = 0;
  let deepest = 0;
  let run = 0;
  for (const character of text) {
    if (character === '(' || character === '[' || character === '{') depth += 1;
    else if (character === ')' || character === ']' || character === '}') depth -= 1;
    run = '+-~^'.includes(character) ? run + 1 : character.trim() === '' ? run : 0;
    deepest = Math.max(deepest, depth, run);
  }
  return deepest;
}
