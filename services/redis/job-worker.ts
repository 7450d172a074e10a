import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import { connectBullmq } from './bullmq-connection.ts';
import { endConnection, type RedisClient, type RedisPlace } from './connection.ts';

export interface JobWorkerOptions extends WorkerOptions {
  /** For what is asked besides waiting for jobs, with a time limit. Others may use it, too. */
  readonly connection: RedisClient;
  readonly prefix: string;
}

/**
 * BullMQ's worker, but that it also ends while Redis is away. To end, BullMQ's waits until Redis has been there once, and until its connection tells that it is closed,
 * which one that waits for its next attempt to connect never does. Begins with `run`.
 */
export class JobWorker<Data, Result> extends Worker<Data, Result> {
  readonly #ending = new AbortController();
  readonly #reached: Promise<unknown>;

  constructor(place: RedisPlace, name: string, answer: Processor<Data, Result>, options: JobWorkerOptions) {
    // BullMQ waits for jobs on a connection of its own, a duplicate by whose name it counts workers.
    const waiting = connectBullmq(place, `${options.prefix}:${Buffer.from(name).toString('base64')}`, 'blocking');
    const connection = Object.assign(options.connection, { duplicate: () => waiting });
    // A class has no fields before its parent's constructor is done.
    super(name, answer, { ...options, connection, autorun: false });
    Object.assign(this.backend, { disconnectBlocking: () => endConnection(waiting) });
    const ended = Promise.withResolvers<never>();
    this.#ending.signal.addEventListener('abort', () => ended.reject(this.#ending.signal.reason));
    this.#reached = Promise.race([this.waitUntilReady(), ended.promise]);
    this.#reached.catch(() => undefined);
  }

  /** Aborted when no more jobs are to be taken. */
  protected get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Jobs under way are finished. */
  override close(): Promise<void> {
    this.#ending.abort();
    return super.close();
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data, Result>> {
    // Until Redis has been there once, BullMQ's requests wait without a limit.
    await this.#reached;
    this.ending.throwIfAborted();
    return super.moveToActive(token, name);
  }
}
