import type { Classification } from '../domain/judgement.ts';
import type { Comparison } from './compare.ts';
import type { EffectSizeGates, MetricSettings } from './settings.ts';

/** What a comparison means for a metric with its settings. */
export interface Classified {
  readonly classification: Classification;
  /** Kayenta's words, where it has any. */
  readonly reason?: string;
  /** This failure fails the canary. */
  readonly critical: boolean;
  /** Absent for Error. */
  readonly ratio?: number;
}

const PASS: Classified = { classification: 'Pass', critical: false, ratio: 1 };

/** Kayenta's Mann-Whitney classifier: `tolerance` is the share of the estimated shift that a bound must exceed. */
export function classify(
  name: string,
  comparison: Comparison,
  settings: MetricSettings,
  tolerance: number,
): Classified {
  switch (comparison.found) {
    case 'no-data':
      return classifyMissing(name, settings);
    case 'identical':
      return { ...PASS, reason: 'The Canary and Baseline data are identical' };
    case 'one-value':
      return PASS;
    case 'tied':
      return { classification: 'Error', reason: 'Metric Classification Failed', critical: false };
    case 'shift': {
      const { interval, meanRatio: ratio } = comparison;
      const tolerated = tolerance * Math.abs(interval.estimate);
      const { direction, effectSize } = settings;
      const effect = effectOf(comparison, effectSize);
      // NaN effects open every gate: the test alone decides.
      if (direction !== 'decrease' && interval.lower > tolerated && !(effect < effectSize.allowedIncrease))
        return classifyFailure(name, 'High', ratio, settings.critical && !(effect < effectSize.criticalIncrease));
      if (direction !== 'increase' && interval.upper < -tolerated && !(effect > effectSize.allowedDecrease))
        return classifyFailure(name, 'Low', ratio, settings.critical && !(effect > effectSize.criticalDecrease));
      return { ...PASS, ratio };
    }
  }
}

/** The effect that the gates look at; the mean ratio is reported whatever they look at. */
export const effectOf = (
  { meanRatio, cles }: { readonly meanRatio: number; readonly cles: number },
  { measure }: Pick<EffectSizeGates, 'measure'>,
): number => (measure === 'cles' ? cles : meanRatio);

function classifyMissing(name: string, { nanStrategy, mustHaveData, critical }: MetricSettings): Classified {
  if (nanStrategy === 'replace') return PASS;
  const reason = `Missing data for ${name}`;
  if (mustHaveData && !critical) return { classification: 'NodataFailMetric', reason, critical: false, ratio: 1 };
  return { classification: 'Nodata', reason, critical, ratio: 1 };
}

function classifyFailure(name: string, classification: 'High' | 'Low', ratio: number, critical: boolean): Classified {
  const reason = critical
    ? `The metric ${name} was classified as ${classification} (Critical)`
    : `${name} was classified as ${classification}`;
  return { classification, reason, critical, ratio };
}
