import type { AnalysisRun } from '../../domain/run.ts';
import { needsNewRun } from './needs-new-run.ts';
import type { Rollout, RunType } from './rollout.ts';
import { analysisAt, currentStepIndex } from './rollout-point.ts';
import type { ReplicaSet } from './runs-to-delete.ts';
import { rolloutVerdict, type Verdict } from './verdict.ts';

/**
 * What a controller sends: its Rollout as the cluster has it (with `status.currentPodHash` and `status.stableRS`) and the point of the strategy it
 * stands at. It calls again whenever the Rollout or the run changes; asking twice changes nothing.
 */
export interface RolloutQuestion {
  readonly rollout: Rollout;
  readonly point: RunType;
  /** Is the new ReplicaSet available, and its targets verified? Before that no promotion analysis starts. Default true. */
  readonly ready?: boolean;
  /** Does this update return to a version that may skip its analysis (Argo's fast rollback)? Default false. */
  readonly fastRollback?: boolean;
  /** The rollout's ReplicaSets; without them no old run is proposed for deletion. */
  readonly replicaSets?: readonly ReplicaSet[];
}

/** `keep`: judge the run there is, if any. `drop`: no run belongs here; what still goes on is stopped. `hold`: nothing changes at all. */
export type Decision =
  | { readonly do: 'keep' | 'create'; readonly reason: string }
  | { readonly do: 'drop' | 'hold'; readonly verdict: Verdict; readonly reason: string };

const GO_ON: Verdict = { action: 'continue' };
const WAIT: Verdict = { action: 'wait' };

/** What becomes of the analysis at this point, in the order in which Argo's controller asks. */
export function decideAnalysis(question: RolloutQuestion, current: AnalysisRun | undefined): Decision {
  const { rollout, point } = question;
  const analysis = analysisAt(rollout, point);
  const pauses = pauseReasons(rollout);
  const skipped = whyNoAnalysis(question);
  if (skipped !== undefined) return { do: 'drop', verdict: GO_ON, reason: skipped };
  if (point === 'Step' && pauses.length > 0) return whilePaused(pauses);
  if (!rollout.status?.currentPodHash)
    return { do: 'hold', verdict: WAIT, reason: 'status.currentPodHash is empty: there is no new version yet' };
  if ((analysis?.templates ?? []).length === 0)
    return { do: 'drop', verdict: GO_ON, reason: `the strategy has no analysis for ${point} here` };
  const early = tooEarly(question, current);
  if (early !== undefined) return early;
  if (pauses.includes('InconclusiveAnalysisRun')) return whilePaused(pauses);
  const need = needsNewRun({
    current: current === undefined ? null : (current.status ?? {}),
    controllerPause: rollout.status?.controllerPause ?? false,
    pauseReasons: pauses,
    aborted: (rollout.status?.abortedAt ?? null) !== null,
  });
  if (need)
    return { do: 'create', reason: current === undefined ? 'no run yet' : 'the rollout was resumed or retried' };
  return { do: 'keep', reason: `the run ${current!.metadata.name} is ${current!.status?.phase || 'not started'}` };
}

/** Times at which Argo stops every analysis of the rollout. */
function whyNoAnalysis({ rollout, fastRollback }: RolloutQuestion): string | undefined {
  const { stableRS = '', currentPodHash = '', abort, promoteFull } = rollout.status ?? {};
  if (stableRS === '') return 'the initial deployment is not analysed';
  if (stableRS === currentPodHash) return 'the rollout is fully promoted';
  if (abort) return 'the rollout is aborted';
  if (promoteFull) return 'the rollout is promoted in full';
  return fastRollback ? 'a fast rollback is not analysed' : undefined;
}

function whilePaused(pauses: readonly string[]): Decision {
  const verdict = pauses.includes('InconclusiveAnalysisRun')
    ? rolloutVerdict('Step', { phase: 'Inconclusive' }, '')
    : WAIT;
  return { do: 'hold', verdict, reason: `the rollout is paused: ${pauses.join(', ')}` };
}

function tooEarly(question: RolloutQuestion, current: AnalysisRun | undefined): Decision | undefined {
  const { rollout, point, ready = true } = question;
  const { currentPodHash = '', blueGreen } = rollout.status ?? {};
  const active = blueGreen?.activeSelector ?? '';
  switch (point) {
    case 'Step':
      return undefined;
    case 'Background': {
      const start = rollout.spec.strategy?.canary?.analysis?.startingStep ?? 0;
      const hasSteps = (rollout.spec.strategy?.canary?.steps ?? []).length > 0;
      if (!hasSteps || currentStepIndex(rollout) >= start) return undefined;
      return { do: 'hold', verdict: GO_ON, reason: `background analysis starts at step ${start}` };
    }
    case 'PrePromotion':
      if (active === '' || active === currentPodHash)
        return { do: 'drop', verdict: GO_ON, reason: 'the new version is already active' };
      // Once started, an analysis is not dropped when pods come and go.
      if (ready || current !== undefined) return undefined;
      return { do: 'hold', verdict: WAIT, reason: 'the new ReplicaSet is not available yet' };
    case 'PostPromotion':
      if (active !== currentPodHash) return { do: 'drop', verdict: WAIT, reason: 'the new version is not active yet' };
      if (ready || current !== undefined) return undefined;
      return { do: 'hold', verdict: WAIT, reason: 'the new ReplicaSet is not available yet' };
  }
}

function pauseReasons(rollout: Rollout): readonly string[] {
  return (rollout.status?.pauseConditions ?? []).map(({ reason }) => reason);
}
