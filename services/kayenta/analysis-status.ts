import type { Judgement } from '../domain/judgement.ts';
import { parseStandaloneRequest, type StandaloneRequest } from './analysis-request.ts';
import type { AnalysisDocument, ExecutionDocument } from './documents.ts';
import { parseExecutionRequest } from './execution-request.ts';
import { durationOf, type ExecutionState, isComplete, pairListOf, stateOf, timesOf } from './execution-status.ts';
import { formatInstant, instantOf } from './java-values.ts';
import { KayentaError } from './kayenta-error.ts';
import { type AnalysisPlan, aggregateScores, isAboveMarginal, planAnalysis, stagesOf } from './standalone-plan.ts';

/** Fewer points than this on a side make the judge's verdict shaky: Kayenta's warning. */
const ENOUGH_POINTS = 50;
const TOO_FEW_POINTS =
  'One of the metrics returned fewer than 50 data points, which can reduce confidence in the final canary score.';

const SETUP = {
  type: 'setupAndExecuteCanariesStage',
  name: 'Sets up and executes the wait, run and monitor canary task chain.',
};
const RESULT = {
  type: 'generateCanaryAnalysisResultStage',
  name: 'Aggregates and evaluates the canary executions and generates the final results.',
};

/** The answer of `GET /standalone_canary_analysis/{id}`. `executions` are those that were started, in order. */
export function presentAnalysis(
  analysis: AnalysisDocument,
  executions: readonly ExecutionDocument[],
  accountType: string | undefined,
): object {
  const { context } = analysis;
  const state = analysisState(analysis, executions);
  return {
    application: context.application,
    user: context.user,
    ...(context.parentPipelineExecutionId === undefined
      ? {}
      : { parentPipelineExecutionId: context.parentPipelineExecutionId }),
    pipelineId: analysis.metadata.name,
    stageStatus: stageList(analysis, executions, state),
    complete: isComplete(state),
    executionStatus: state.toUpperCase(),
    status: state,
    ...exceptionOf(analysis, executions),
    ...(isComplete(state) && state !== 'canceled' && analysis.exception === undefined
      ? { canaryAnalysisExecutionResult: resultOf(analysis, executions, accountType) }
      : {}),
    canaryAnalysisExecutionRequest: analysis.request,
    canaryConfig: analysis.config,
    ...(context.canaryConfigId === 'ad-hoc' ? {} : { canaryConfigId: context.canaryConfigId }),
    ...timesOf(analysis),
    storageAccountName: context.storageAccountName,
    metricsAccountName: context.metricsAccountName,
  };
}

/** TERMINAL also for a score that is not above marginal; SUCCEEDED says nothing of the pass threshold. */
function analysisState(analysis: AnalysisDocument, executions: readonly ExecutionDocument[]): ExecutionState {
  if (analysis.canceled) return 'canceled';
  if (analysis.endTimeMillis === undefined) return 'running';
  if (analysis.exception !== undefined) return 'terminal';
  return executions.every((execution) => judgementState(analysis, execution) === 'succeeded')
    ? 'succeeded'
    : 'terminal';
}

/** The fate of one judgement's stage. */
function judgementState(analysis: AnalysisDocument, execution: ExecutionDocument): ExecutionState {
  const state = stateOf(execution);
  if (execution.judgement === undefined) return isComplete(state) ? 'terminal' : state;
  const marginal = parseStandaloneRequest(analysis.request).thresholds?.marginal;
  return marginal === undefined || isAboveMarginal(execution.judgement.score.score, marginal)
    ? 'succeeded'
    : 'terminal';
}

