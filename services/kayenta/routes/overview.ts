import type { RouteOptions } from 'fastify';
import type { CanaryVerdict } from '../../domain/judgement.ts';
import { type AnalysisDocument, type ExecutionDocument, listDocuments } from '../documents.ts';
import { type ExecutionState, stateOf } from '../execution-status.ts';
import { type KayentaDeps, route } from './route.ts';

/** An execution or a standalone analysis as the dashboard lists it. */
export interface ExecutionSummary {
  readonly type: 'execution' | 'analysis';
  readonly id: string;
  readonly application: string;
  readonly config: string;
  readonly state: ExecutionState;
  /** Of the newest judgement. */
  readonly score?: number;
  readonly classification?: CanaryVerdict;
  /** Why there is no judgement. */
  readonly problem?: string;
  /** Of a standalone analysis: what it has started, in order. */
  readonly executionIds?: readonly string[];
  /** RFC 3339. */
  readonly createdAt: string;
  readonly endedAt?: string;
}

const MOST = 200;

/** What has been asked through Kayenta's API, for all applications: Kayenta itself only lists those of one. */
export function overviewRoutes({ store }: KayentaDeps): readonly RouteOptions[] {
  return [
    route(
      'GET',
      '/ui/api/executions',
      {
        operationId: 'listExecutions',
        summary: `The newest ${MOST} executions and analyses of all applications, in short, for the dashboard`,
        example: { total: 0, executions: [] },
      },
      async () => {
        const [executions, analyses] = await Promise.all([
          listDocuments(store, 'CanaryExecution'),
          listDocuments(store, 'CanaryAnalysis'),
        ]);
        const byId = new Map(executions.map((execution) => [execution.metadata.name, execution]));
        // Those of an analysis are told with it.
        const told = new Set(analyses.flatMap(({ executionIds }) => executionIds));
        const alone = executions.filter(({ metadata }) => !told.has(metadata.name));
        // Ids sort by the time they were made.
        const newest = [...alone, ...analyses]
          .sort((a, b) => (a.metadata.name < b.metadata.name ? 1 : -1))
          .slice(0, MOST)
          .map((document) =>
            document.kind === 'CanaryExecution' ? ofExecution(document) : ofAnalysis(document, byId),
          );
        return { body: { total: alone.length + analyses.length, executions: newest } };
      },
    ),
  ];
}

function ofExecution(execution: ExecutionDocument): ExecutionSummary {
  return { type: 'execution', state: stateOf(execution), ...verdictOf(execution), ...common(execution) };
}

function ofAnalysis(analysis: AnalysisDocument, byId: ReadonlyMap<string, ExecutionDocument>): ExecutionSummary {
  const { canceled, endTimeMillis, exception, executionIds } = analysis;
  const executions = executionIds.flatMap((id) => byId.get(id) ?? []);
  const last = executions.findLast(({ judgement }) => judgement !== undefined);
  const failed = executions.find((execution) => execution.exception !== undefined);
  const state = canceled
    ? 'canceled'
    : endTimeMillis === undefined
      ? 'running'
      : exception !== undefined || failed !== undefined
        ? 'terminal'
        : 'succeeded';
  return {
    type: 'analysis',
    state,
    ...verdictOf({ judgement: last?.judgement, exception: exception ?? failed?.exception }),
    executionIds,
    ...common(analysis),
  };
}

function common({ metadata, context, config, buildTimeMillis, endTimeMillis }: ExecutionDocument | AnalysisDocument) {
  return {
    id: metadata.name,
    application: context.application,
    config: config.name ?? context.canaryConfigId,
    createdAt: new Date(buildTimeMillis).toISOString(),
    ...(endTimeMillis !== undefined && { endedAt: new Date(endTimeMillis).toISOString() }),
  };
}

function verdictOf({
  judgement,
  exception,
}: {
  readonly [Member in 'judgement' | 'exception']?: ExecutionDocument[Member] | undefined;
}) {
  const problem = exception?.details.errors.join('; ');
  return {
    ...(judgement !== undefined && {
      score: judgement.score.score,
      classification: judgement.score.classification,
    }),
    ...(problem !== undefined && { problem }),
  };
}
