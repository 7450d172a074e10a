import { isCompleted } from '../../domain/phase.ts';
import { ANALYSIS_API_VERSION, type OwnerReference } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { CollectedTemplates } from '../collect-templates.ts';
import { newRun } from '../new-run.ts';
import { buildRolloutArguments } from './build-arguments.ts';
import { runLabels, runName } from './name-run.ts';
import { needsNewRun } from './needs-new-run.ts';
import { controllerOf, resolveCollision } from './resolve-collision.ts';
import {
  INSTANCE_ID_LABEL,
  REVISION_ANNOTATION,
  type Rollout,
  type RolloutAnalysis,
  RUN_TYPES,
  type RunStatusInRollout,
  type RunType,
  STEP_INDEX_LABEL,
} from './rollout.ts';
import { DEFAULT_HISTORY_LIMITS, type ReplicaSet, runsToDelete } from './runs-to-delete.ts';
import { type RolloutEvent, rolloutRunEvent, rolloutVerdict, type Verdict } from './verdict.ts';

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

/** What the caller of the rule knows besides: all runs of the namespace that the rollout owns or whose names are in its way, and its templates. */
export interface KnownResources {
  readonly runs: readonly AnalysisRun[];
  /** What `collectTemplates` finds for the references of `analysisAt(rollout, point)`. */
  readonly templates: CollectedTemplates;
}

export interface RolloutAdvice {
  /** The verdict of this point, with the texts for the rollout's status. */
  readonly verdict: Verdict;
  /** One sentence why. */
  readonly reason: string;
  /** The run of this point; absent when there is none. */
  readonly run?: AnalysisRun;
  /** Whether `run` is new and has to be created. */
  readonly create: boolean;
  /** Runs to be asked to stop (`spec.terminate`). */
  readonly terminate: readonly string[];
  /** Old runs that may go. */
  readonly delete: readonly string[];
  /** What the Rollout's status should remember of the run, and in which member. */
  readonly status?: { readonly path: string; readonly value: RunStatusInRollout };
  /** The event to put on the Rollout, and nothing when its phase is no news. */
  readonly event: RolloutEvent | null;
}

const STATUS_PATH: Readonly<Record<RunType, string>> = {
  Step: 'status.canary.currentStepAnalysisRunStatus',
  Background: 'status.canary.currentBackgroundAnalysisRunStatus',
  PrePromotion: 'status.blueGreen.prePromotionAnalysisRunStatus',
  PostPromotion: 'status.blueGreen.postPromotionAnalysisRunStatus',
};

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

/**
 * Which run a Rollout has at a point of its strategy, and what its phase means for it: Argo's reconciliation of one analysis type. Throws Error in
 * Argo's words when the run cannot be built (an argument nobody gives, two metrics of one name).
 */
export function adviseRollout(question: RolloutQuestion, known: KnownResources): RolloutAdvice {
  const { rollout, point } = question;
  const current = currentRun(question, known.runs);
  const outcome = carryOut(decide(question, current), question, known, current);
  const { run } = outcome;
  const notCurrent = runsNotCurrent(question, known.runs, run);
  const remembered = rememberedStatus(rollout, point);
  const replaced = notCurrent.filter(({ metadata }) => metadata.name !== remembered?.name);
  return {
    ...outcome,
    terminate: notCurrent.filter((old) => !isStopping(old)).map(({ metadata }) => metadata.name),
    delete: outdated(question, replaced).map(({ metadata }) => metadata.name),
    event:
      run === undefined ? null : rolloutRunEvent(point, { name: run.metadata.name, ...run.status }, remembered ?? null),
    ...(run !== undefined && { status: { path: STATUS_PATH[point], value: statusInRollout(run) } }),
  };
}

/** `keep`: judge the run there is, if any. `drop`: no run belongs here; what still goes on is stopped. `hold`: nothing changes at all. */
type Decision =
  | { readonly do: 'keep' | 'create'; readonly reason: string }
  | { readonly do: 'drop' | 'hold'; readonly verdict: Verdict; readonly reason: string };

const GO_ON: Verdict = { action: 'continue' };
const WAIT: Verdict = { action: 'wait' };

