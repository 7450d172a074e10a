import { isDeepStrictEqual } from 'node:util';
import { MEMBER_ORDER } from '../../../../providers/registry.ts';
import { metricsFault } from '../../../../services/analysis/validate-metrics.ts';
import type { Metric } from '../../../../services/domain/template.ts';
import type { Outcome, Suite } from '../../suite.ts';

interface Case {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly expect: { readonly error?: string | null; readonly order?: readonly string[] };
}

/** The choice and checking of providers. */
export const suite: Suite = (content) => (content as readonly Case[]).map(check);

function check({ name, metrics, expect }: Case): Outcome {
  const actual = expect.order === undefined ? (metricsFault(metrics) ?? null) : MEMBER_ORDER;
  const expected = expect.order ?? expect.error ?? null;
  return isDeepStrictEqual(actual, expected)
    ? { name, status: 'passed' }
    : { name, status: 'failed', expected, actual };
}
