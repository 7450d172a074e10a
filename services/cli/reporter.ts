import type { AnalysisRun, Measurement } from '../domain/run.ts';

/** One finished measurement, for whoever watches. */
export interface FinishedMeasurement {
  readonly metric: string;
  /** From 1, errors included. */
  readonly number: number;
  readonly dryRun: boolean;
  readonly measurement: Measurement;
  /** What the value was held against; absent for sources that decide themselves. */
  readonly successCondition?: string;
  readonly failureCondition?: string;
}

/** Shows a run as it goes: on a terminal with a live last line, else as plain lines or JSON lines. */
export interface Reporter {
  measured(finished: FinishedMeasurement): void;
  progressed(run: AnalysisRun): void;
  ended(run: AnalysisRun): void;
}