function stageList(
  analysis: AnalysisDocument,
  executions: readonly ExecutionDocument[],
  state: ExecutionState,
): readonly object[] {
  const request = parseStandaloneRequest(analysis.request);
  const planned = planOf(analysis, request);
  if (planned === undefined) return [{ ...SETUP, status: 'TERMINAL' }];
  const waiting = isComplete(state) ? 'not_started' : state;
  let reached = true;
  const stages = stagesOf(planned, request).map((stage) => {
    if (stage.type === 'wait') {
      // A wait is over when the judgement behind it has begun; the first that is not over is the one under way.
      const next = executions.length;
      const number = Number(/#(\d+)$/.exec(stage.wait.name)?.[1] ?? 0);
      const isOver = number === 0 ? next > 0 : next >= number;
      const status = isOver ? 'succeeded' : reached ? waiting : 'not_started';
      if (!isOver) reached = false;
      return { type: 'wait', name: stage.wait.name, status: status.toUpperCase() };
    }
    const execution = executions[stage.judgement - 1];
    const status = execution === undefined ? 'not_started' : judgementState(analysis, execution);
    if (status !== 'succeeded') reached = false;
    return {
      type: 'runCanary',
      name: stage.name,
      status: status.toUpperCase(),
      ...(execution === undefined ? {} : { executionId: execution.metadata.name }),
    };
  });
  const result = isComplete(state) && state !== 'canceled' ? [{ ...RESULT, status: 'SUCCEEDED' }] : [];
  return [...stages, { ...SETUP, status: 'SUCCEEDED' }, ...result];
}

/** Undefined when the plan is what went wrong. */
function planOf(analysis: AnalysisDocument, request: StandaloneRequest): AnalysisPlan | undefined {
  try {
    return planAnalysis(request, instantOf(analysis.startTimeMillis));
  } catch (error) {
    if (error instanceof KayentaError) return undefined;
    throw error;
  }
}

function exceptionOf(analysis: AnalysisDocument, executions: readonly ExecutionDocument[]): object {
  const exception = analysis.exception ?? executions.find((execution) => execution.exception !== undefined)?.exception;
  return exception === undefined ? {} : { exception };
}

function resultOf(
  analysis: AnalysisDocument,
  executions: readonly ExecutionDocument[],
  accountType: string | undefined,
): object {
  const complete = executions.filter((execution) => isComplete(stateOf(execution)));
  const scores = complete.map(({ judgement }) => judgement?.score.score ?? 0);
  const results = complete.map((execution) => executionResultOf(execution, accountType));
  return {
    ...aggregateScores(scores, parseStandaloneRequest(analysis.request).thresholds),
    hasWarnings: results.some(({ warnings }) => warnings.length > 0),
    canaryScores: scores,
    canaryExecutionResults: results,
  };
}

function executionResultOf(execution: ExecutionDocument, accountType: string | undefined) {
  const { judgement, context } = execution;
  const exception = execution.canceled
    ? { details: { errors: ['Canary execution was canceled.'] } }
    : execution.exception;
  return {
    executionId: execution.metadata.name,
    executionStatus: stateOf(execution).toUpperCase(),
    ...(exception === undefined ? {} : { exception }),
    ...(judgement === undefined ? {} : { result: { judgeResult: judgement, ...durationOf(execution) } }),
    ...judgedWindow(execution),
    warnings: judgement !== undefined && accountType !== 'datadog' && hasFewPoints(judgement) ? [TOO_FEW_POINTS] : [],
    ...pairListOf(execution),
    ...timesOf(execution),
    storageAccountName: context.storageAccountName,
  };
}

/** The window of the first scope's control, which an offset shifts: what Kayenta shows as the judgement's times. */
function judgedWindow(execution: ExecutionDocument): object {
  const { start, end } = Object.values(parseExecutionRequest(execution.request).scopes)[0]?.controlScope ?? {};
  return {
    ...(start === undefined
      ? {}
      : { judgementStartTimeIso: formatInstant(start), judgementStartTimeMillis: start.epochMs }),
    ...(end === undefined ? {} : { judgementEndTimeIso: formatInstant(end), judgementEndTimeMillis: end.epochMs }),
  };
}

const hasFewPoints = ({ results }: Judgement): boolean =>
  results.some(({ controlMetadata }) => controlMetadata.stats.count < ENOUGH_POINTS);
