import { evaluateCondition } from '../../../services/expression/condition.ts';
import type { Suite } from '../suite.ts';
import { NOW, runCases } from './expr.ts';

interface Expected {
  readonly value?: boolean;
  readonly error?: string;
  readonly stage?: string;
  readonly loose?: boolean;
  readonly platform?: string;
}

/** A `loose` text comes from Go's internals: any error at any stage is right then. */
export const suite: Suite = (content) =>
  runCases<Expected>(
    content,
    ({ expect, expr }, result) => {
      const outcome = evaluateCondition(expr, result, NOW);
      if (outcome.ok) return { value: outcome.value };
      return expect.loose ? 'an error' : { error: outcome.error.message, stage: outcome.error.stage };
    },
    ({ error, loose, stage, value }) => (error === undefined ? { value } : loose ? 'an error' : { error, stage }),
  );
