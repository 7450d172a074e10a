import { commonLanguage, meanRatio } from '../statistics/effect-size.ts';
import { type ShiftInterval, shiftInterval } from '../statistics/mann-whitney.ts';
import { normalTails } from '../statistics/normal.ts';
import { normalScores } from '../statistics/normal-scores.ts';
import { AllTiedError, RankStatistic } from '../statistics/rank-statistic.ts';
import type { CleanSamples } from './clean.ts';

/** How sure an interval is (0 … 1), and which share of the estimated shift its bound must exceed. */
export interface TestLevel {
  readonly confidence: number;
  readonly tolerance: number;
}

/** Constants of NetflixACAJudge-v1.0; Kayenta has settings of these names and does not read them. */
export const NETFLIX_LEVEL: TestLevel = { confidence: 0.98, tolerance: 0.25 };

/** Standard deviation of the noise that stands in for the spread of a constant series, relative to its value. */
const NOISE = 1e-5;

/** Working memory of one comparison at a time. */
const statistic = new RankStatistic();

/** What two cleaned samples have to do with each other. */
export type Comparison =
  /** A side is empty. */
  | { readonly found: 'no-data' }
  /** The same values on both sides. */
  | { readonly found: 'identical' }
  /** One value everywhere, not equally often. */
  | { readonly found: 'one-value' }
  /** Every observation tied, so that ranks say nothing. */
  | { readonly found: 'tied' }
  /** `span` is the range of all differences; `isConstant` says that noise stands in for the spread of both sides. */
  | {
      readonly found: 'shift';
      readonly interval: ShiftInterval;
      readonly meanRatio: number;
      readonly cles: number;
      readonly pValue: number;
      readonly span: number;
      readonly isConstant: boolean;
    };

/** Compares the canary (experiment) with the baseline (control), in the order in which Kayenta looks for what there is to see. */
export function compare(experiment: CleanSamples, control: CleanSamples, confidence: number): Comparison {
  const x = experiment.stats;
  const y = control.stats;
  if (x.count === 0 || y.count === 0) return { found: 'no-data' };
  if (isSame(experiment.sorted, control.sorted)) return { found: 'identical' };
  const isConstant = x.min === x.max && y.min === y.max;
  if (isConstant && x.min === y.min) return { found: 'one-value' };
  // In Kayenta two single values end here too, or in a verdict by chance of rounding.
  if (x.count === 1 && y.count === 1) return { found: 'tied' };
  if (isConstant) loadConstants(experiment.sorted, control.sorted);
  else statistic.load(experiment.sorted, control.sorted, x, y);
  try {
    const interval = shiftInterval(statistic, confidence);
    return {
      found: 'shift',
      interval,
      meanRatio: meanRatio(x.mean, y.mean),
      cles: commonLanguage(statistic.winsAt(0), x.count, y.count),
      pValue: normalTails(statistic.z(0)),
      span: statistic.hi - statistic.lo,
      isConstant,
    };
  } catch (error) {
    if (error instanceof AllTiedError) return { found: 'tied' };
    throw error;
  }
}

/**
 * Kayenta adds normal noise from an unseeded stream to two constant series, and then tests them like any others. Here the noise falls as it does
 * on average, so that the same samples get the same answer: the one that most of Kayenta's draws give.
 */
function loadConstants(experiment: Float64Array, control: Float64Array): void {
  const x = withNoise(experiment);
  const y = withNoise(control);
  statistic.load(x, y, { min: x[0]!, max: x.at(-1)! }, { min: y[0]!, max: y.at(-1)! });
}

function withNoise(constant: Float64Array): Float64Array {
  const value = constant[0]!;
  return Number.isFinite(value) ? normalScores(constant.length, value, NOISE * Math.abs(value)) : constant;
}

/** −0.0 equals 0.0 here. */
function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
