import type { Comparison } from '../../judge/comparison.ts';

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
