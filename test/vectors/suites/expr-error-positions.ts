import { evaluateCondition } from '../../../services/expression/condition.ts';
import type { Suite } from '../suite.ts';
import { NOW, runCases } from './expr.ts';

interface Expected {
  readonly message: string;
  readonly formatted: string;
}

export const suite: Suite = (content) =>
  runCases<Expected>(content, ({ expr }, result) => {
    const outcome = evaluateCondition(expr, result, NOW);
    if (outcome.ok) return { value: outcome.value };
    return { message: outcome.error.message, formatted: outcome.error.formatted };
  });
