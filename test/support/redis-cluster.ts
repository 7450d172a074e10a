/** A real Redis Cluster for the tests: three nodes that take writes, and a replica of the first. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis.ts';

export interface RedisCluster {
  /** Three addresses, separated by commas. */
  readonly url: string;
  /** Of the first node alone. */
  readonly oneUrl: string;
  /** Whether a key belongs to the first node at the start. */
  isOnFirst(key: string): Promise<boolean>;
  /** Moves a key, and all that have its hash tag, from the first node to the second, piece by piece as `redis-cli --cluster reshard` does. */
  moveAway(key: string): Promise<void>;
  /** Makes the replica of the first node take its place, in order; resolves when all nodes know. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const MASTERS = 3;
const KEYS_AT_ONCE = 2;
const AGREES_WITHIN_MS = 20_000;

/** Files of a key and of a certificate for localhost, and the password that clients must know. */
export interface TlsOfCluster {
  readonly key: string;
  readonly cert: string;
  readonly password: string;
}

/** With `tls`, its address leads to ports with TLS, which the nodes use among themselves too. */
export async function startRedisCluster(tls?: TlsOfCluster): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const clients: Redis[] = [];
  const stop = async (): Promise<void> => {
    for (const client of clients) client.disconnect();
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const buses: number[] = [];
    const addresses: string[] = [];
    for (let node = 0; node <= MASTERS; node += 1) {
      buses.push(await freePort());
      const settings = {
        'cluster-enabled': 'yes',
        'cluster-port': String(buses[node]),
        'cluster-node-timeout': '2000',
        'repl-diskless-sync-delay': '0',
      };
      const tlsPort = String(await freePort());
      servers.push(await startRedis({ settings: { ...settings, ...(tls && tlsSettings(tls, tlsPort)) } }));
      clients.push(new Redis(servers[node]!.url, { ...(tls && { password: tls.password }) }));
      addresses.push(tls === undefined ? `127.0.0.1:${servers[node]!.port}` : `localhost:${tlsPort}`);
    }
    const width = Math.ceil(SLOTS / MASTERS);
    for (const [node, client] of clients.entries()) {
      await client.cluster('SET-CONFIG-EPOCH', node + 1);
      const last = Math.min((node + 1) * width, SLOTS) - 1;
      if (node < MASTERS) await client.call('CLUSTER', 'ADDSLOTSRANGE', node * width, last);
      await clients[0]!.call('CLUSTER', 'MEET', '127.0.0.1', servers[node]!.port, buses[node]!);
    }
    const all = async (isTrue: (client: Redis) => Promise<boolean>): Promise<void> => {
      for (const client of clients) await until(() => isTrue(client));
    };
    await all(async (client) => (await client.cluster('INFO')).includes(`cluster_known_nodes:${MASTERS + 1}`));
    const [first, second, replica] = [clients[0]!, clients[1]!, clients[MASTERS]!];
    const keysIn = (slot: number) => first.cluster('GETKEYSINSLOT', slot, KEYS_AT_ONCE) as Promise<string[]>;
    await replica.cluster('REPLICATE', (await first.cluster('MYID')) as string);
    await until(async () => (await replica.info('replication')).includes('master_link_status:up'));
    await all(async (client) => (await client.cluster('INFO')).includes('cluster_state:ok'));
    const scheme = tls === undefined ? 'redis://' : `rediss://:${tls.password}@`;
    return {
      url: `${scheme}${addresses.slice(0, MASTERS).join(',')}`,
      oneUrl: `${scheme}${addresses[0]}`,
      isOnFirst: async (key) => (await first.cluster('KEYSLOT', key)) < width,
      moveAway: async (key) => {
        const slot = await first.cluster('KEYSLOT', key);
        const [from, to] = [await first.cluster('MYID'), await second.cluster('MYID')] as [string, string];
        await second.cluster('SETSLOT', slot, 'IMPORTING', from);
        await first.cluster('SETSLOT', slot, 'MIGRATING', to);
        for (let keys = await keysIn(slot); keys.length > 0; keys = await keysIn(slot))
          await first.call('MIGRATE', '127.0.0.1', servers[1]!.port, '', 0, 5_000, 'KEYS', ...keys);
        for (const client of [second, first, ...clients.slice(2, MASTERS)])
          await client.cluster('SETSLOT', slot, 'NODE', to);
      },
      failOver: async () => {
        const id = (await replica.cluster('MYID')) as string;
        await replica.cluster('FAILOVER');
        await all(async (client) =>
          ((await client.cluster('NODES')) as string)
            .split('\n')
            .some((line) => line.startsWith(id) && / master .* 0-/.test(line.replace('myself,', ''))),
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function tlsSettings({ key, cert, password }: TlsOfCluster, port: string): Record<string, string> {
  return {
    'tls-port': port,
    'tls-key-file': key,
    'tls-cert-file': cert,
    'tls-ca-cert-file': cert,
    'tls-auth-clients': 'no',
    'tls-cluster': 'yes',
    'tls-replication': 'yes',
    requirepass: password,
    masterauth: password,
    // The certificate is for this name, and clients go where the nodes say that they are.
    'cluster-announce-hostname': 'localhost',
    'cluster-preferred-endpoint-type': 'hostname',
  };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + AGREES_WITHIN_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error('the nodes of the Cluster do not agree');
    await sleep(20);
  }
}
