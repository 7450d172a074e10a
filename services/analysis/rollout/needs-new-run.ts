import type { Phase } from '../../domain/phase.ts';

export interface RunNeed {
  /** The current run of this type, or null when there is none. */
  readonly current: { readonly phase?: Phase | '' } | null;
  readonly controllerPause: boolean;
  readonly pauseReasons: readonly string[];
  /** Whether the rollout's `abortedAt` is still set. */
  readonly aborted: boolean;
}

/**
 * Is a new run due in place of the current one? Yes when there is none, when the rollout is tried again after an abort, and when somebody
 * resumed a rollout that an Inconclusive run had paused: the controller's pause is still set and no condition explains it. The pauses of a
 * canary step and of blue-green are pauses of their own and say nothing of the run.
 */
export function needsNewRun({ current, controllerPause, pauseReasons, aborted }: RunNeed): boolean {
  if (current === null) return true;
  const pausedByStrategy = pauseReasons.includes('CanaryPauseStep') || pauseReasons.includes('BlueGreenPause');
  if (controllerPause && !pausedByStrategy) return current.phase === 'Inconclusive';
  return aborted;
}
