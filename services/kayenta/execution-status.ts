import type { ExecutionDocument } from './documents.ts';
import { canaryDuration, parseExecutionRequest } from './execution-request.ts';
import { formatInstant, instantOf } from './java-values.ts';

/** The status words of Orca's pipelines, in lower case as `/canary` shows them. */
export type ExecutionState = 'not_started' | 'running' | 'succeeded' | 'terminal' | 'canceled';

/** Derived from what the document holds; `succeeded` says that it was judged, whatever the score. */
export function stateOf(
  execution: Pick<ExecutionDocument, 'judgement' | 'exception' | 'canceled' | 'startTimeMillis'>,
): ExecutionState {
  if (execution.judgement !== undefined) return 'succeeded';
  if (execution.exception !== undefined) return 'terminal';
  if (execution.canceled) return 'canceled';
  return execution.startTimeMillis === undefined ? 'not_started' : 'running';
}

export const isComplete = (state: ExecutionState): boolean => state !== 'not_started' && state !== 'running';

/** The answer of `GET /canary/{id}`. Absent members are left out, never null: clients cannot read it. */
export function presentExecution(execution: ExecutionDocument): object {
  const { context, judgement } = execution;
  const state = stateOf(execution);
  return {
    application: context.application,
    ...(context.parentPipelineExecutionId === undefined
      ? {}
      : { parentPipelineExecutionId: context.parentPipelineExecutionId }),
    pipelineId: execution.metadata.name,
    stageStatus: stageStatusOf(execution, state),
    complete: isComplete(state),
    status: state,
    ...(execution.exception === undefined ? {} : { exception: execution.exception }),
    ...(judgement === undefined ? {} : { result: { judgeResult: judgement, ...durationOf(execution) } }),
    config: { ...execution.config, templates: execution.config.templates ?? {} },
    canaryConfigId: context.canaryConfigId,
    canaryExecutionRequest: execution.request,
    ...pairListOf(execution),
    ...timesOf(execution),
    metricsAccountName: context.metricsAccountName,
    storageAccountName: context.storageAccountName,
    ...(context.configurationAccountName === undefined
      ? {}
      : { configurationAccountName: context.configurationAccountName }),
  };
}

/** The length of the judged window, when all scopes agree on it. */
export function durationOf({ request }: ExecutionDocument): { canaryDuration?: string } {
  const pairs = Object.values(parseExecutionRequest(request).scopes);
  const duration = canaryDuration(
    pairs.flatMap(({ controlScope, experimentScope }) => [controlScope, experimentScope]),
  );
  return duration === undefined ? {} : { canaryDuration: duration };
}

/** Where the samples are, once both sides were mixed. */
export function pairListOf({ metricSetPairListId, judgement, failedStages }: ExecutionDocument): {
  metricSetPairListId?: string;
} {
  const isMixed = judgement !== undefined || failedStages?.includes('judge');
  return metricSetPairListId === undefined || !isMixed ? {} : { metricSetPairListId };
}

/** Each moment in both of its forms. */
export function timesOf(document: {
  readonly buildTimeMillis: number;
  readonly startTimeMillis?: number;
  readonly endTimeMillis?: number;
}): object {
  const { buildTimeMillis, startTimeMillis, endTimeMillis } = document;
  return Object.fromEntries(
    Object.entries({ buildTime: buildTimeMillis, startTime: startTimeMillis, endTime: endTimeMillis }).flatMap(
      ([name, ms]) =>
        ms === undefined
          ? []
          : [
              [`${name}Millis`, ms],
              [`${name}Iso`, formatInstant(instantOf(ms))],
            ],
    ),
  );
}

/** The stage names of an execution's metric fetches. */
export const fetchStage = (side: 'control' | 'experiment', index: number): string =>
  `fetch${side === 'control' ? 'Control' : 'Experiment'}${index}`;

/** Stages as progress bars read them; Assay fetches in parallel, so that all fetches share one state until one fails. */
function stageStatusOf(execution: ExecutionDocument, state: ExecutionState): Readonly<Record<string, string>> {
  const fetches = execution.config.metrics.flatMap((_, index) => [
    fetchStage('control', index),
    fetchStage('experiment', index),
  ]);
  const stages = ['setupContext', ...fetches, 'mixMetrics', 'judge'];
  const failed = execution.failedStages ?? [];
  const firstFailure = stages.findIndex((stage) => failed.includes(stage));
  return Object.fromEntries(
    stages.map((stage, index) => {
      if (state === 'succeeded' || state === 'not_started') return [stage, state];
      if (failed.includes(stage)) return [stage, 'terminal'];
      if (state === 'terminal') {
        const isSibling = fetches.includes(stage) && fetches.some((fetch) => failed.includes(fetch));
        return [stage, index < firstFailure || isSibling ? 'succeeded' : 'not_started'];
      }
      if (stage === 'setupContext') return [stage, execution.startTimeMillis === undefined ? state : 'succeeded'];
      return [stage, fetches.includes(stage) ? state : 'not_started'];
    }),
  );
}
