import { type CompletedPhase, isCompleted } from '../domain/phase.ts';
import { epochMs } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';

/** What is told of a run, in Argo's reasons and words. */
export interface RunEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export function metricCompleted(metric: string, phase: CompletedPhase): RunEvent {
  return { type: typeOf(phase), reason: `Metric${phase}`, message: `Metric '${metric}' Completed. Result: ${phase}` };
}

export function runCompleted(phase: CompletedPhase): RunEvent {
  return { type: typeOf(phase), reason: `AnalysisRun${phase}`, message: `Analysis Completed. Result: ${phase}` };
}

/** An event and the moment of what it tells, as epoch milliseconds. */
export interface DatedEvent extends RunEvent {
  readonly at: number;
}

/** All that a run has had to tell until now. A run that ended before it began has no time of its own but that of its creation. */
export function eventsOf({ metadata, status }: Pick<AnalysisRun, 'metadata' | 'status'>): readonly DatedEvent[] {
  const { phase, metricResults = [] } = status ?? {};
  const endedAt = epochMs(status?.completedAt) ?? epochMs(metadata.creationTimestamp) ?? 0;
  const ofMetrics = metricResults.flatMap((result): DatedEvent[] => {
    if (!isCompleted(result.phase)) return [];
    return [
      {
        ...metricCompleted(result.name, result.phase),
        at: epochMs(result.measurements?.at(-1)?.finishedAt) ?? endedAt,
      },
    ];
  });
  return isCompleted(phase) ? [...ofMetrics, { ...runCompleted(phase), at: endedAt }] : ofMetrics;
}

function typeOf(phase: CompletedPhase): RunEvent['type'] {
  return phase === 'Failed' || phase === 'Error' ? 'Warning' : 'Normal';
}
