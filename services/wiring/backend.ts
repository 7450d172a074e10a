import type { SharedLimits } from '../../providers/contract.ts';
import { type Role, UsageError } from '../cli/command.ts';
import type { Config } from '../config/read-config.ts';
import type { Clock, Log, Queue, Store } from '../engine/ports.ts';
import type { RedisPlace } from '../redis/connection.ts';

/** Where the documents and tickets are, and by whose clock they are due. */
export interface Backend {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  /** Other processes use it too, and it keeps tickets while none does. */
  readonly isShared: boolean;
  /** What is shared. */
  readonly redis?: RedisPlace;
  /** What all processes together may ask of accounts. */
  readonly limits?: SharedLimits;
  /** For the log. */
  readonly place: { readonly data: string } | { readonly redis: string };
  close(): Promise<void>;
}

/** Throws UsageError when it cannot be had without somebody changing something. */
export async function openBackend(config: Config, role: Role, log: Log): Promise<Backend> {
  if (config.redis !== undefined) return openRedis({ url: config.redis, prefix: config.redisPrefix }, log);
  if (role !== 'both')
    throw new UsageError(
      `assay ${role} works with others over one Redis, and none is set`,
      'set --redis redis://HOST:6379, or run assay serve',
    );
  const [{ embeddedQueue }, { systemClock }, store] = await Promise.all([
    import('../queue/embedded.ts'),
    import('../queue/clock.ts'),
    openStore(config),
  ]);
  return {
    store,
    queue: embeddedQueue(systemClock),
    clock: systemClock,
    isShared: false,
    place: { data: config.data },
    close: () => store.close(),
  };
}

/** A Redis that is away is waited for, by all who use it; one that could only be used after somebody has changed something is refused. */
async function openRedis(named: RedisPlace, log: Log): Promise<Backend> {
  const [
    { redisStore },
    { bullmqQueue },
    { redisClock },
    { systemClock },
    { isNodeOfCluster },
    { RedisProblem, shownUrl },
    { RedisLimits },
  ] = await Promise.all([
    import('../store/redis.ts'),
    import('../queue/bullmq.ts'),
    import('../redis/clock.ts'),
    import('../queue/clock.ts'),
    import('../redis/connection.ts'),
    import('../redis/problem.ts'),
    import('../limits/redis-limits.ts'),
  ]);
  const place = { ...named, isCluster: await isNodeOfCluster(named) };
  const store = redisStore({ ...place, log });
  const problem: unknown = (await store.opened()) ?? (await store.check().catch((error: unknown) => error));
  if (problem instanceof RedisProblem && problem.isLasting) {
    await store.close();
    throw new UsageError(problem.message, 'see --redis');
  }
  const clock = await redisClock(place, systemClock);
  const queue = bullmqQueue({ ...place, log });
  const limits = new RedisLimits({ ...place, clock, log });
  return {
    store,
    queue,
    clock,
    isShared: true,
    redis: place,
    limits,
    place: { redis: shownUrl(place.url) },
    close: async () => {
      await queue.close();
      limits.close();
      clock.close();
      await store.close();
    },
  };
}

async function openStore({ data }: Config): Promise<Store> {
  const [{ sqliteStore }, { StoreError }] = await Promise.all([
    import('../store/sqlite.ts'),
    import('../engine/ports.ts'),
  ]);
  try {
    return await sqliteStore(data);
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}
