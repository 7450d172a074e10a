import Type, { type Static } from 'typebox';
import {
  type Deferred,
  defineProvider,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
} from '../../providers/contract.ts';
import type { CanaryConfig } from '../domain/canary-config.ts';
import type { Metric } from '../domain/template.ts';
import { createRun } from '../engine/create-run.ts';
import {
  executionRequestOf,
  formatStandaloneRequest,
  parseStandaloneRequest,
  type StandaloneRequest,
} from './analysis-request.ts';
import { cancelExecution, readingOf, settledExecution } from './canary-execution.ts';
import {
  type AnalysisDocument,
  type ExecutionException,
  findDocument,
  getDocument,
  newDocument,
  updateDocument,
} from './documents.ts';
import { newExecutionId } from './execution-id.ts';
import { abandoned, type KayentaEngine, METRIC, runOf, startExecution, stopRun } from './execution-run.ts';
import { isComplete, stateOf } from './execution-status.ts';
import { instantOf } from './java-values.ts';
import { KayentaError } from './kayenta-error.ts';
import { type AnalysisPlan, isAboveMarginal, planAnalysis, windowOf } from './standalone-plan.ts';

/** How often a judgement that runs is looked at. */
const POLL_MS = 1000;

/** Stores the analysis, then the run whose measurements are its judgements. A plan that cannot be ends the analysis, as in Kayenta, after the answer. */
export async function startAnalysis(
  engine: KayentaEngine,
  context: AnalysisDocument['context'],
  config: CanaryConfig,
  request: StandaloneRequest,
): Promise<string> {
  const now = engine.clock.now();
  const id = newExecutionId(now, engine.randomBytes);
  await engine.store.create(
    newDocument('CanaryAnalysis', id, {
      context,
      config,
      request: formatStandaloneRequest(request),
      buildTimeMillis: now,
      startTimeMillis: now,
      executionIds: [],
    }),
  );
  try {
    const metric = metricOf(id, planAnalysis(request, instantOf(now)), request.beginAfterMins ?? 0);
    await createRun(engine, runOf(id, context.application, metric));
  } catch (error) {
    await noteException(engine, id, error);
  }
  return id;
}

/** A judgement is a measurement: the engine waits the interval after each and stops at the first that fails. */
function metricOf(analysisId: string, plan: AnalysisPlan, warmupMinutes: number): Metric {
  const wait = warmupMinutes + (plan.realTime ? plan.intervalMinutes : 0);
  return {
    name: METRIC,
    ...(wait > 0 ? { initialDelay: `${wait}m` } : {}),
    interval: plan.realTime ? `${plan.intervalMinutes}m` : '0s',
    count: plan.judgements,
    consecutiveErrorLimit: 0,
    provider: { canaryAnalysis: { analysisId } },
  };
}

export const CanaryAnalysisQuery = Type.Object({
  analysisId: Type.String({ description: 'Id of the standalone canary analysis.' }),
});
type Query = Static<typeof CanaryAnalysisQuery>;

/** The provider behind standalone analyses: each measurement is one canary execution, which it starts and waits for. */
export function canaryAnalysisProvider(engineOf: () => KayentaEngine): Provider {
  const advance = async (call: ProviderCall<Query>): Promise<Reading | Deferred> => {
    const engine = engineOf();
    const id = call.query.analysisId;
    const analysis = await getDocument(engine.store, 'CanaryAnalysis', id);
    const started = await executionFor(engine, analysis, call.attempt).catch((error) => refuse(engine, id, error));
    const execution = await settledExecution(engine, started);
    const state = stateOf(execution);
    if (!isComplete(state))
      return {
        deferred: true,
        resumeAt: engine.clock.now() + POLL_MS,
        metadata: { executionId: execution.metadata.name },
      };
    const metadata = { executionId: execution.metadata.name };
    const { judgement } = execution;
    if (judgement === undefined) {
      await end(engine, id);
      const why = execution.exception?.details.errors.join('; ') ?? 'the canary execution was canceled';
      throw new ProviderError('refused', why, { metadata });
    }
    const marginal = parseStandaloneRequest(analysis.request).thresholds?.marginal;
    const goesOn = marginal === undefined || isAboveMarginal(judgement.score.score, marginal);
    if (!goesOn || call.attempt >= planAnalysis(parseStandaloneRequest(analysis.request), startOf(analysis)).judgements)
      await end(engine, id);
    return { ...readingOf(judgement), metadata, verdict: { phase: goesOn ? 'Successful' : 'Failed' } };
  };
  return defineProvider<Query>({
    member: 'canaryAnalysis',
    typeName: 'CanaryAnalysis',
    schema: CanaryAnalysisQuery,
    shareable: false,
    account: () => 'kayenta',
    measure: advance,
    resume: advance,
    async cancel(call, inFlight) {
      const engine = engineOf();
      await cancelAnalysis(engine, call.query.analysisId);
      const executionId = inFlight.metadata?.['executionId'];
      if (executionId !== undefined) {
        await stopRun(engine, executionId);
        await cancelExecution({ store: engine.store, now: () => engine.clock.now() }, executionId);
      }
      return { value: '', verdict: { phase: 'Inconclusive', message: 'Canary analysis was canceled.' } };
    },
  });
}

