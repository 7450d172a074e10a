import Type, { type Static } from 'typebox';
import {
  type Deferred,
  defineProvider,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
} from '../../providers/contract.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { Store } from '../engine/ports.ts';
import type { Accounts } from './accounts.ts';
import { type ExecutionDocument, type ExecutionException, updateDocument } from './documents.ts';
import { abandoned, type KayentaEngine } from './execution-run.ts';
import { isComplete, stateOf } from './execution-status.ts';
import { type FetchedSets, judgeExecution, StageFailure } from './judge-execution.ts';

/** Executions whose fetched samples are kept between tries: one that another process ended, or whose run is gone, is not heard of again. */
const MOST_KEPT = 50;

/** Kayenta's retry policy for metric fetches: ten tries, one second doubled between them. */
const FETCH_TRIES = 10;
const FETCH_BACKOFF_MS = 1000;

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

/**
 * The provider behind executions of Kayenta's API: the engine measures it like any other, so that an execution is a run like any other. The number of
 * tries travels in the measurement; what was fetched in an earlier try is kept while the process lives, and fetched anew after a restart. A complete
 * execution never changes, whoever comes late.
 */
export function canaryExecutionProvider(deps: ExecutionDeps): Provider {
  const fetched = new Map<string, FetchedSets>();
  const keep = (id: string, sets: FetchedSets): void => {
    fetched.set(id, sets);
    for (const oldest of fetched.keys()) {
      if (fetched.size <= MOST_KEPT) return;
      fetched.delete(oldest);
    }
  };
  const attempt = async (call: ProviderCall<Query>, tries: number): Promise<Reading | Deferred> => {
    const id = call.query.executionId;
    const execution = await begin(deps, id);
    const sets: FetchedSets = fetched.get(id) ?? new Map();
    fetched.delete(id);
    if (isComplete(stateOf(execution))) return outcomeOf(execution);
    let end: Outcome;
    try {
      end = { judgement: await judgeExecution(deps, execution, sets, call.http) };
    } catch (error) {
      // The process shuts down: the next one takes the execution up where it stands.
      if (call.signal.aborted) throw error;
      if (!(error instanceof StageFailure)) {
        // Ours to mend; but whoever polls must not wait for ever.
        await finish(deps, id, { exception: exceptionOf('canaryJudge', 'something went wrong in Assay', deps.now()) });
        throw error;
      }
      if (error.retryable && tries < FETCH_TRIES) {
        keep(id, sets);
        return {
          deferred: true,
          resumeAt: deps.now() + FETCH_BACKOFF_MS * 2 ** (tries - 1),
          metadata: { tries: String(tries), lastError: error.message },
        };
      }
      end = { exception: exceptionOf(error.operation, error.message, deps.now()), failedStages: error.stages };
    }
    return outcomeOf(await finish(deps, id, end));
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
      return outcomeOf(await cancelExecution(deps, call.query.executionId));
    },
  });
}

const begin = ({ store, now, randomUuid }: ExecutionDeps, id: string): Promise<ExecutionDocument> =>
  updateDocument(store, 'CanaryExecution', id, (document) =>
    document.startTimeMillis !== undefined || isComplete(stateOf(document))
      ? undefined
      : { ...document, startTimeMillis: now(), metricSetPairListId: randomUuid() },
  );

type Outcome = Pick<ExecutionDocument, 'judgement' | 'exception' | 'failedStages'>;

/** A complete execution stays as it is. */
const finish = (
  { store, now }: Pick<ExecutionDeps, 'store' | 'now'>,
  id: string,
  outcome: Outcome,
): Promise<ExecutionDocument> =>
  updateDocument(store, 'CanaryExecution', id, (document) =>
    isComplete(stateOf(document)) ? undefined : { ...document, ...outcome, endTimeMillis: now() },
  );

/** As `finish`. */
export const cancelExecution = (
  { store, now }: Pick<ExecutionDeps, 'store' | 'now'>,
  id: string,
): Promise<ExecutionDocument> =>
  updateDocument(store, 'CanaryExecution', id, (document) =>
    isComplete(stateOf(document))
      ? undefined
      : { ...document, canceled: true, ...(document.startTimeMillis === undefined ? {} : { endTimeMillis: now() }) },
  );

/** An execution as it stands: one that nobody carries on is canceled, as if it had been asked to stop, or has failed. */
export async function settledExecution(
  { store, clock }: Pick<KayentaEngine, 'store' | 'clock'>,
  execution: ExecutionDocument,
): Promise<ExecutionDocument> {
  const left = isComplete(stateOf(execution)) ? undefined : await abandoned({ store, clock }, execution);
  if (left === undefined) return execution;
  const [deps, id] = [{ store, now: () => clock.now() }, execution.metadata.name];
  if (left.because === 'stopped') return cancelExecution(deps, id);
  return finish(deps, id, { exception: exceptionOf('canaryJudge', left.message, clock.now()) });
}

const exceptionOf = (operation: string, message: string, timestamp: number): ExecutionException => ({
  timestamp,
  exceptionType: 'IllegalArgumentException',
  operation,
  shouldRetry: false,
  details: { error: 'Unexpected Task Failure', errors: [message] },
});

/** What the run of a complete execution records. Throws ProviderError where it failed. */
function outcomeOf({ judgement, exception }: ExecutionDocument): Reading {
  if (judgement !== undefined) return readingOf(judgement);
  if (exception !== undefined) throw new ProviderError('refused', exception.details.errors.join('; '));
  return { value: '', verdict: { phase: 'Inconclusive', message: 'Canary execution was canceled.' } };
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
