import {
  REVISION_ANNOTATION,
  type Rollout,
  type RolloutAnalysis,
  type RunStatusInRollout,
  type RunType,
} from './rollout.ts';

/** What the strategy says of analysis at a point; undefined when nothing. */
export function analysisAt(rollout: Rollout, point: RunType): RolloutAnalysis | undefined {
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  switch (point) {
    case 'Step':
      return canary?.steps?.[currentStepIndex(rollout)]?.analysis;
    case 'Background':
      return canary?.analysis;
    case 'PrePromotion':
      return blueGreen?.prePromotionAnalysis;
    case 'PostPromotion':
      return blueGreen?.postPromotionAnalysis;
  }
}

/** The run that the Rollout's status remembers for a point. */
export function rememberedStatus(rollout: Rollout, point: RunType): RunStatusInRollout | undefined {
  const { canary, blueGreen } = rollout.status ?? {};
  switch (point) {
    case 'Step':
      return canary?.currentStepAnalysisRunStatus;
    case 'Background':
      return canary?.currentBackgroundAnalysisRunStatus;
    case 'PrePromotion':
      return blueGreen?.prePromotionAnalysisRunStatus;
    case 'PostPromotion':
      return blueGreen?.postPromotionAnalysisRunStatus;
  }
}

/** Where in the Rollout it remembers its run of a point. */
export const STATUS_PATH: Readonly<Record<RunType, string>> = {
  Step: 'status.canary.currentStepAnalysisRunStatus',
  Background: 'status.canary.currentBackgroundAnalysisRunStatus',
  PrePromotion: 'status.blueGreen.prePromotionAnalysisRunStatus',
  PostPromotion: 'status.blueGreen.postPromotionAnalysisRunStatus',
};

export function currentStepIndex(rollout: Rollout): number {
  return rollout.status?.currentStepIndex ?? 0;
}

export function revisionOf(rollout: Rollout): string {
  return rollout.metadata.annotations?.[REVISION_ANNOTATION] ?? '';
}
