import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, type Peer, startPeer } from './peer.ts';

/** A real InfluxDB 1.6 that asks for a password, with one database. */
export interface InfluxdbServer extends Peer {
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

const USERNAME = 'assay';
const PASSWORD = 'pass-word-of-its-own';
const DATABASE = 'shop';

/** `points` are written in InfluxDB's line protocol, times in milliseconds. */
export async function startInfluxdb(points: readonly string[]): Promise<InfluxdbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-influxdb-'));
  const peer = await startPeer({
    name: 'InfluxDB',
    command: 'influxd',
    // The whole configuration is in the environment, but a configuration file there must be.
    args: () => ['run', '-config', '/dev/null'],
    folder,
    portCount: 2,
    env: (ports) => settings(folder, ports),
    isReady: ([port]) => answers(port, '/ping'),
  });
  try {
    await command(peer, {}, `CREATE USER ${USERNAME} WITH PASSWORD '${PASSWORD}' WITH ALL PRIVILEGES`);
    await command(peer, signedIn, `CREATE DATABASE ${DATABASE}`);
    const write = { method: 'POST', headers: signedIn, body: points.join('\n') };
    await told(fetch(`${peer.url}/write?db=${DATABASE}&precision=ms`, write));
    return { ...peer, username: USERNAME, password: PASSWORD, database: DATABASE };
  } catch (error) {
    await peer.stop();
    throw error;
  }
}

function settings(folder: string, [http, backup]: readonly number[]): Record<string, string> {
  return {
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${http}`,
    INFLUXDB_BIND_ADDRESS: `127.0.0.1:${backup}`,
    INFLUXDB_HTTP_AUTH_ENABLED: 'true',
    INFLUXDB_META_DIR: join(folder, 'meta'),
    INFLUXDB_DATA_DIR: join(folder, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    INFLUXDB_REPORTING_DISABLED: 'true',
  };
}

const signedIn = { authorization: `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}` };

function command(peer: Peer, headers: Record<string, string>, q: string): Promise<void> {
  return told(fetch(`${peer.url}/query`, { method: 'POST', headers, body: new URLSearchParams({ q }) }));
}

async function told(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  const text = await response.text();
  if (!response.ok || text.includes('"error"')) throw new Error(`${response.url} answered ${response.status} ${text}`);
}
