import type { Http } from '../../providers/contract.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSet, MetricSetPair } from '../domain/metric-set.ts';
import type { Store } from '../engine/ports.ts';
import { judge } from '../judge/judge.ts';
import { judgementToJson } from '../judge/judge-request.ts';
import { mixMetrics } from '../judge/mix-metrics.ts';
import type { Account, Accounts } from './accounts.ts';
import { type ExecutionDocument, newDocument, putDocument } from './documents.ts';
import { type ExecutionRequest, parseExecutionRequest } from './execution-request.ts';
import { fetchStage } from './execution-status.ts';
import { KayentaError } from './kayenta-error.ts';
import { storedPair } from './pair-lists.ts';
import { readSide, SIDES, type Side } from './read-side.ts';

/** Fetches of one execution under way at once. */
const FETCH_CONCURRENCY = 10;
/** A slow source must not hold a pass of the engine to its limit: what is not begun by then waits for the next try. Kayenta's stages have as long. */
const FETCH_ROUND_MS = 120_000;

/** Something went wrong in named stages; `retryable` faults are tried again later. */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';
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

/** What was fetched already, by the name of the stage that fetches it. */
export type FetchedSets = Map<string, readonly MetricSet[]>;

interface JudgingDeps {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly now: () => number;
  readonly randomUuid: () => string;
}

/** The stages of an execution: fetch every metric on both sides, mix, judge. Stores the samples, not the judgement. Throws StageFailure. */
export async function judgeExecution(
  { store, accounts, now, randomUuid }: JudgingDeps,
  execution: ExecutionDocument,
  fetched: FetchedSets,
  http: Http,
): Promise<Judgement> {
  const { config, context, metricSetPairListId = randomUuid() } = execution;
  const request = parseExecutionRequest(execution.request);
  const account = inStage('setupContext', 'setupCanary', () =>
    accounts.resolve(context.metricsAccountName, 'METRICS_STORE'),
  );
  await fetchAll(execution, request, account, fetched, { http, now });
  const pairs = inStage('mixMetrics', 'metricSetMixer', () => mixAll(execution, fetched, randomUuid));
  const content = pairs.map(storedPair);
  await putDocument(store, newDocument('MetricSetPairList', metricSetPairListId, { content, updatedTimestamp: now() }));
  const judgement = inStage('judge', 'canaryJudge', () => judge(config.judge?.name, config, request.thresholds, pairs));
  return judgementToJson(judgement) as Judgement;
}

/** Everything is tried before it fails: what was fetched need not be fetched again. */
async function fetchAll(
  { config }: ExecutionDocument,
  request: ExecutionRequest,
  account: Account,
  fetched: FetchedSets,
  { http, now }: { readonly http: Http; readonly now: () => number },
): Promise<void> {
  const wanted = config.metrics
    .flatMap((metric, index) => SIDES.map((side) => ({ metric, side, stage: fetchStage(side, index) })))
    .filter(({ stage }) => !fetched.has(stage));
  const failures: StageFailure[] = [];
  const begunBy = now() + FETCH_ROUND_MS;
  const worker = async (): Promise<void> => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const { metric, side, stage } = next;
      try {
        if (now() > begunBy)
          throw new KayentaError(`the metrics source has not answered within ${FETCH_ROUND_MS / 1000} s`, {
            retryable: true,
          });
        fetched.set(stage, await readSide(config, metric, side, request, account, http));
      } catch (error) {
        failures.push(new StageFailure([stage], `${String(metric.query?.['type'])}Fetch`, error));
      }
    }
  };
  await Promise.all(Array.from({ length: FETCH_CONCURRENCY }, worker));
  const first = failures.find(({ retryable }) => !retryable) ?? failures[0];
  if (first === undefined) return;
  const stages = failures.flatMap(({ stages }) => stages);
  throw new StageFailure(stages, first.operation, first.cause);
}

function mixAll({ config }: ExecutionDocument, fetched: FetchedSets, newId: () => string): readonly MetricSetPair[] {
  const ofSide = (side: Side) => config.metrics.flatMap((_, index) => fetched.get(fetchStage(side, index)) ?? []);
  const names = config.metrics.map(({ name }) => name);
  return mixMetrics(names, ofSide('control'), ofSide('experiment'), newId);
}

function inStage<T>(stage: string, operation: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new StageFailure([stage], operation, error);
  }
}
