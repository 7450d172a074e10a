import Type, { type Static } from 'typebox';
import {
  type Deferred,
  defineProvider,
  type Http,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
} from '../../providers/contract.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSet } from '../domain/metric-set.ts';
import type { Store } from '../engine/ports.ts';
import { judge } from '../judge/judge.ts';
import { type MixedPair, mixMetrics } from '../judge/mix-metrics.ts';
import type { Account, Accounts } from './accounts.ts';
import { type ExecutionDocument, type ExecutionException, newDocument, updateDocument } from './documents.ts';
import { type ExecutionRequest, parseExecutionRequest } from './execution-request.ts';
import { fetchStage } from './execution-status.ts';
import { KayentaError } from './kayenta-error.ts';
import { storedPair } from './pair-lists.ts';
import { readSide, SIDES, type Side } from './read-side.ts';

/** Kayenta's retry policy for metric fetches: ten tries, one second doubled between them. */
const FETCH_TRIES = 10;
const FETCH_BACKOFF_MS = 1000;
/** Fetches of one execution under way at once. */
const FETCH_CONCURRENCY = 10;

export const CanaryExecutionQuery = Type.Object({
  executionId: Type.String({ description: 'Id of the canary execution, as `POST /canary` answered it.' }),
});
type Query = Static<typeof CanaryExecutionQuery>;

export interface ExecutionDeps {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly now: () => number;
  readonly randomUuid: () => string;
}

/** Something went wrong in a named stage; `retryable` faults are tried again later. */
class StageFailure extends Error {
  readonly stages: readonly string[];
  readonly operation: string;
  readonly retryable: boolean;
  constructor(stages: readonly string[], operation: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.stages = stages;
    this.operation = operation;
    this.retryable = cause instanceof KayentaError && cause.retryable;
  }
}

/**
 * The provider behind executions of Kayenta's API: the engine measures it like any other, so that an execution is a run like any other. What was fetched
 * in an earlier try is kept while the process lives; after a restart everything is fetched anew.
 */
export function canaryExecutionProvider(deps: ExecutionDeps): Provider {
  const fetched = new Map<string, Map<string, readonly MetricSet[]>>();
  const attempt = async (call: ProviderCall<Query>, tries: number): Promise<Reading | Deferred> => {
    const id = call.query.executionId;
    const execution = await begin(deps, id);
    if (execution.judgement !== undefined) return readingOf(execution.judgement);
    const sets = fetched.get(id) ?? new Map<string, readonly MetricSet[]>();
    fetched.set(id, sets);
    try {
      const judged = await carryOut(deps, execution, sets, call.http);
      fetched.delete(id);
      return readingOf(judged);
    } catch (error) {
      if (!(error instanceof StageFailure)) throw error;
      if (error.retryable && tries < FETCH_TRIES)
        return {
          deferred: true,
          resumeAt: deps.now() + FETCH_BACKOFF_MS * 2 ** (tries - 1),
          metadata: { tries: String(tries), lastError: error.message },
        };
      fetched.delete(id);
      await fail(deps, id, error);
      throw new ProviderError('refused', error.message, { cause: error });
    }
  };
  return defineProvider<Query>({
    member: 'canaryExecution',
    typeName: 'CanaryExecution',
    schema: CanaryExecutionQuery,
    shareable: false,
    account: () => 'kayenta',
    measure: (call) => attempt(call, 1),
    resume: (call, inFlight) => attempt(call, Number(inFlight.metadata?.['tries'] ?? 0) + 1),
    async cancel(call) {
      fetched.delete(call.query.executionId);
      await cancelExecution(deps, call.query.executionId);
      return { value: '', verdict: { phase: 'Inconclusive', message: 'Canary execution was canceled.' } };
    },
  });
}

async function begin({ store, now }: ExecutionDeps, id: string): Promise<ExecutionDocument> {
  return updateDocument(store, 'CanaryExecution', id, (document) =>
    document.startTimeMillis === undefined ? { ...document, startTimeMillis: now() } : undefined,
  );
}

