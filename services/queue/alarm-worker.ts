import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { RedisPlace } from '../redis/connection.ts';
import { JobWorker, type JobWorkerOptions } from '../redis/job-worker.ts';
import type { Pace } from './pace.ts';

export type Alarm = Job<{ readonly dueAt: number }>;

/** An alarm is not over with its answer, but goes off again. */
export interface Again {
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** What has been asked of Redis just now, and travels with it. */
  readonly finished?: Promise<unknown>;
}

type Answer = Again | undefined;

interface AlarmWorkerOptions extends JobWorkerOptions {
  readonly concurrency: number;
  readonly pace: Pace;
}

/**
 * A worker, but for three things. An alarm that goes off again is delayed in the same trip that brings the next one, as BullMQ does for a job that is
 * over or is tried again; the record of the job stays. No alarm is taken before the next pass may begin: what this worker cannot do in time is left to others.
 * And a pass begins as soon as its alarm is taken: BullMQ's takes jobs until none waits or `concurrency` of them are taken, and only then begins with the first.
 * At 800 alarms a second there is always another, and the first waited for hundreds: a second and more.
 */
export class AlarmWorker extends JobWorker<{ readonly dueAt: number }, Answer> {
  readonly #pace: Pace;
  readonly #mostPasses: number;
  #passes = 0;

  constructor(
    place: RedisPlace,
    name: string,
    answer: (alarm: Alarm, token: string) => Promise<Answer>,
    { pace, ...options }: AlarmWorkerOptions,
  ) {
    super(place, name, (alarm, token) => answer(alarm, token ?? ''), options);
    this.#pace = pace;
    this.#mostPasses = options.concurrency;
    this.#inProgress(0);
    this.run().catch((error: unknown) => this.emit('error', error as Error));
  }

  override async processJob(...alarm: Parameters<Worker['processJob']>): Promise<Alarm> {
    this.#inProgress(1);
    try {
      return (await super.processJob(...alarm)) as Alarm;
    } finally {
      this.#inProgress(-1);
    }
  }

  /** One alarm is taken ahead of those whose passes are in progress, and no more. */
  #inProgress(more: number): void {
    this.#passes += more;
    this.concurrency = Math.min(this.#mostPasses, this.#passes + 1);
  }

  protected override async moveToActive(token: string, name?: string): Promise<Alarm> {
    // A machine's clock may be set back while it waits; this one is not.
    const waitMs = (): number => this.#pace.nextAt - performance.now();
    for (let ms = waitMs(); ms > 0; ms = waitMs()) await sleep(ms, undefined, { signal: this.ending });
    this.#pace.take(performance.now());
    const alarm = await super.moveToActive(token, name);
    if (alarm === undefined) this.#pace.giveBack();
    return alarm;
  }

  protected override async handleCompleted(again: Answer, alarm: Alarm, token: string): Promise<Alarm> {
    // It takes the place of this one, so there is room for it, whatever `concurrency` says at this moment.
    const fetches = (): boolean => !this.#pace.isLimited;
    if (again === undefined) return super.handleCompleted(again, alarm, token, fetches);
    const now = Date.now();
    const moved = this.backend.moveToDelayed(alarm.id!, now, Math.max(0, Math.ceil(again.dueAt - now)), token, {
      skipAttempt: true,
      fetchNext: fetches() && !this.closing && !this.paused,
    });
    // The next alarm has been taken, whatever came of the rest.
    const [next] = await Promise.all([moved, again.finished?.catch((error: Error) => this.emit('error', error))]);
    const [data, id] = next ?? [];
    return this.nextJobFromJobData(data, id, token);
  }
}
