import { type Reason, reasonOf } from '../analysis/reason.ts';
import { isCompleted, type Phase } from '../domain/phase.ts';
import type { AnalysisRun, Measurement } from '../domain/run.ts';

/** What a job shows of its run while it waits. That of a completed run holds the whole verdict. */
export interface JobProgress {
  readonly namespace: string;
  readonly run: string;
  /** Empty before the first pass. */
  readonly phase: Phase | '';
  readonly message?: string;
  readonly counts: Counts;
  readonly newest?: NewestMeasurement;
  readonly reason: Reason;
}

/** Measurements of all metrics by outcome. */
interface Counts {
  readonly successful: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly error: number;
}

interface NewestMeasurement {
  readonly metric: string;
  readonly phase: Phase;
  readonly value?: string;
  readonly message?: string;
  readonly finishedAt: string;
}

/** What a job answers: the verdict and why. */
export type JobVerdict = Pick<JobProgress, 'namespace' | 'run' | 'phase' | 'message' | 'reason'>;

export function progressOf(run: AnalysisRun): JobProgress {
  const { phase = '', message, metricResults = [] } = run.status ?? {};
  const count = (outcome: keyof Counts): number => metricResults.reduce((sum, each) => sum + (each[outcome] ?? 0), 0);
  const newest = newestMeasurement(run);
  return {
    namespace: run.metadata.namespace ?? '',
    run: run.metadata.name,
    phase,
    ...(message && { message }),
    counts: {
      successful: count('successful'),
      failed: count('failed'),
      inconclusive: count('inconclusive'),
      error: count('error'),
    },
    ...(newest && { newest }),
    reason: reasonOf(run),
  };
}

/** Undefined while the run is not complete. */
export function verdictIn({ namespace, run, phase, message, reason }: JobProgress): JobVerdict | undefined {
  return isCompleted(phase) ? { namespace, run, phase, ...(message && { message }), reason } : undefined;
}

/** A job's progress as it stands in Redis: 0 until somebody says otherwise. */
export function readProgress(progress: unknown): JobProgress | undefined {
  if (typeof progress !== 'object' || progress === null) return undefined;
  const { namespace, run, reason } = progress as Partial<JobProgress>;
  const isOurs = typeof namespace === 'string' && typeof run === 'string' && typeof reason === 'object';
  return isOurs ? (progress as JobProgress) : undefined;
}

function newestMeasurement({ status }: AnalysisRun): NewestMeasurement | undefined {
  const finished = (status?.metricResults ?? []).flatMap(({ name, measurements = [] }) => {
    const last = measurements.findLast(isFinished);
    return last === undefined ? [] : [{ metric: name, ...last }];
  });
  // Times are in whole seconds and of one form, so that text compares as time.
  const newest = finished.toSorted((a, b) => (a.finishedAt < b.finishedAt ? 1 : -1))[0];
  if (newest === undefined) return undefined;
  const { metric, phase, value, message, finishedAt } = newest;
  return { metric, phase, ...(value && { value }), ...(message && { message }), finishedAt };
}

function isFinished(measurement: Measurement): measurement is Measurement & { readonly finishedAt: string } {
  return measurement.finishedAt !== undefined;
}
