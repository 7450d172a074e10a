import { DelayedError, Job, Queue, UnrecoverableError } from 'bullmq';
import type { TSchema } from 'typebox';
import { CallerError } from '../domain/errors.ts';
import { isCompleted } from '../domain/phase.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { createRun } from '../engine/create-run.ts';
import type { EngineDeps } from '../engine/deps.ts';
import { type StatusListener, StoreError } from '../engine/ports.ts';
import { loadRun, runIdOf } from '../engine/run-store.ts';
import { answerJudgeRequest } from '../judge/judge-request.ts';
import { connectBullmq } from '../redis/bullmq-connection.ts';
import { endConnection, keyPrefix, type RedisClient, type RedisPlace } from '../redis/connection.ts';
import { JobWorker } from '../redis/job-worker.ts';
import { redisProblem } from '../redis/problem.ts';
import { runAdmission } from './admit-run.ts';
import { type JobRun, jobIdOf, jobRun } from './job-run.ts';
import { progressOf, readProgress, verdictIn } from './progress.ts';
import { type Document, readJob } from './read-job.ts';

/** A job is in a worker's hands only while its run is made or its answer given; each takes a few requests to Redis. */
const JOBS_AT_ONCE = 50;
/** A worker that has not said for this long that it lives has lost its jobs, as with passes. */
const LEASE_MS = 10_000;
/** Whoever writes a run's verdict wakes its job. Against a wake that was lost, a job is looked at when it has waited half as long again, within these. */
const SHORTEST_LOOK_MS = 15_000;
const LONGEST_LOOK_MS = 15 * 60_000;
/** Redis, or the store in it, does not take writes now. */
const TRY_AGAIN_MS = 1_000;

export interface IntakeOptions extends RedisPlace {
  readonly queue: string;
  readonly leaseMs?: number;
  /** Each member of `metric.provider` with its schema; asked with the first run. */
  providerSchemas(): Promise<Readonly<Record<string, TSchema>>>;
}

type IntakeDeps = Pick<EngineDeps, 'store' | 'queue' | 'clock' | 'log'>;

/** What callers give to BullMQ as `prefix`. */
export const intakePrefix = (place: RedisPlace): string => `${keyPrefix(place)}intake`;

/**
 * Takes jobs of a BullMQ queue that any service fills, and answers them with verdicts.
 *
 * A job is *active* while its run is made, then *delayed* while the run goes its way like any other, so that it holds neither a lock nor a place in a worker.
 * Whoever writes the run's status shows it as the job's progress; with the verdict the job is promoted, and whichever worker takes it answers. Name and uid
 * of the run follow from the job, so a job that comes twice, or again after its worker died, finds its run.
 */
export class Intake implements StatusListener {
  readonly #deps: IntakeDeps;
  readonly #options: IntakeOptions;
  readonly #redis: RedisClient;
  readonly #jobs: Queue;
  readonly #worker: JobWorker<unknown, unknown>;
  readonly #stopping = new AbortController();
  #admission: Promise<ReturnType<typeof runAdmission>> | undefined;

  constructor(deps: IntakeDeps, options: IntakeOptions) {
    const { leaseMs = LEASE_MS } = options;
    this.#deps = deps;
    this.#options = options;
    this.#redis = connectBullmq(options, 'assay-intake');
    const prefix = intakePrefix(options);
    this.#jobs = new Queue(options.queue, { connection: this.#redis, prefix });
    this.#worker = new JobWorker(options, options.queue, (job, token) => this.#answer(job, token ?? ''), {
      connection: this.#redis,
      prefix,
      concurrency: JOBS_AT_ONCE,
      lockDuration: leaseMs,
      stalledInterval: leaseMs / 2,
      runRetryDelay: TRY_AGAIN_MS,
      // However often a worker dies over it, a job comes again.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    const again = (error: unknown): void =>
      deps.log.debug({ error: redisProblem(error, options.url).message }, 'the intake queue tries again');
    this.#jobs.on('error', again);
    this.#worker.on('error', again);
    this.#worker.run().catch(again);
  }

