import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../../../services/domain/result.ts';
import type { Outcome as CaseOutcome } from '../suite.ts';
import { decodeResult, type WrittenResult } from './go-result.ts';

/** `now()` in vectors; they ask of it only that it lies after 2020. */
export const NOW = Date.UTC(2024, 5, 1, 12);

export interface ExprCase<Expected> {
  readonly id: string;
  readonly expr: string;
  readonly result: WrittenResult;
  readonly expect: Expected;
}

/** Runs each case and compares what it yields, exactly. */
export function* runCases<Expected>(
  content: unknown,
  actual: (given: ExprCase<Expected>, result: Result) => unknown,
  expected: (wanted: Expected) => unknown = (wanted) => wanted,
): Iterable<CaseOutcome> {
  for (const given of content as readonly ExprCase<Expected>[]) {
    yield compare(`${given.id} ${given.expr}`, expected(given.expect), actual(given, decodeResult(given.result)));
  }
}

export function compare(name: string, expected: unknown, actual: unknown): CaseOutcome {
  return isDeepStrictEqual(actual, expected)
    ? { name, status: 'passed' }
    : { name, status: 'failed', expected, actual };
}
