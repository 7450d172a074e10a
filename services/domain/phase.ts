/** Runs, metric results and measurements share these words. A fresh run has none of them yet. */
export const PHASES = ['Pending', 'Running', 'Successful', 'Failed', 'Error', 'Inconclusive'] as const;
export type Phase = (typeof PHASES)[number];

/** The phases that end a run, a metric or a measurement for good. */
export type CompletedPhase = 'Successful' | 'Failed' | 'Error' | 'Inconclusive';

export function isCompleted(phase: Phase | '' | undefined): phase is CompletedPhase {
  return phase === 'Successful' || phase === 'Failed' || phase === 'Error' || phase === 'Inconclusive';
}

// Best to worst at run level (Argo's analysis.phaseOrder). Inside one metric another order holds: see assess-metric.ts.
const BEST_TO_WORST: readonly Phase[] = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'];

/** Is `next` a worse phase for a run than `current`? */
export function isWorse(current: Phase, next: Phase): boolean {
  return BEST_TO_WORST.indexOf(next) > BEST_TO_WORST.indexOf(current);
}