function decide(question: RolloutQuestion, current: AnalysisRun | undefined): Decision {
  const { rollout, point } = question;
  const analysis = analysisAt(rollout, point);
  const pauses = pauseReasons(rollout);
  const skipped = whyNoAnalysis(question);
  if (skipped !== undefined) return { do: 'drop', verdict: GO_ON, reason: skipped };
  if (point === 'Step' && pauses.length > 0) return whilePaused(pauses);
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

type Outcome = Pick<RolloutAdvice, 'verdict' | 'reason' | 'run' | 'create'>;

function carryOut(
  decision: Decision,
  question: RolloutQuestion,
  known: KnownResources,
  current?: AnalysisRun,
): Outcome {
  const { rollout, point } = question;
  const { reason } = decision;
  switch (decision.do) {
    case 'drop':
      return { verdict: decision.verdict, reason, create: false };
    case 'hold':
      return { verdict: decision.verdict, reason, create: false, ...(current && { run: current }) };
    case 'keep':
      return { verdict: verdictOn(current!), reason, create: false, run: current! };
    case 'create': {
      const wanted = buildRun(rollout, point, known.templates);
      const taken = (name: string) => known.runs.find((run) => run.metadata.name === name);
      const { name, reused } = resolveCollision(wanted, taken);
      const run = reused ? taken(name)! : { ...wanted, metadata: { ...wanted.metadata, name } };
      return { verdict: verdictOn(run), reason, create: !reused, run };
    }
  }

  function verdictOn(run: AnalysisRun): Verdict {
    return rolloutVerdict(point, run.status ?? {}, revisionOf(rollout));
  }
}

/** The run as Argo's controller would create it at this point, under its first name. */
export function buildRun(rollout: Rollout, point: RunType, templates: CollectedTemplates): AnalysisRun {
  const analysis = analysisAt(rollout, point) ?? {};
  const { currentPodHash = '', stableRS = '' } = rollout.status ?? {};
  const { name: rolloutName, namespace = 'default', labels = {} } = rollout.metadata;
  const revision = revisionOf(rollout);
  const stepIndex = currentStepIndex(rollout);
  const instanceId = labels[INSTANCE_ID_LABEL] ?? '';
  return newRun({
    ...templates,
    args: buildRolloutArguments(analysis.args ?? [], rollout, { stable: stableRS, latest: currentPodHash }),
    dryRun: analysis.dryRun ?? [],
    measurementRetention: analysis.measurementRetention ?? [],
    metadata: {
      name: runName({ rollout: rolloutName, podHash: currentPodHash, revision, runType: point, stepIndex }),
      namespace,
      labels: {
        ...runLabels({ runType: point, podHash: currentPodHash, stepIndex, instanceId }),
        ...analysis.analysisRunMetadata?.labels,
        ...rollout.spec.selector?.matchLabels,
      },
      annotations: { [REVISION_ANNOTATION]: revision, ...analysis.analysisRunMetadata?.annotations },
      ownerReferences: [ownerOf(rollout)],
    },
  });
}

function ownerOf({ metadata }: Rollout): OwnerReference {
  const { name, uid = '' } = metadata;
  return { apiVersion: ANALYSIS_API_VERSION, kind: 'Rollout', name, uid, controller: true, blockOwnerDeletion: true };
}

/** The run that the rollout's status remembers; a step run of another step is a leftover. */
function currentRun({ rollout, point }: RolloutQuestion, runs: readonly AnalysisRun[]): AnalysisRun | undefined {
  const name = rememberedStatus(rollout, point)?.name;
  const run = runs.find(({ metadata }) => metadata.name === name);
  if (point !== 'Step') return run;
  return run?.metadata.labels?.[STEP_INDEX_LABEL] === String(currentStepIndex(rollout)) ? run : undefined;
}

function rememberedStatus(rollout: Rollout, point: RunType): RunStatusInRollout | undefined {
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

/** The rollout's own runs that are the current one of no other point, nor the one of this point now. */
function runsNotCurrent({ rollout, point }: RolloutQuestion, runs: readonly AnalysisRun[], now?: AnalysisRun) {
  const others = RUN_TYPES.filter((type) => type !== point).map((type) => rememberedStatus(rollout, type)?.name);
  const current = new Set([now?.metadata.name, ...others]);
  return runs.filter(
    ({ metadata }) => controllerOf(metadata)?.uid === rollout.metadata.uid && !current.has(metadata.name),
  );
}

function isStopping(run: AnalysisRun): boolean {
  return run.spec.terminate === true || isCompleted(run.status?.phase);
}

function outdated({ rollout, replicaSets }: RolloutQuestion, runs: readonly AnalysisRun[]): readonly AnalysisRun[] {
  if (replicaSets === undefined) return [];
  const { successfulRunHistoryLimit, unsuccessfulRunHistoryLimit } = rollout.spec.analysis ?? {};
  return runsToDelete(runs, replicaSets, {
    successful: successfulRunHistoryLimit ?? DEFAULT_HISTORY_LIMITS.successful,
    unsuccessful: unsuccessfulRunHistoryLimit ?? DEFAULT_HISTORY_LIMITS.unsuccessful,
  });
}

function statusInRollout({ metadata, status }: AnalysisRun): RunStatusInRollout {
  return {
    name: metadata.name,
    status: status?.phase ?? '',
    ...(status?.message && { message: status.message }),
  };
}

function currentStepIndex(rollout: Rollout): number {
  return rollout.status?.currentStepIndex ?? 0;
}

function revisionOf(rollout: Rollout): string {
  return rollout.metadata.annotations?.[REVISION_ANNOTATION] ?? '';
}

function pauseReasons(rollout: Rollout): readonly string[] {
  return (rollout.status?.pauseConditions ?? []).map(({ reason }) => reason);
}
