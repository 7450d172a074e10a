import type { Thresholds } from '../../domain/canary-config.ts';
import type { Judgement } from '../../domain/judgement.ts';

/** Everything that a report shows, wherever it was read. */
export interface RunReport {
  readonly name: string;
  readonly namespace: string;
  /** What it is, for people: `Analysis run`, `Canary execution`. */
  readonly kind: string;
  readonly phase: string;
  /** Why, in a sentence. */
  readonly sentence: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly warnings: readonly string[];
  readonly metrics: readonly ReportMetric[];
  readonly comparisons: readonly Comparison[];
}

export interface ReportMetric {
  readonly name: string;
  readonly phase: string;
  readonly message?: string;
  readonly dryRun?: boolean;
  readonly measurements: readonly ReportMeasurement[];
}

export interface ReportMeasurement {
  readonly phase: string;
  readonly value?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}

/** One judgement with the samples that it looked at. Numbers are numbers: NaN, infinities. */
export interface Comparison {
  readonly title: string;
  readonly thresholds: Thresholds;
  readonly judgement: Judgement;
  /** In the order of the judgement's results; undefined where samples are no longer there. */
  readonly pairs: readonly (ReportPair | undefined)[];
}

export interface ReportPair {
  readonly name: string;
  readonly baseline: ArrayLike<number>;
  readonly canary: ArrayLike<number>;
  /** Of the canary. */
  readonly startMs?: number;
  readonly stepMs?: number;
}