  /** What is under way is finished; jobs that wait belong to nobody. The last passes of this process still have verdicts to tell. */
  async stop(passesEnd?: Promise<unknown>): Promise<void> {
    this.#stopping.abort();
    await this.#worker.close();
    await passesEnd;
    await this.#jobs.close();
    await endConnection(this.#redis);
  }

  /** Shows a run's state on its job, if it has one, and wakes that for the verdict. */
  async statusWritten(run: AnalysisRun): Promise<void> {
    const id = jobIdOf(this.#options.queue, run);
    if (id === undefined) return;
    try {
      await this.#jobs.updateJobProgress(id, progressOf(run));
      if (isCompleted(run.status?.phase)) await this.#wake(id);
    } catch (error) {
      // Its caller has removed it, or Redis is away: then the job looks itself.
      const { message } = redisProblem(error, this.#options.url);
      this.#deps.log.debug({ error: message, run: runIdOf(run) }, 'the job of a run was not told');
    }
  }

  /** A job that is in a worker's hands just now looks for itself once it is put aside. */
  async #wake(id: string): Promise<void> {
    const job = await Job.fromId(this.#jobs, id);
    if (job !== undefined && (await job.isDelayed())) await job.promote();
  }

  /** What a job is for, done once more each time it comes. Throws what BullMQ makes of it: DelayedError, or UnrecoverableError when the job is wrong. */
  async #answer(job: Job, token: string): Promise<unknown> {
    try {
      const told = readProgress(job.progress);
      const verdict = told && verdictIn(told);
      if (verdict !== undefined) return verdict;
      const asked = readJob(job.data);
      if ('judgeRequest' in asked) return answerJudgeRequest(asked.judgeRequest);
      const run = await this.#runOf(job, asked.run, told !== undefined);
      const progress = progressOf(run);
      if (told === undefined) await this.#asked(() => job.updateProgress(progress));
      return verdictIn(progress) ?? (await this.#untilVerdict(job, token, run));
    } catch (error) {
      if (error instanceof CallerError) {
        this.#deps.log.info({ job: job.id, queue: job.queueName, reason: error.message }, 'a job was refused');
        throw new UnrecoverableError(error.message);
      }
      if (!(error instanceof StoreError && error.code === 'unavailable')) throw error;
      await this.#putAside(job, token, TRY_AGAIN_MS);
      throw new DelayedError();
    }
  }

  /** The run that this job made, made now if it is not there. */
  async #runOf(job: Job, document: Document, wasMade: boolean): Promise<AnalysisRun> {
    const { store, clock } = this.#deps;
    const identity = jobRun(job.queueName, { id: job.id!, timestamp: job.timestamp });
    this.#admission ??= this.#options.providerSchemas().then(runAdmission);
    const { run, unknownFields } = (await this.#admission)(document, identity, clock.now());
    const runId = `${run.metadata.namespace}/${run.metadata.name}`;
    const stored = await loadRun(store, { runId });
    if (stored !== undefined) return ofThisJob(stored, identity);
    if (wasMade) throw new CallerError('not-found', `analysis run "${runId}" was deleted before its verdict`);
    for (const field of unknownFields) await this.#asked(() => job.log(`unknown field "${field}" was left out`));
    try {
      return await createRun(this.#deps, run);
    } catch (error) {
      // Another worker has the job, too, or the answer to our own write was lost.
      const raced = error instanceof StoreError && error.code === 'already-exists' && (await loadRun(store, { runId }));
      if (!raced) throw error;
      return ofThisJob(raced, identity);
    }
  }

  async #untilVerdict(job: Job, token: string, run: AnalysisRun): Promise<never> {
    const waitedMs = Date.now() - job.timestamp;
    await this.#putAside(job, token, Math.min(Math.max(waitedMs / 2, SHORTEST_LOOK_MS), LONGEST_LOOK_MS));
    // A verdict that came just now found no job to wake.
    const latest = await loadRun(this.#deps.store, { runId: runIdOf(run) });
    if (isCompleted(latest?.status?.phase)) await this.statusWritten(latest!);
    throw new DelayedError();
  }

  async #asked(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (isNoLongerOurs(error)) throw new DelayedError();
      throw redisProblem(error, this.#options.url);
    }
  }

  /** Delays the job. Tried until it works: a job that were left active would fail with whatever Redis said. */
  async #putAside(job: Job, token: string, delayMs: number): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await job.moveToDelayed(Date.now() + delayMs, token);
        return;
      } catch (error) {
        // Another worker has taken the job over, its caller has removed it, or an earlier try had worked.
        if (isNoLongerOurs(error)) return;
      }
      const { clock } = this.#deps;
      await clock.sleepUntil(clock.now() + TRY_AGAIN_MS, this.#stopping.signal).catch(() => undefined);
    }
  }
}

/** BullMQ numbers what its scripts refuse; whatever else a request to Redis throws is Redis' trouble. */
function isNoLongerOurs(error: unknown): boolean {
  return typeof (error as { readonly code?: unknown }).code === 'number';
}

function ofThisJob(run: AnalysisRun, { uid }: JobRun): AnalysisRun {
  if (run.metadata.uid === uid) return run;
  throw new CallerError(
    'already-exists',
    `metadata.name: analysis run "${runIdOf(run)}" exists and is not of this job: choose another name, or give generateName`,
  );
}