/** A complete execution stays as it is. */
export async function cancelExecution({ store, now }: Pick<ExecutionDeps, 'store' | 'now'>, id: string): Promise<void> {
  await updateDocument(store, 'CanaryExecution', id, (document) =>
    document.judgement !== undefined || document.exception !== undefined || document.canceled
      ? undefined
      : { ...document, canceled: true, ...(document.startTimeMillis === undefined ? {} : { endTimeMillis: now() }) },
  );
}

async function fail({ store, now }: ExecutionDeps, id: string, failure: StageFailure): Promise<void> {
  const exception: ExecutionException = {
    timestamp: now(),
    exceptionType: 'IllegalArgumentException',
    operation: failure.operation,
    shouldRetry: false,
    details: { error: 'Unexpected Task Failure', errors: [failure.message] },
  };
  await updateDocument(store, 'CanaryExecution', id, (document) => ({
    ...document,
    exception,
    failedStages: failure.stages,
    endTimeMillis: now(),
  }));
}

async function carryOut(
  deps: ExecutionDeps,
  execution: ExecutionDocument,
  sets: Map<string, readonly MetricSet[]>,
  http: Http,
): Promise<Judgement> {
  const id = execution.metadata.name;
  const request = parseExecutionRequest(execution.request);
  const account = deps.accounts.resolve(execution.context.metricsAccountName, 'METRICS_STORE');
  await fetchAll(execution, request, account, sets, http);
  const pairs = inStage('mixMetrics', 'metricSetMixer', () => mixAll(execution, sets, deps.randomUuid));
  const listId = deps.randomUuid();
  await deps.store.create(
    newDocument('MetricSetPairList', listId, { content: pairs.map(storedPair), updatedTimestamp: deps.now() }),
  );
  await updateDocument(deps.store, 'CanaryExecution', id, (document) => ({ ...document, metricSetPairListId: listId }));
  const judgement = inStage('judge', 'canaryJudge', () =>
    judge(execution.config.judge?.name, execution.config, request.thresholds, pairs),
  );
  await updateDocument(deps.store, 'CanaryExecution', id, (document) => ({
    ...document,
    judgement,
    endTimeMillis: deps.now(),
  }));
  return judgement;
}

async function fetchAll(
  execution: ExecutionDocument,
  request: ExecutionRequest,
  account: Account,
  sets: Map<string, readonly MetricSet[]>,
  http: Http,
): Promise<void> {
  const wanted = execution.config.metrics
    .flatMap((metric, index) => SIDES.map((side) => ({ metric, side, stage: fetchStage(side, index) })))
    .filter(({ stage }) => !sets.has(stage));
  const failures: StageFailure[] = [];
  const worker = async (): Promise<void> => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const { metric, side, stage } = next;
      try {
        sets.set(stage, await readSide(execution.config, metric, side, request, account, http));
      } catch (error) {
        failures.push(new StageFailure([stage], `${String(metric.query?.['type'])}Fetch`, error));
      }
    }
  };
  await Promise.all(Array.from({ length: FETCH_CONCURRENCY }, worker));
  const final = failures.find(({ retryable }) => !retryable) ?? failures[0];
  if (final !== undefined)
    throw new StageFailure(
      failures.flatMap(({ stages }) => stages),
      final.operation,
      final.cause,
    );
}

function mixAll(
  execution: ExecutionDocument,
  sets: ReadonlyMap<string, readonly MetricSet[]>,
  newId: () => string,
): readonly MixedPair[] {
  const ofSide = (side: Side) =>
    execution.config.metrics.flatMap((_, index) => sets.get(fetchStage(side, index)) ?? []);
  const names = execution.config.metrics.map(({ name }) => name);
  return mixMetrics(names, ofSide('control'), ofSide('experiment'), newId);
}

function inStage<T>(stage: string, operation: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new StageFailure([stage], operation, error);
  }
}

/** Pass is Successful, Marginal Inconclusive, Fail Failed: what Argo's provider makes of the same score. */
export function readingOf(judgement: Judgement): Reading {
  const { score, classification, classificationReason } = judgement.score;
  const phase = ({ Pass: 'Successful', Marginal: 'Inconclusive', Fail: 'Failed' } as const)[classification];
  return {
    value: String(score),
    verdict: { phase, ...(classificationReason === '' ? {} : { message: classificationReason }) },
  };
}
