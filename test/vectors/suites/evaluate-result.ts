import { type Conditions, evaluateResult } from '../../../services/analysis/evaluate-result.ts';
import type { Suite } from '../suite.ts';
import { compare, NOW } from './expr.ts';
import { decodeResult, type WrittenResult } from './go-result.ts';

interface Case extends Conditions {
  readonly id: string;
  readonly result: WrittenResult;
  readonly expect: unknown;
}

export const suite: Suite = (content) =>
  (content as readonly Case[]).map((given) => {
    const name = `${given.id} ${JSON.stringify([given.successCondition, given.failureCondition])}`;
    return compare(name, given.expect, evaluateResult(given, decodeResult(given.result), NOW));
  });
