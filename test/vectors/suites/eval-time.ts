import { evaluateTimeValue } from '../../../services/expression/condition.ts';
import { formatTime, RFC3339_NANO } from '../../../services/expression/go/format-time.ts';
import type { Suite } from '../suite.ts';
import { compare, NOW } from './expr.ts';

interface Case {
  readonly id: string;
  readonly expr: string;
  readonly expect: { readonly time?: string; readonly error?: string };
}

export const suite: Suite = (content) =>
  (content as readonly Case[]).map(({ expect, expr, id }) => {
    const outcome = evaluateTimeValue(expr, NOW);
    const actual = outcome.ok ? { time: formatTime(outcome.value, RFC3339_NANO) } : { error: outcome.error.message };
    return compare(`${id} ${expr}`, expect, actual);
  });
