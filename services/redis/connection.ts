import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../engine/ports.ts';
import { parseAddress } from './address.ts';
import { examine, type Findings } from './examine.ts';
import { RedisProblem, redisProblem, shownUrl } from './problem.ts';

/** Which Redis, and what stands before the names of Assay's keys in it: two Assays in one Redis take two prefixes. */
export interface RedisPlace {
  /** See `parseAddress`. */
  readonly url: string;
  readonly prefix: string;
  /** Whether one address is that of a node of a Cluster, see `isNodeOfCluster`; several addresses always are. */
  readonly isCluster?: boolean;
}

/** One Redis, or a Cluster; what the keys need of either is the same, since all have one hash tag. */
export type RedisClient = Redis | Cluster;

// A request that waits longer has a caller that has given up.
const COMMAND_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const LONGEST_RETRY_WAIT_MS = 1_000;
/** More than the longest question that Redis holds, which is BullMQ's with ten seconds. */
const LONGEST_HOLD_MS = 12_000;

// A connection on which nothing comes any more looks like one on which Redis takes its time: a router that forgot it tells nobody, and TCP itself gives up after a
// quarter of an hour. So one that owes an answer for too long is given up, and a new one is made.
const ASKING = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: COMMAND_TIMEOUT_MS,
  maxRetriesPerRequest: null,
  // What is asked in one tick travels together, and shares one sync of the append-only file.
  enableAutoPipelining: true,
  autoResendUnfulfilledCommands: false,
} satisfies RedisOptions;
/** For questions that Redis holds until there is something to tell. */
const BLOCKING = { maxRetriesPerRequest: null, socketTimeout: LONGEST_HOLD_MS } satisfies RedisOptions;

type Options = Omit<RedisOptions, 'replyMapping'>;

/** In a Cluster the braces keep all keys on one node, which is what lets a script touch several of them. */
export const keyPrefix = ({ prefix }: RedisPlace): string => `{${prefix}}:`;

/**
 * A client that connects by itself, now and whenever the connection is lost. What was under way then fails, since it may have been done: nothing is sent
 * twice behind the caller's back. What comes while Redis is away fails with the next attempt to connect. A blocking client has no time limit, and waits for Redis as long as it takes.
 */
export function connectRedis(place: RedisPlace, name: string, kind: 'asking' | 'blocking' = 'asking'): RedisClient {
  const { nodes } = parseAddress(place.url) ?? { nodes: [place.url] as const };
  const options: Options = {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(kind === 'asking' ? ASKING : BLOCKING),
  };
  if (nodes.length > 1 || place.isCluster) return connectCluster(nodes, options);
  const client = new Redis(nodes[0], { ...options, retryStrategy: waitBeforeAttempt });
  // Without a listener an error would end the process; each request is told of it.
  client.on('error', (error: Error) => {
    if (kind === 'asking') flush(client, error, { offlineQueue: true });
  });
  client.on('close', () => {
    if (kind === 'asking')
      flush(client, new Error('the connection was lost; it may have been done'), { offlineQueue: false });
  });
  return client;
}

const waitBeforeAttempt = (attempt: number): number => Math.min(50 * 2 ** (attempt - 1), LONGEST_RETRY_WAIT_MS);

/** The same promises over a Cluster. What a node refuses because another one has the keys was not done, and is sent there. */
function connectCluster(nodes: readonly string[], { enableAutoPipelining = false, ...options }: Options): Cluster {
  const cluster = new Cluster([...nodes], {
    enableAutoPipelining,
    redisOptions: { ...options, ...loginOf(nodes[0]!) },
    clusterRetryStrategy: waitBeforeAttempt,
    // What was under way when a node went away may have been done.
    retryDelayOnFailover: 0,
  });
  cluster.on('error', () => undefined);
  return cluster;
}

/** What the nodes that the named ones tell of are spoken to with. */
function loginOf(node: string) {
  const { protocol, username, password } = new URL(node);
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}

/** Asks the one address. One that does not answer now counts as a single Redis; `watchRedis` tells when it turns out otherwise. */
export async function isNodeOfCluster({ url }: RedisPlace): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.info('cluster')).includes('cluster_enabled:1');
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** Fails what was sent and, on request, what still waits to be sent. ioredis itself would leave both to their time limit, and send what waits after it. */
function flush(client: Redis, error: Error, which: { readonly offlineQueue: boolean }): void {
  const queues = client as unknown as { flushQueue(error: Error, which: { readonly offlineQueue: boolean }): void };
  queues.flushQueue(error, which);
}

/** How a Redis stands: what each connection to it found out. */
export interface RedisWatch {
  /** Undefined once the first attempt to connect is over: then why it failed, if it did. */
  readonly first: Promise<RedisProblem | undefined>;
  /** Why this Redis cannot be used although it answers. */
  mistake(): RedisProblem | undefined;
  /** What is behind an error of a request: for one that was not even sent, why Redis is away. */
  problem(error: unknown): RedisProblem;
}

/** Looks at the settings of a Redis whenever the client has connected, and tells the log what would lose data, when it is away and when it is back. */
export function watchRedis(client: RedisClient, { url }: RedisPlace, log: Log): RedisWatch {
  const first = Promise.withResolvers<RedisProblem | undefined>();
  const redis = shownUrl(url);
  let mistake: RedisProblem | undefined;
  let told = '';
  let away: RedisProblem | undefined;
  const tell = (findings: Findings): void => {
    const text = JSON.stringify(findings);
    if (text === told) return;
    told = text;
    mistake = findings.mistake === undefined ? undefined : new RedisProblem(`${redis}: ${findings.mistake}`, true);
    if (mistake !== undefined) log.error({ redis }, mistake.message);
    for (const warning of findings.warnings) log.warn({ redis }, warning);
  };
  const look = async (): Promise<void> => {
    try {
      tell(await examine(client));
      if (away !== undefined) log.info({ redis }, 'Redis answers again');
      away = undefined;
      first.resolve(mistake);
    } catch (error) {
      first.resolve(redisProblem(error, url));
    }
  };
  client.on('ready', () => void look());
  client.on('error', (error: unknown) => {
    const problem = redisProblem(error, url);
    if (away === undefined) log.error({ redis }, `${problem.message}; trying again`);
    away = problem;
    first.resolve(problem);
  });
  return {
    first: first.promise,
    mistake: () => mistake,
    problem: (error) => {
      const problem = redisProblem(error, url);
      const isUnsent = error instanceof Error && error.message === 'Command timed out';
      return isUnsent && away !== undefined ? away : problem;
    },
  };
}
