import { evaluateValue } from '../../../services/expression/condition.ts';
import type { Suite } from '../suite.ts';
import { NOW, runCases } from './expr.ts';
import { writeType, writeValue } from './go-value.ts';

interface Expected {
  readonly json: unknown;
  readonly type: unknown;
}

export const suite: Suite = (content) =>
  runCases<Expected>(
    content,
    ({ expr }, result) => {
      const outcome = evaluateValue(expr, result, NOW);
      if (!outcome.ok) return { error: outcome.error.message };
      return { json: writeValue(outcome.value), type: writeType(outcome.value) };
    },
    ({ json, type }) => ({ json, type }),
  );
