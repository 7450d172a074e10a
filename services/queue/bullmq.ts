import { Queue as Alarms } from 'bullmq';
import {
  type Log,
  type Queue,
  type QueueLimits,
  StoreError,
  type Ticket,
  type TicketHandler,
} from '../engine/ports.ts';
import { connectBullmq } from '../redis/bullmq-connection.ts';
import { endConnection, keyPrefix, type RedisClient, type RedisPlace } from '../redis/connection.ts';
import { redisProblem } from '../redis/problem.ts';
import { type Again, type Alarm, AlarmWorker } from './alarm-worker.ts';
import * as scripts from './bullmq-scripts.ts';
import { checkTicket } from './check-ticket.ts';
import { Pace } from './pace.ts';

// What the port promises for a handler that throws.
const SHORTEST_BACK_OFF_MS = 1;
const LONGEST_BACK_OFF_MS = 10_000;
/** A worker that has not said for this long that it lives has lost its passes. Ten times what a busy process may be held up. */
const LEASE_MS = 10_000;
const GUARD_EVERY_MS = 1_000;
/** When Redis could not be reached. */
const TRY_AGAIN_MS = 500;
/** An alarm that is this late, with none waiting, does not come any more. */
const LOST_AFTER_MS = 2_000;
const MOST_ALARMS_AT_ONCE = 1_000;
const NAME = 'passes';

interface BullmqQueueOptions extends RedisPlace {
  readonly log: Log;
  readonly leaseMs?: number;
}

export interface BullmqQueue extends Queue {
  /** After `stop`: closes the connections. */
  close(): Promise<void>;
}

/**
 * The queue of many processes over one Redis. Tickets stand in a sorted set by due time, at most one a run. A delayed job of BullMQ is an *alarm*: when it goes
 * off, some worker takes the ticket that is most overdue. So a ticket that becomes due sooner only needs one more alarm, and one alarm too many finds
 * nothing to do. An alarm whose pass ends with another ticket is delayed anew until that is due: one job a live run, active once for each due pass.
 *
 * A run's ticket is in one of three states. *Waiting*: in `tickets`. *In progress*: claimed by an alarm, whose job is active. *Held*: scheduled while a
 * pass of the same run is in progress; it waits again when the pass ends. When a worker dies, BullMQ finds its job stalled and gives it to another,
 * and with it the claim.
 */
export function bullmqQueue(options: BullmqQueueOptions): BullmqQueue {
  return new QueueInRedis(options);
}

type Answer = readonly string[];
type Scripts = {
  assaySchedule(...args: (string | number)[]): Promise<number>;
  assayClaim(...args: (string | number)[]): Promise<Answer>;
  assayFinish(...args: (string | number)[]): Promise<Answer>;
  assayDepth(...args: (string | number)[]): Promise<readonly [waiting: number, late: string]>;
  assayOverdue(...args: (string | number)[]): Promise<number>;
};

interface Consumer {
  readonly worker: AlarmWorker;
  readonly guard: NodeJS.Timeout;
}

class QueueInRedis implements BullmqQueue {
  readonly #place: RedisPlace;
  readonly #log: Log;
  readonly #leaseMs: number;
  readonly #keys: string;
  readonly #redis: RedisClient;
  readonly #scripts: Scripts;
  readonly #alarms: Alarms;
  #consumer: Consumer | undefined;

