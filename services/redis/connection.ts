import { setTimeout as sleep } from 'node:timers/promises';
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
/** ioredis gives the other side two seconds to close. */
const END_WITHIN_MS = 3_000;
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
  const nodes = nodesOf(place);
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

/**
 * Ends a connection for good, whatever becomes of Redis. While ioredis waits for its next attempt to connect, its own `disconnect` only forgets the attempt: whoever
 * waits for the end, or for an answer, would wait for ever. An attempt that is given up at once ends.
 */
export async function endConnection(client: RedisClient): Promise<void> {
  const ended = new Promise((resolve) => client.once('end', resolve));
  if (client.status === 'reconnecting') client.connect().catch(() => undefined);
  if (client.status !== 'end') client.disconnect();
  // BullMQ may be about to try again.
  Object.assign(client, { connect: () => Promise.reject(new Error('Connection is closed.')) });
  if (client.status !== 'end') await Promise.race([ended, sleep(END_WITHIN_MS, undefined, { ref: false })]);
}

function nodesOf({ url }: Pick<RedisPlace, 'url'>): readonly [string, ...string[]] {
  return parseAddress(url)?.nodes ?? [url];
}

const waitBeforeAttempt = (attempt: number): number => Math.min(50 * 2 ** (attempt - 1), LONGEST_RETRY_WAIT_MS);

/** The same promises over a Cluster. What a node refuses because another one has the keys was not done, and is sent there. */
function connectCluster(nodes: readonly string[], { enableAutoPipelining = false, ...options }: Options): Cluster {
  const login = loginOf(nodes[0]!);
  const cluster = new Cluster([...nodes], {
    enableAutoPipelining,
    redisOptions: { ...options, ...login },
    // By the client's own look-up a node would be spoken to by its number, for which its certificate is not.
    ...('tls' in login && { dnsLookup: (host, found) => found(null, host) }),
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
export async function isNodeOfCluster(place: RedisPlace): Promise<boolean> {
  const { info } = await askNode(nodesOf(place)[0]);
  return info?.includes('cluster_enabled:1') ?? false;
}

/** What one node says of itself as a part of a Cluster, or why it says nothing. */
async function askNode(url: string): Promise<{ readonly info?: string; readonly error?: unknown }> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // What a request is told in the end is only that there is no connection.
  let first: unknown;
  client.on('error', (error: unknown) => {
    first ??= error;
  });
  try {
    await client.connect();
    return { info: await client.info('cluster') };
  } catch (error) {
    return { error: first ?? error };
  } finally {
    client.disconnect();
  }
}

/** Fails what was sent and, on request, what still waits to be sent. ioredis itself would leave both to their time limit, and send what waits after it. */
function flush(client: Redis, error: Error, which: { readonly offlineQueue: boolean }): void {
  const queues = client as unknown as { flushQueue(error: Error, which: { readonly offlineQueue: boolean }): void };
  queues.flushQueue(error, which);
}

/** Tells whenever another server may answer than before, or the same one after a restart: it may have lost its newest writes, and count their revisions anew. */
export function onOtherServer(client: RedisClient, told: () => void): void {
  client.on('ready', told);
  // The client of a Cluster stays ready when one of its nodes takes another's place.
  if (client instanceof Cluster) for (const event of ['+node', '-node', 'node error']) client.on(event, told);
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

/** What the client says of a request that it had nobody to send to. */
const UNSENT: ReadonlySet<string> = new Set(['Command timed out', 'None of startup nodes is available']);

/** Looks at the settings of a Redis whenever the client has connected, and tells the log what would lose data, when it is away and when it is back. */
export function watchRedis(client: RedisClient, place: RedisPlace, log: Log): RedisWatch {
  const { url } = place;
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
  const lose = (error: unknown): void => {
    const problem = redisProblem(error, url);
    if (away === undefined) log.error({ redis }, `${problem.message}; trying again`);
    away = problem;
    first.resolve(problem);
  };
  client.on('ready', () => void look());
  client.on('error', (error: unknown) => {
    if (!(client instanceof Cluster)) return lose(error);
    // The client of a Cluster knows only that it got nowhere.
    void askNode(nodesOf(place)[0]).then((asked) => {
      if (client.status !== 'ready') lose(asked.error ?? error);
    });
  });
  return {
    first: first.promise,
    mistake: () => mistake,
    problem: (error) => {
      const problem = redisProblem(error, url);
      const isUnsent = error instanceof Error && UNSENT.has(error.message);
      return isUnsent && away !== undefined ? away : problem;
    },
  };
}
