import { INSTANCE_ID_LABEL, POD_HASH_LABEL, RUN_TYPE_LABEL, type RunType, STEP_INDEX_LABEL } from './rollout.ts';

/** What names a run: the rollout, its revision and the place in the strategy. */
export interface RunIdentity {
  readonly rollout: string;
  readonly podHash: string;
  readonly revision: string;
  readonly runType: RunType;
  readonly stepIndex?: number;
}

/** `<rollout>-<podHash>-<revision>`, then the step index, `pre` or `post`; a background run has no ending. */
export function runName(identity: RunIdentity): string {
  const { rollout, podHash, revision, runType, stepIndex } = identity;
  const base = `${rollout}-${podHash}-${revision}`;
  switch (runType) {
    case 'Step':
      return `${base}-${stepIndex ?? 0}`;
    case 'PrePromotion':
      return `${base}-pre`;
    case 'PostPromotion':
      return `${base}-post`;
    case 'Background':
      return base;
  }
}

/** The labels by which Argo's controller, dashboard and plugin find a rollout's runs again. */
export function runLabels(labels: {
  readonly runType: RunType;
  readonly podHash: string;
  readonly stepIndex?: number;
  readonly instanceId?: string;
}): Record<string, string> {
  const { runType, podHash, stepIndex, instanceId } = labels;
  return {
    [POD_HASH_LABEL]: podHash,
    [RUN_TYPE_LABEL]: runType,
    ...(runType === 'Step' && { [STEP_INDEX_LABEL]: String(stepIndex ?? 0) }),
    ...(instanceId && { [INSTANCE_ID_LABEL]: instanceId }),
  };
}