  constructor({ log, leaseMs = LEASE_MS, ...place }: BullmqQueueOptions) {
    this.#place = place;
    this.#log = log;
    this.#leaseMs = leaseMs;
    this.#keys = keyPrefix(place);
    this.#redis = connectBullmq(place, 'assay-queue');
    const define = (name: keyof Scripts, numberOfKeys: number, lua: string): void =>
      this.#redis.defineCommand(name, { numberOfKeys, lua });
    define('assaySchedule', 3, scripts.SCHEDULE);
    define('assayClaim', 3, scripts.CLAIM);
    define('assayFinish', 6, scripts.FINISH);
    define('assayDepth', 2, scripts.DEPTH);
    define('assayOverdue', 4, scripts.OVERDUE);
    this.#scripts = this.#redis as unknown as Scripts;
    this.#alarms = new Alarms(NAME, {
      connection: this.#redis,
      prefix: this.#bullPrefix,
      // Nobody follows the events of alarms.
      streams: { events: { maxLen: 0 } },
      defaultJobOptions: {
        removeOnComplete: true,
        removeOnFail: true,
        // An alarm fails only when Redis was away meanwhile; it holds its claim, so it has to come again.
        attempts: Number.MAX_SAFE_INTEGER,
        backoff: { type: 'fixed', delay: 1_000 },
        stackTraceLimit: 1,
      },
    });
    this.#alarms.on('error', () => undefined);
  }

  /** Throws StoreError `unavailable` when Redis is. */
  async schedule(ticket: Ticket, use?: 'spare'): Promise<void> {
    checkTicket(ticket);
    const { runId, dueAt } = ticket;
    await this.#told(async () => {
      const [tickets, held, passing] = this.#names('tickets', 'held', 'passing');
      const needsAlarm = (await this.#scripts.assaySchedule(tickets!, held!, passing!, runId, dueAt)) === 1;
      // That of a spare ticket would go off for nothing nearly every time; should the ticket come due, a worker's guard misses its alarm.
      if (needsAlarm && use !== 'spare') await this.#setAlarm(dueAt);
    });
  }

  start(handler: TicketHandler, { concurrency, passesPerSecond }: QueueLimits): void {
    if (this.#consumer !== undefined) throw new Error('the queue is started already: stop it before it starts again');
    if (!(concurrency >= 1)) throw new Error(`concurrency must be at least 1, not ${concurrency}`);
    const worker = new AlarmWorker(this.#place, NAME, (alarm, token) => this.#answer(alarm, token, handler), {
      pace: new Pace(passesPerSecond),
      // What BullMQ asks travels with what is asked here.
      connection: this.#redis,
      prefix: this.#bullPrefix,
      concurrency,
      lockDuration: this.#leaseMs,
      stalledInterval: this.#leaseMs / 2,
      runRetryDelay: TRY_AGAIN_MS,
      // However often a worker dies over it, a ticket comes again.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    worker.on('error', (error) => this.#tellTrouble(error));
    worker.on('stalled', (alarm) => this.#log.warn({ alarm }, 'a pass was taken over: its worker died or hung'));
    const guard = setInterval(() => {
      this.#replaceLostAlarms().catch((error: unknown) => this.#tellTrouble(error));
    }, GUARD_EVERY_MS);
    this.#consumer = { worker, guard };
  }

  async stop(): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === undefined) return;
    clearInterval(consumer.guard);
    await consumer.worker.close();
    if (this.#consumer === consumer) this.#consumer = undefined;
  }

  async depth(): Promise<{ readonly waiting: number; readonly latenessMs: number }> {
    const [waiting, late] = await this.#told(() => this.#scripts.assayDepth(...this.#names('tickets', 'held')));
    return { waiting, latenessMs: Number(late) };
  }

  /** Those whose connections Redis knows at this moment. */
  async workers(): Promise<number> {
    return this.#told(() => this.#alarms.getWorkersCount());
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#alarms.close();
    await endConnection(this.#redis);
  }

  /** One alarm: at most one pass. */
  async #answer(alarm: Alarm, token: string, handler: TicketHandler): Promise<Again | undefined> {
    const id = alarm.id!;
    const keys = this.#names('tickets', 'passing', 'claims');
    const [runId, due] = await this.#scripts.assayClaim(...keys, id, token, alarm.data.dueAt);
    // With a due time this machine's clock is ahead of Redis'.
    if (runId === undefined || runId === '') return due === undefined ? undefined : { dueAt: Date.now() + Number(due) };
    const next = await answerOf({ runId, dueAt: Number(due) }, handler);
    const finished = this.#finish(id, token, next);
    // A process that dies between the end of the pass and the next alarm leaves a ticket whose alarm its guard sets again.
    if (typeof next === 'number') return { dueAt: next, finished: this.#withSoonerAlarm(finished, next) };
    const [waitsFor] = await finished;
    return waitsFor === undefined ? undefined : { dueAt: Number(waitsFor) };
  }

  /** The ticket that waits may be one that came during the pass. */
  async #withSoonerAlarm(finished: Promise<Answer>, next: number): Promise<void> {
    const [waitsFor] = await finished;
    if (Number(waitsFor ?? next) < next) await this.#setAlarm(Number(waitsFor));
  }

  #finish(alarm: string, token: string, next: string | number): Promise<Answer> {
    const keys = [
      ...this.#names('tickets', 'held', 'passing', 'claims', 'failures'),
      `${this.#bullPrefix}:${NAME}:${alarm}`,
    ];
    return this.#scripts.assayFinish(...keys, alarm, token, next, SHORTEST_BACK_OFF_MS, LONGEST_BACK_OFF_MS);
  }

  async #setAlarm(dueAt: number): Promise<void> {
    await this.#alarms.add(NAME, { dueAt }, { delay: Math.max(0, Math.ceil(dueAt - Date.now())) });
  }

  /** Whoever dies between writing a ticket and setting its alarm leaves one without the other. */
  async #replaceLostAlarms(): Promise<void> {
    const keys = [...this.#names('tickets', 'passing', 'claims'), `${this.#bullPrefix}:${NAME}:wait`];
    const lost = await this.#scripts.assayOverdue(...keys, `${this.#bullPrefix}:${NAME}:`, LOST_AFTER_MS);
    const now = Date.now();
    await Promise.all(Array.from({ length: Math.min(lost, MOST_ALARMS_AT_ONCE) }, () => this.#setAlarm(now)));
  }

  /** In words of our own: the library's error carries the request that failed, and that may be the one with the password. */
  #tellTrouble(error: unknown): void {
    this.#log.debug({ error: redisProblem(error, this.#place.url).message }, 'the queue tries again');
  }

  get #bullPrefix(): string {
    return `${this.#keys}queue`;
  }

  #names(...names: string[]): string[] {
    return names.map((name) => this.#keys + name);
  }

  async #told<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      throw error instanceof StoreError ? error : redisProblem(error, this.#place.url);
    }
  }
}

/** The handler's answer as the script takes it. */
async function answerOf(ticket: Ticket, handler: TicketHandler): Promise<string | number> {
  try {
    const next = await handler(ticket);
    if (next === undefined) return '';
    checkTicket(next);
    return next.dueAt;
  } catch {
    // The handler has reported its failure; the queue's part is to try again.
    return 'failed';
  }
}
