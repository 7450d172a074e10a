import type { Metric } from '../domain/template.ts';
import { parseExpression } from '../expression/condition.ts';
import type { BinaryNode, Node } from '../expression/node.ts';
import { ProgramCache } from '../expression/program-cache.ts';
import { at, isResult, linearForm, type Names, rowOf, scaled, sum } from './linear-form.ts';
import { decidesItself } from './self-deciding.ts';

/** A line that a condition draws: its part of the condition holds while the number that was read stands so to the value. */
export interface Threshold {
  readonly field: 'successCondition' | 'failureCondition';
  readonly operator: ThresholdOperator;
  readonly value: number;
  /** It is about `result[element]`, negative from the end; else about the result, or about every element of a list. */
  readonly element?: number;
  /** It is about `result.member`. */
  readonly member?: string;
}

export type ThresholdOperator = keyof typeof NEGATED;

const NEGATED = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '==': '!=', '!=': '==' } as const;
/** For `5 < result`, and when dividing by a negative number. */
const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;

/** Nobody reads the chart of a longer condition. */
const MAX_TEXT = 2_000;

type Line = Omit<Threshold, 'field'>;
const solved = new ProgramCache<readonly Line[]>();

/**
 * The lines that a metric's conditions draw, for charts, exported numbers and messages; `metric` has its arguments in place. Parts of a condition that draw
 * none (`isNaN(result) || …`, `len(result) == 0 || …`) are passed over, and what cannot be solved gives nothing.
 */
export function thresholdsOf(metric: Metric): readonly Threshold[] {
  if (decidesItself(metric)) return [];
  return (['successCondition', 'failureCondition'] as const).flatMap((field) =>
    linesOf(metric[field] ?? '').map((line) => ({ field, ...line })),
  );
}

function linesOf(text: string): readonly Line[] {
  if (text === '' || text.length > MAX_TEXT) return [];
  const known = solved.get('', text);
  if (known !== undefined) return known;
  const tree = parseExpression(text);
  const lines = tree.ok ? unique(solve(tree.value, true, new Map())) : [];
  solved.set('', text, lines);
  return lines;
}

/** `holds` is false within a negation. */
function solve(node: Node, holds: boolean, names: Names): readonly Line[] {
  switch (node.kind) {
    case 'unary':
      return node.operator === '!' || node.operator === 'not' ? solve(node.operand, !holds, names) : [];
    case 'binary':
      return solveBinary(node, holds, names);
    case 'builtin':
      return solvePredicate(node.name, node.args, holds, names);
    case 'let':
      return solve(node.body, holds, new Map([...names, [node.name, linearForm(node.value, names)]]));
    case 'conditional':
      // A guard chooses between two conditions; a line that chooses would mean both at once.
      return solve(node.condition, holds, names).length > 0
        ? []
        : [...solve(node.consequent, holds, names), ...solve(node.alternative, holds, names)];
    default:
      return [];
  }
}

function solveBinary(node: BinaryNode, holds: boolean, names: Names): readonly Line[] {
  const { left, operator, right } = node;
  switch (operator) {
    case '&&':
    case 'and':
    case '||':
    case 'or':
      return [...solve(left, holds, names), ...solve(right, holds, names)];
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=':
      return line(node, holds ? operator : NEGATED[operator], names);
    default:
      return [];
  }
}

/** `left ⋄ right` is `left - right ⋄ 0`, and that is solved for the number. */
function line({ left, right }: BinaryNode, operator: ThresholdOperator, names: Names): readonly Line[] {
  const a = linearForm(left, names);
  const b = a === undefined ? undefined : linearForm(right, names);
  if (a === undefined || b === undefined) return [];
  const difference = sum(a, scaled(b, -1));
  if (difference?.place === undefined || difference.scale === 0) return [];
  const { place, scale, offset } = difference;
  const { element, member } = place;
  const value = rounded(-offset / scale);
  if (!Number.isFinite(value)) return [];
  return [
    {
      operator: scale < 0 ? MIRRORED[operator] : operator,
      value,
      ...(element !== undefined && { element }),
      ...(member !== undefined && { member }),
    },
  ];
}

/** `result * 3 < 0.3` means 0.1, which floating point misses in the last digit; whole numbers stay as they are. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value + 0 : Number(value.toPrecision(15));
}

/** A predicate draws its line over every element. */
function solvePredicate(name: string, args: readonly Node[], holds: boolean, names: Names): readonly Line[] {
  const [list, predicate] = args;
  if (list === undefined || predicate?.kind !== 'predicate') return [];
  if (name !== 'all' && name !== 'any' && name !== 'none') return [];
  const element = isResult(linearForm(list, names)) ? { any: true as const } : rowOf(list, names);
  if (element === undefined) return [];
  return solve(predicate.body, name === 'none' ? !holds : holds, new Map([...names, ['#', at(element)]]));
}

function unique(lines: readonly Line[]): readonly Line[] {
  return [...new Map(lines.map((each) => [JSON.stringify(each), each])).values()];
}
