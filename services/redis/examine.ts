import { Cluster, type Redis } from 'ioredis';

/** Streams are cut by id since 6.2, which BullMQ asks for as well. */
const OLDEST_VERSION = [6, 2] as const;

export interface Findings {
  /** Why this Redis cannot be used, and what would be right. */
  readonly mistake?: string;
  /** What would lose acknowledged writes, one sentence each. */
  readonly warnings: readonly string[];
}

type Values = Readonly<Record<string, string>>;

/** Reads what a Redis, or every node of a Cluster that takes writes, says of itself. Rejects when it does not answer. */
export async function examine(client: Redis | Cluster): Promise<Findings> {
  if (!(client instanceof Cluster)) return examineNode(client, false);
  const found = await Promise.all(client.nodes('master').map((node) => examineNode(node, true)));
  const mistake = found.find((findings) => findings.mistake !== undefined)?.mistake;
  const warnings = [...new Set(found.flatMap((findings) => findings.warnings))];
  return mistake === undefined ? { warnings } : { mistake, warnings };
}

async function examineNode(client: Redis, isOfCluster: boolean): Promise<Findings> {
  const info = fieldsOf(await client.info());
  // Hosted Redis often keeps CONFIG for its owner.
  const settings = await client.config('GET', 'append*').then(pairsOf, () => undefined);
  return findingsOf(info, settings, isOfCluster);
}

/**
 * "An acknowledged run is never lost" takes an append-only file that is synced before Redis answers, and no eviction. `settings` is undefined where CONFIG
 * is not allowed.
 */
export function findingsOf(info: Values, settings: Values | undefined, isOfCluster = false): Findings {
  const mistake = mistakeOf(info, isOfCluster);
  const warnings: string[] = [];
  const lossy = 'acknowledged runs may be lost';
  if (info['aof_enabled'] === '0')
    warnings.push(`Redis keeps no append-only file: ${lossy} when it ends. Set appendonly yes and appendfsync always`);
  else if (settings === undefined)
    warnings.push(
      'Redis does not show its settings: see that appendfsync is always, else a power cut loses acknowledged runs',
    );
  else if (settings['appendfsync'] !== undefined && settings['appendfsync'] !== 'always')
    warnings.push(`Redis has appendfsync ${settings['appendfsync']}: ${lossy} in a power cut. Set appendfsync always`);
  const policy = info['maxmemory_policy'];
  if (policy !== undefined && policy !== 'noeviction')
    warnings.push(`Redis has maxmemory-policy ${policy}: it throws runs away when its memory is full. Set noeviction`);
  return mistake === undefined ? { warnings } : { mistake, warnings };
}

function mistakeOf(info: Values, isOfCluster: boolean): string | undefined {
  const version = info['redis_version'] ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]))
    return `this is Redis ${version}, Assay needs ${OLDEST_VERSION.join('.')} or newer: update it`;
  if (info['role'] === 'slave') return 'this is a read-only replica: name the primary';
  if (info['cluster_enabled'] === '1' && !isOfCluster)
    return 'this is a node of a Cluster, which it could not tell when Assay started: start Assay again, or name several of its nodes, redis://HOST:PORT,HOST:PORT';
  return undefined;
}

function fieldsOf(info: string): Values {
  const lines = info.split('\r\n').map((line) => line.split(':'));
  return Object.fromEntries(lines.map(([name, ...value]) => [name, value.join(':')]));
}

function pairsOf(reply: unknown): Values {
  if (!Array.isArray(reply)) return reply as Values;
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) pairs.push([String(reply[at]), String(reply[at + 1])]);
  return Object.fromEntries(pairs);
}
