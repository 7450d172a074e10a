import { evaluateResult } from '../../../../services/analysis/evaluate-result.ts';
import { rfc3339 } from '../../../../services/domain/resource.ts';
import { type Json, type Result, resultOfJson } from '../../../../services/domain/result.ts';
import { evaluateCondition, evaluateTime } from '../../../../services/expression/condition.ts';
import type { KindTable } from './index.ts';

const FROZEN = Date.parse('2026-01-01T00:00:00Z');

/** Section 10: conditions over typed results. */
export const conditionKinds: KindTable = {
  evaluate: ({ result, resultType, ...conditions }) => evaluateResult(conditions, resultOf(result, resultType), FROZEN),
  evalCondition: ({ result, resultType, condition }) => {
    const outcome = evaluateCondition(condition, resultOf(result, resultType), FROZEN);
    return outcome.ok ? { value: outcome.value } : { error: outcome.error.message };
  },
  evalTime: ({ expression }) => {
    const outcome = evaluateTime(expression, FROZEN);
    return outcome.ok ? { time: rfc3339(outcome.value) } : { error: outcome.error.message };
  },
};

function resultOf(value: Json, type: string | undefined): Result {
  switch (type) {
    case undefined:
      return resultOfJson(value);
    case 'float64':
      return { type, value: numberOf(value) };
    case '*float64':
      return { type, value: numberOf(value) };
    case '[]float64':
      return { type, value: (value as readonly Json[]).map(numberOf) };
    case 'int':
      return { type, value: BigInt(value as number) };
    case '[]string':
      return { type, value: value as readonly string[] };
    case 'nil':
      return { type, value: null };
    case 'nil*float64':
      return { type: '*float64', value: null };
    case 'nil[]string':
      return { type: '[]string', value: null };
    default:
      throw new Error(`unknown resultType "${type}"`);
  }
}

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

function numberOf(value: Json): number {
  return typeof value === 'string' ? (SPECIAL[value] ?? Number(value)) : (value as number);
}
