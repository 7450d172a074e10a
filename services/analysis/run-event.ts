import type { CompletedPhase } from '../domain/phase.ts';

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

function typeOf(phase: CompletedPhase): RunEvent['type'] {
  return phase === 'Failed' || phase === 'Error' ? 'Warning' : 'Normal';
}
