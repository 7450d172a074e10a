import type { CanaryConfig } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';
import { isCompleted } from '../domain/phase.ts';
import { ANALYSIS_API_VERSION } from '../domain/resource.ts';
import type { AnalysisRun, NewAnalysisRun } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { createRun } from '../engine/create-run.ts';
import type { EngineDeps } from '../engine/deps.ts';
import { StoreError } from '../engine/ports.ts';
import { terminateRun } from '../engine/terminate-run.ts';
import {
  type AnalysisDocument,
  type ExecutionContext,
  type ExecutionDocument,
  NAMESPACE,
  newDocument,
} from './documents.ts';
import { newExecutionId } from './execution-id.ts';
import { type ExecutionRequest, formatExecutionRequest } from './execution-request.ts';
import { KayentaError } from './kayenta-error.ts';
import { metricsSources } from './sources/index.ts';

const EXECUTION_ID_LABEL = 'kayenta.assay/execution-id';
const APPLICATION_LABEL = 'kayenta.assay/application';

/** The name of the metric in the run of an execution or an analysis. */
export const METRIC = 'canary';

export interface KayentaEngine extends EngineDeps {
  randomUuid(): string;
  randomBytes(size: number): Uint8Array;
}

/** The checks that Kayenta makes before it starts an execution, in its order and words. */
export function checkExecution(config: CanaryConfig, request: ExecutionRequest): void {
  if (config.metrics.length === 0)
    throw new KayentaError(
      "The canary config must specify at least one metric. Otherwise we're not analyzing anything. :)",
    );
  const missing = config.metrics
    .map(({ scopeName }) => scopeName)
    .filter((name) => name !== undefined && !Object.hasOwn(request.scopes, name));
  if (missing.length > 0)
    throw new KayentaError(
      `Canary metrics require scopes which were not provided in the execution request: [${[...new Set(missing)].join(', ')}]`,
    );
  for (const { name, query, scopeName } of config.metrics) {
    const type = String(query?.['type']);
    if (!metricsSources.has(type)) throw new KayentaError(`Unable to resolve canary scope factory for '${type}'.`);
    if (scopeName === undefined) throw new KayentaError(`Canary scope for metric named '${name}' is null.`);
  }
}

/**
 * Stores the execution, then the run that carries it out, and returns its id. With an id of the caller's a second call finds what the first one left,
 * so that a judgement never starts twice.
 */
export async function startExecution(
  engine: KayentaEngine,
  context: ExecutionContext,
  config: CanaryConfig,
  request: ExecutionRequest,
  id: string = newExecutionId(engine.clock.now(), engine.randomBytes),
): Promise<string> {
  checkExecution(config, request);
  const buildTimeMillis = engine.clock.now();
  const asked = { context, config, request: formatExecutionRequest(request), buildTimeMillis };
  await unlessThere(engine.store.create(newDocument('CanaryExecution', id, asked)));
  // Kayenta retries inside the fetch; what still fails then is final.
  const metric: Metric = { name: METRIC, consecutiveErrorLimit: 0, provider: { canaryExecution: { executionId: id } } };
  await unlessThere(createRun(engine, runOf(id, context.application, metric)));
  return id;
}

/** Asks the run of an execution or analysis to stop; it may have ended, or be gone. */
export async function stopRun(engine: KayentaEngine, id: string): Promise<void> {
  try {
    await terminateRun(engine, runIdOf(id));
  } catch (error) {
    if (!(error instanceof CallerError && error.fault === 'not-found')) throw error;
  }
}

/** An execution or analysis is stored before its run. */
const RUN_FOLLOWS_WITHIN_MS = 10_000;

/** Why nobody carries an execution or analysis on. */
export type Abandoned = { readonly because: 'stopped' } | { readonly because: 'error'; readonly message: string };

/**
 * Whether an incomplete execution or analysis has no run that carries it on: the run was deleted or terminated through kubectl or the resource API, or ended in an error of Assay's own.
 * A provider completes its document before its run, so the document is to be read again after this.
 */
export async function abandoned(
  { store, clock }: Pick<KayentaEngine, 'store' | 'clock'>,
  { metadata, buildTimeMillis }: ExecutionDocument | AnalysisDocument,
): Promise<Abandoned | undefined> {
  const key = { kind: 'AnalysisRun', namespace: NAMESPACE, name: runName(metadata.name) } as const;
  const run = (await store.get(key)) as AnalysisRun | undefined;
  if (run === undefined)
    return clock.now() < buildTimeMillis + RUN_FOLLOWS_WITHIN_MS ? undefined : { because: 'stopped' };
  if (!isCompleted(run.status?.phase)) return undefined;
  if (run.status.phase !== 'Error') return { because: 'stopped' };
  return { because: 'error', message: run.status.message ?? 'the run ended in Error' };
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
  }
}

/** Kubernetes wants names in lower case; the label keeps the id as clients know it. */
const runName = (id: string): string => id.toLowerCase();

/** As the engine's verbs name the run of an execution or analysis. */
const runIdOf = (id: string): string => `${NAMESPACE}/${runName(id)}`;

export function runOf(id: string, application: string, metric: Metric): NewAnalysisRun {
  return {
    apiVersion: ANALYSIS_API_VERSION,
    kind: 'AnalysisRun',
    metadata: {
      name: runName(id),
      namespace: NAMESPACE,
      labels: { [EXECUTION_ID_LABEL]: id, [APPLICATION_LABEL]: labelValue(application) },
    },
    spec: { metrics: [metric] },
  };
}

/** An application may have any name; a label value may not. */
export const labelValue = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
