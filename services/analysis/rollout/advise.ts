import { isCompleted } from '../../domain/phase.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { CollectedTemplates } from '../collect-templates.ts';
import { buildRun } from './build-run.ts';
import { type Decision, decideAnalysis, type RolloutQuestion } from './decide-analysis.ts';
import { controllerOf, resolveCollision } from './resolve-collision.ts';
import { RUN_TYPES, type RunStatusInRollout, STEP_INDEX_LABEL } from './rollout.ts';
import { currentStepIndex, rememberedStatus, revisionOf, STATUS_PATH } from './rollout-point.ts';
import { DEFAULT_HISTORY_LIMITS, runsToDelete } from './runs-to-delete.ts';
import { type RolloutEvent, rolloutRunEvent, rolloutVerdict, type Verdict } from './verdict.ts';

export type { RolloutQuestion } from './decide-analysis.ts';
export { analysisAt } from './rollout-point.ts';

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

/**
 * Which run a Rollout has at a point of its strategy, and what its phase means for it: Argo's reconciliation of one analysis type. Throws Error in
 * Argo's words when the run cannot be built (an argument nobody gives, two metrics of one name).
 */
export function adviseRollout(question: RolloutQuestion, known: KnownResources): RolloutAdvice {
  const { rollout, point } = question;
  const current = currentRun(question, known.runs);
  const outcome = carryOut(decideAnalysis(question, current), question, known, current);
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

/** The run that the rollout's status remembers; a step run of another step is a leftover. */
function currentRun({ rollout, point }: RolloutQuestion, runs: readonly AnalysisRun[]): AnalysisRun | undefined {
  const name = rememberedStatus(rollout, point)?.name;
  const run = runs.find(({ metadata }) => metadata.name === name);
  if (point !== 'Step') return run;
  return run?.metadata.labels?.[STEP_INDEX_LABEL] === String(currentStepIndex(rollout)) ? run : undefined;
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
