import type { Thresholds } from '../../domain/canary-config.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { JudgementDocument } from '../../engine/keep-judgement.ts';
import { type Kind, type Store, StoreError } from '../../engine/ports.ts';
import { NoVerdictError } from '../command.ts';
import { type Server, ServerRefusal } from '../server.ts';

/** An execution of Kayenta's API, as far as a report shows it. Numbers as JSON has them. */
export interface ExecutionEvidence {
  readonly id: string;
  readonly status: string;
  readonly application: string;
  readonly thresholds: Thresholds;
  readonly judgement?: unknown;
  /** A metricSetPairList; absent when it was deleted. */
  readonly pairs?: unknown;
  readonly errors: readonly string[];
  readonly startedAt?: string;
  readonly completedAt?: string;
}

/** Where a report is read from. Everything answers undefined for what is not there. */
export interface ReportSource {
  run(name: string): Promise<AnalysisRun | undefined>;
  judgement(namespace: string, name: string): Promise<JudgementDocument | undefined>;
  execution(id: string): Promise<ExecutionEvidence | undefined>;
  /** The executions of a standalone analysis. */
  executionIds(analysisId: string): Promise<readonly string[] | undefined>;
}

type Fields = Readonly<Record<string, unknown>>;

/** A server that runs. Throws NoVerdictError when it does not answer. */
export function serverSource(server: Server): ReportSource {
  const read = async (path: string): Promise<unknown> => {
    try {
      return (await server.request('GET', path)).body;
    } catch (error) {
      // Kayenta answers 400 for an id of another kind.
      if (error instanceof ServerRefusal && (error.status === 404 || error.status === 400)) return undefined;
      throw error;
    }
  };
  const at = (...parts: readonly string[]): string => parts.map((part) => `/${encodeURIComponent(part)}`).join('');
  return {
    run: async (name) => (await read(server.pathOf('analysisruns', name))) as AnalysisRun | undefined,
    judgement: async (namespace, name) =>
      (await read(at('judgements', namespace, name))) as JudgementDocument | undefined,
    async execution(id) {
      const found = (await read(at('canary', id))) as Fields | undefined;
      if (found === undefined) return undefined;
      const { status, application, result, canaryExecutionRequest, metricSetPairListId, exception } = found;
      const pairs =
        typeof metricSetPairListId === 'string' ? await read(at('metricSetPairList', metricSetPairListId)) : undefined;
      return evidence(id, {
        status,
        application,
        request: canaryExecutionRequest,
        judgement: (result as Fields | undefined)?.['judgeResult'],
        pairs,
        exception,
        startedAt: found['startTimeIso'],
        completedAt: found['endTimeIso'],
      });
    },
    async executionIds(analysisId) {
      const found = (await read(at('standalone_canary_analysis', analysisId))) as Fields | undefined;
      const stages = found?.['stageStatus'] as readonly { readonly executionId?: string }[] | undefined;
      return stages?.flatMap(({ executionId }) => executionId ?? []);
    },
  };
}

const KAYENTA = 'kayenta';

/** What a stopped server left. */
export function storeSource(store: Store, namespace: string): ReportSource {
  const read = async (kind: Kind, name: string, where = KAYENTA): Promise<Fields | undefined> => {
    try {
      return (await store.get({ kind, namespace: where, name })) as unknown as Fields | undefined;
    } catch (error) {
      if (error instanceof StoreError) throw new NoVerdictError(error.message);
      throw error;
    }
  };
  return {
    run: async (name) => (await read('AnalysisRun', name, namespace)) as AnalysisRun | undefined,
    judgement: async (where, name) =>
      (await read('Judgement', name, where)) as unknown as JudgementDocument | undefined,
    async execution(id) {
      const found = await read('CanaryExecution', id);
      if (found === undefined) return undefined;
      const { context, request, judgement, exception, canceled, metricSetPairListId } = found;
      const iso = (ms: unknown) => (typeof ms === 'number' ? new Date(ms).toISOString() : undefined);
      const list =
        typeof metricSetPairListId === 'string' ? await read('MetricSetPairList', metricSetPairListId) : undefined;
      const unjudged = exception !== undefined ? 'terminal' : canceled === true ? 'canceled' : 'running';
      return evidence(id, {
        status: judgement === undefined ? unjudged : 'succeeded',
        application: (context as Fields)['application'],
        request,
        judgement,
        pairs: list?.['content'],
        exception,
        startedAt: iso(found['startTimeMillis']),
        completedAt: iso(found['endTimeMillis']),
      });
    },
    executionIds: async (analysisId) =>
      (await read('CanaryAnalysis', analysisId))?.['executionIds'] as readonly string[] | undefined,
  };
}

function evidence(id: string, found: Fields): ExecutionEvidence {
  const { thresholds } = (found['request'] ?? {}) as { readonly thresholds?: Thresholds };
  const { details } = (found['exception'] ?? {}) as { readonly details?: { readonly errors?: readonly string[] } };
  const { startedAt, completedAt } = found as { readonly startedAt?: string; readonly completedAt?: string };
  return {
    id,
    status: String(found['status']),
    application: String(found['application']),
    thresholds: thresholds ?? { pass: 0, marginal: 0 },
    ...(found['judgement'] === undefined ? {} : { judgement: found['judgement'] }),
    ...(found['pairs'] === undefined ? {} : { pairs: found['pairs'] }),
    errors: details?.errors ?? [],
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
  };
}
