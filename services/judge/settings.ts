import type { CanaryMetric, Direction } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';
import { lookUp } from './look-up.ts';

/** How one metric is judged: `analysisConfigurations.canary`, read as Kayenta reads it. */
export interface MetricSettings {
  readonly direction: Direction;
  /** What happens to NaN samples: dropped, or replaced by 0. */
  readonly nanStrategy: 'remove' | 'replace';
  /** Interquartile ranges beyond which a sample is an outlier and dropped; undefined keeps outliers. */
  readonly outlierFactor: number | undefined;
  readonly critical: boolean;
  readonly mustHaveData: boolean;
  readonly muted: boolean;
  readonly effectSize: EffectSizeGates;
}

export interface EffectSizeGates {
  readonly measure: 'meanRatio' | 'cles';
  readonly allowedIncrease: number;
  readonly allowedDecrease: number;
  readonly criticalIncrease: number;
  readonly criticalDecrease: number;
}

const INT32 = 2 ** 31;
/** JSON writers print integers below this without an exponent, which Java reads as a Long or larger. */
const PRINTED_WITH_EXPONENT = 1e21;

/** Reads the settings of a metric. Throws CallerError where Kayenta's reading fails: a null text, a value of the wrong type. */
export function readSettings(metric: CanaryMetric): MetricSettings {
  const canary = metric.analysisConfigurations?.['canary'];
  const fail = (path: readonly string[], problem: string): never => {
    const field = `metrics[${JSON.stringify(metric.name)}].analysisConfigurations.canary.${path.join('.')}`;
    throw new CallerError('invalid', `${field}: ${problem}`, [{ field, message: problem }]);
  };
  const text = (...path: readonly string[]): string | undefined => {
    const finding = lookUp(canary, path);
    if (!finding.found) return undefined;
    if (finding.value === null || finding.value === undefined) return fail(path, 'must be text, not null');
    return typeof finding.value === 'object' ? JSON.stringify(finding.value) : String(finding.value);
  };
  const flag = (...path: readonly string[]): boolean => {
    const finding = lookUp(canary, path);
    if (!finding.found || finding.value === null) return false;
    return typeof finding.value === 'boolean' ? finding.value : fail(path, 'must be true or false');
  };
  const number = (fallback: number, ...path: readonly string[]): number => {
    const finding = lookUp(canary, path);
    return finding.found ? (readNumber(finding.value) ?? fail(path, 'must be a number within 32 bits')) : fallback;
  };

  const direction = text('direction');
  const removesOutliers = text('outliers', 'strategy') === 'remove';
  const outlierFactor = number(3, 'outliers', 'outlierFactor');
  if (removesOutliers && !(outlierFactor > 0))
    throw new CallerError('invalid', 'requirement failed: factor must be greater than zero', [
      {
        field: `metrics[${JSON.stringify(metric.name)}].analysisConfigurations.canary.outliers.outlierFactor`,
        message: 'must be greater than zero',
      },
    ]);
  const measure = text('effectSize', 'measure') === 'cles' ? 'cles' : 'meanRatio';
  const gate = measure === 'cles' ? 0.5 : 1;
  return {
    direction: direction === 'increase' || direction === 'decrease' ? direction : 'either',
    nanStrategy: text('nanStrategy') === 'replace' ? 'replace' : 'remove',
    outlierFactor: removesOutliers ? outlierFactor : undefined,
    critical: flag('critical'),
    mustHaveData: flag('mustHaveData'),
    muted: flag('muted'),
    effectSize: {
      measure,
      allowedIncrease: number(gate, 'effectSize', 'allowedIncrease'),
      allowedDecrease: number(gate, 'effectSize', 'allowedDecrease'),
      criticalIncrease: number(gate, 'effectSize', 'criticalIncrease'),
      criticalDecrease: number(gate, 'effectSize', 'criticalDecrease'),
    },
  };
}

/** A setting that Kayenta takes as a number: an int of 32 bits, a floating number, or null for 0. Undefined for what it cannot cast. */
export function readNumber(value: unknown): number | undefined {
  if (value === null) return 0;
  if (typeof value !== 'number') return undefined;
  const isLong =
    Number.isInteger(value) && (value >= INT32 || value < -INT32) && Math.abs(value) < PRINTED_WITH_EXPONENT;
  return isLong ? undefined : value;
}
