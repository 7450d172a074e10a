import { type ShiftInterval, shiftInterval } from '../../../../services/statistics/mann-whitney.ts';
import { RankStatistic } from '../../../../services/statistics/rank-statistic.ts';
import { sortSamples } from '../../../../services/statistics/sort-samples.ts';
import { summarize } from '../../../../services/statistics/summary.ts';
import type { Outcome, Suite } from '../../suite.ts';
import { double, doubles, isNear } from './numbers.ts';

interface Case {
  readonly id: string;
  readonly experiment: readonly unknown[];
  readonly control: readonly unknown[];
  readonly confLevel: number;
  readonly expected?: { readonly confidenceInterval: readonly [unknown, unknown]; readonly estimate: unknown };
  readonly expectedError?: { readonly message: string };
}

/** Levels at which every bit counts; elsewhere the last bit of the normal quantile may differ. */
const EXACT_LEVELS = [0, 0.1, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 0.999999, 1];

/** The statistic of unsorted samples, as the judge makes it of cleaned ones. */
export function rankStatistic(experiment: Float64Array, control: Float64Array): RankStatistic {
  return new RankStatistic().load(
    sortSamples(experiment.slice()),
    sortSamples(control.slice()),
    summarize(experiment),
    summarize(control),
  );
}

export const suite: Suite = function* (content): Generator<Outcome> {
  for (const { id, experiment, control, confLevel, expected, expectedError } of content as readonly Case[]) {
    let actual: ShiftInterval | { readonly error: string };
    try {
      actual = shiftInterval(rankStatistic(doubles(experiment), doubles(control)), confLevel);
    } catch (error) {
      actual = { error: (error as Error).message };
    }
    const isRight =
      expected === undefined
        ? 'error' in actual &&
          (!expectedError?.message.includes('all observations are tied') || actual.error === expectedError.message)
        : 'lower' in actual && matches(actual, expected, EXACT_LEVELS.includes(confLevel) ? 0 : 1e-6);
    if (isRight) yield { name: id, status: 'passed' };
    else yield { name: id, status: 'failed', expected: expected ?? expectedError, actual };
  }
};

function matches(actual: ShiftInterval, expected: NonNullable<Case['expected']>, allowance: number): boolean {
  const [lower, upper] = expected.confidenceInterval.map(double) as [number, number];
  const span = Math.abs(upper - lower);
  return (
    isNear(actual.lower, lower, allowance, span) &&
    isNear(actual.upper, upper, allowance, span) &&
    isNear(actual.estimate, double(expected.estimate), allowance, span)
  );
}