const startOf = (analysis: AnalysisDocument) => instantOf(analysis.startTimeMillis);

const end = (engine: KayentaEngine, id: string): Promise<AnalysisDocument> =>
  updateDocument(engine.store, 'CanaryAnalysis', id, (document) =>
    document.endTimeMillis === undefined ? { ...document, endTimeMillis: engine.clock.now() } : undefined,
  );

/** A judgement that cannot even be started ends the analysis. */
async function refuse(engine: KayentaEngine, id: string, error: unknown): Promise<never> {
  await noteException(engine, id, error);
  throw new ProviderError('refused', (error as Error).message, { cause: error });
}

/** Rethrows what is not the caller's mistake. */
async function noteException(engine: KayentaEngine, id: string, error: unknown): Promise<void> {
  if (!(error instanceof KayentaError)) throw error;
  await fail(engine, id, error.message);
}

/** A complete analysis stays as it is. */
function fail(engine: KayentaEngine, id: string, message: string): Promise<AnalysisDocument> {
  const timestamp = engine.clock.now();
  const exception: ExecutionException = {
    timestamp,
    exceptionType: 'IllegalArgumentException',
    operation: 'runCanary',
    shouldRetry: false,
    details: { error: 'Failed to initiate canary analysis', errors: [message] },
  };
  return updateDocument(engine.store, 'CanaryAnalysis', id, (document) =>
    document.endTimeMillis === undefined ? { ...document, exception, endTimeMillis: timestamp } : undefined,
  );
}

/** A complete analysis stays as it is. */
export const cancelAnalysis = (engine: KayentaEngine, id: string): Promise<AnalysisDocument> =>
  updateDocument(engine.store, 'CanaryAnalysis', id, (document) =>
    document.endTimeMillis === undefined && !document.canceled
      ? { ...document, canceled: true, endTimeMillis: engine.clock.now() }
      : undefined,
  );

/** As `settledExecution`. */
export async function settledAnalysis(engine: KayentaEngine, analysis: AnalysisDocument): Promise<AnalysisDocument> {
  const left = analysis.endTimeMillis === undefined ? await abandoned(engine, analysis) : undefined;
  if (left === undefined) return analysis;
  const id = analysis.metadata.name;
  return left.because === 'stopped' ? cancelAnalysis(engine, id) : fail(engine, id, left.message);
}

/** The execution of one judgement. Its id is written before it starts, so that a repeated attempt finds it and none starts twice. */
async function executionFor(engine: KayentaEngine, analysis: AnalysisDocument, judgement: number) {
  const id = analysis.metadata.name;
  const noted = await updateDocument(engine.store, 'CanaryAnalysis', id, (document) =>
    document.executionIds.length >= judgement
      ? undefined
      : {
          ...document,
          executionIds: [...document.executionIds, newExecutionId(engine.clock.now(), engine.randomBytes)],
        },
  );
  const executionId = noted.executionIds[judgement - 1];
  if (executionId === undefined) throw new Error(`analysis ${id} has no execution for judgement ${judgement}`);
  const existing = await findDocument(engine.store, 'CanaryExecution', executionId);
  // An execution that never began may be one whose run was lost with the process that should have made it.
  if (existing?.startTimeMillis !== undefined) return existing;
  const request = parseStandaloneRequest(analysis.request);
  const start = startOf(analysis);
  const { intervalMinutes } = planAnalysis(request, start);
  const window = windowOf(request, judgement, intervalMinutes, start);
  const { user: _, ...context } = analysis.context;
  await startExecution(engine, context, analysis.config, executionRequestOf(request, window), executionId);
  return getDocument(engine.store, 'CanaryExecution', executionId);
}
