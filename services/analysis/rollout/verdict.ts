import type { Phase } from '../../domain/phase.ts';
import type { RunStatusInRollout, RunType } from './rollout.ts';

/**
 * What a run's phase asks of its rollout. `advance`: go to the next step, switch or finish the promotion. `continue`: nothing changes, steps
 * go on. `wait`: do not go past this point yet. `pause`: hold everything until a person resumes or aborts. `abort`: back to stable.
 */
export type Verdict =
  | { readonly action: 'advance' | 'continue' | 'wait' }
  | {
      readonly action: 'pause';
      readonly pauseReason: 'InconclusiveAnalysisRun';
      readonly rolloutPhase: 'Paused';
      readonly rolloutMessage: string;
    }
  | {
      readonly action: 'abort';
      readonly abortMessage: string;
      readonly rolloutPhase: 'Degraded';
      readonly rolloutMessage: string;
    };

const ABORT_TEXT: Readonly<Record<RunType, string>> = {
  Step: 'Step-based analysis phase error/failed',
  Background: 'Background analysis phase error/failed',
  PrePromotion: 'Blue/green pre-promotion analysis phase error/failed',
  PostPromotion: 'Blue/green post-promotion analysis phase error/failed',
};

/** `revision` is the rollout's, for the text that its status shows after an abort. */
export function rolloutVerdict(
  runType: RunType,
  run: { readonly phase?: Phase | ''; readonly message?: string },
  revision: string,
): Verdict {
  switch (run.phase) {
    case 'Successful':
      return { action: runType === 'Background' ? 'continue' : 'advance' };
    case 'Inconclusive':
      return {
        action: 'pause',
        pauseReason: 'InconclusiveAnalysisRun',
        rolloutPhase: 'Paused',
        rolloutMessage: 'InconclusiveAnalysisRun',
      };
    case 'Failed':
    case 'Error': {
      const abortMessage = run.message ? `${ABORT_TEXT[runType]}: ${run.message}` : ABORT_TEXT[runType];
      return {
        action: 'abort',
        abortMessage,
        rolloutPhase: 'Degraded',
        rolloutMessage: `RolloutAborted: Rollout aborted update to revision ${revision}: ${abortMessage}`,
      };
    }
    default:
      return { action: runType === 'Background' ? 'continue' : 'wait' };
  }
}

export interface RolloutEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/**
 * The event on a Rollout when its current run of a type is first seen with a phase, or changes its phase under the same name. A run that
 * replaces another one is silent until the rollout's status carries its name: Argo compares with what the status remembers.
 */
export function rolloutRunEvent(
  runType: RunType,
  run: { readonly name: string; readonly phase?: Phase | '' },
  previous: RunStatusInRollout | null,
): RolloutEvent | null {
  const { name, phase } = run;
  if (phase === undefined || phase === '') return null;
  if (previous !== null && (previous.name !== name || previous.status === phase)) return null;
  const before = previous === null ? 'NoPreviousStatus' : previous.status;
  return {
    type: phase === 'Failed' || phase === 'Error' ? 'Warning' : 'Normal',
    reason: `AnalysisRun${phase}`,
    message: `${runType} Analysis Run '${name}' Status New: '${phase}' Previous: '${before}'`,
  };
}

/** The name of the notification trigger for an event: `AnalysisRunFailed` → `on-analysis-run-failed`. */
export function triggerOf(reason: string): string {
  const kebab = reason.replace(/(.)([A-Z][a-z]+)/gu, '$1-$2').replace(/([a-z0-9])([A-Z])/gu, '$1-$2');
  return `on-${kebab.toLowerCase()}`;
}
