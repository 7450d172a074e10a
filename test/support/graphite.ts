import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers, type Peer, startPeer } from './peer.ts';

/** A real Graphite: carbon, which keeps the samples, and graphite-web, which renders them. */
export interface GraphiteServer {
  /** Of graphite-web: `http://127.0.0.1:PORT`. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface GraphiteSample {
  readonly path: string;
  readonly value: number;
  readonly epochSeconds: number;
}

interface Target {
  readonly datapoints: readonly (readonly [number | null, number])[];
}

const STORED_WITHIN_MS = 10_000;

/** `samples` must be of the last day: one a minute is kept, and no more than a day of them. */
export async function startGraphite(samples: readonly GraphiteSample[]): Promise<GraphiteServer> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-graphite-'));
  await Promise.all([mkdir(join(folder, 'whisper')), mkdir(join(folder, 'log'))]);
  await writeFile(join(folder, 'storage-schemas.conf'), '[default]\npattern = .*\nretentions = 60s:1d\n');
  const carbon = await startCarbon(folder);
  let web: Peer | undefined;
  const stop = async (): Promise<void> => {
    await web?.stop();
    await carbon.stop();
  };
  try {
    web = await startWeb(folder, carbon);
    await feed(carbon, samples);
    await untilStored(web.url, samples);
    return { url: web.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startCarbon(folder: string): Promise<Peer> {
  const config = join(folder, 'carbon.conf');
  return startPeer({
    name: 'carbon',
    command: 'carbon-cache',
    args: () => [`--config=${config}`, `--pidfile=${join(folder, 'carbon.pid')}`, '--nodaemon', '--debug', 'start'],
    folder,
    portCount: 3,
    prepare: ([line, pickle, query]) =>
      writeFile(
        config,
        settings({
          STORAGE_DIR: folder,
          CONF_DIR: folder,
          LOCAL_DATA_DIR: join(folder, 'whisper'),
          LOG_DIR: join(folder, 'log'),
          PID_DIR: folder,
          LINE_RECEIVER_INTERFACE: '127.0.0.1',
          LINE_RECEIVER_PORT: line,
          PICKLE_RECEIVER_INTERFACE: '127.0.0.1',
          PICKLE_RECEIVER_PORT: pickle,
          CACHE_QUERY_INTERFACE: '127.0.0.1',
          CACHE_QUERY_PORT: query,
          MAX_CREATES_PER_MINUTE: 'inf',
          MAX_UPDATES_PER_SECOND: 'inf',
          CARBON_METRIC_INTERVAL: 0,
          ENABLE_TAGS: 'False',
        }),
      ),
    isReady: async ([line]) => {
      (await connected(line as number)).destroy();
      return true;
    },
  });
}

function settings(values: Readonly<Record<string, string | number | undefined>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
  return `[cache]\n${lines.join('\n')}\n`;
}

const SERVE = `
import sys
from wsgiref.simple_server import make_server
from graphite.wsgi import application
make_server('127.0.0.1', int(sys.argv[1]), application).serve_forever()
`;

async function startWeb(folder: string, carbon: Peer): Promise<Peer> {
  const python = (value: unknown): string => JSON.stringify(value);
  await writeFile(
    join(folder, 'assay_graphite.py'),
    `SECRET_KEY = 'of this test'
ALLOWED_HOSTS = ['*']
TIME_ZONE = 'UTC'
STORAGE_DIR = CONF_DIR = ${python(folder)}
LOG_DIR = ${python(join(folder, 'log'))}
WHISPER_DIR = ${python(join(folder, 'whisper'))}
STANDARD_DIRS = [WHISPER_DIR]
CARBONLINK_HOSTS = [${python(`127.0.0.1:${carbon.ports[2]}`)}]
`,
  );
  return startPeer({
    name: 'graphite-web',
    // Debian's package is a module of Debian's Python, which need not be the first on the path.
    command: '/usr/bin/python3',
    args: ([port]) => ['-c', SERVE, String(port)],
    env: () => ({
      PYTHONPATH: folder,
      GRAPHITE_SETTINGS_MODULE: 'assay_graphite',
      DJANGO_SETTINGS_MODULE: 'graphite.settings',
    }),
    folder,
    isReady: ([port]) => answers(port, '/render?format=json'),
  });
}

async function feed(carbon: Peer, samples: readonly GraphiteSample[]): Promise<void> {
  const socket = await connected(carbon.ports[0] as number);
  socket.end(samples.map(({ path, value, epochSeconds }) => `${path} ${value} ${epochSeconds}\n`).join(''));
  socket.resume();
  await once(socket, 'close');
}

/** Carbon writes when it comes to it; a whisper file that it is just creating cannot be read, and the answer is a 500. */
async function untilStored(url: string, samples: readonly GraphiteSample[]): Promise<void> {
  const paths = [...new Set(samples.map(({ path }) => path))];
  const query = new URLSearchParams({ from: '-23h', format: 'json' });
  for (const path of paths) query.append('target', path);
  let last = '';
  for (const deadline = Date.now() + STORED_WITHIN_MS; Date.now() < deadline; ) {
    const answer = await fetch(`${url}/render?${query}`);
    const body = await answer.text();
    const targets = (answer.ok ? JSON.parse(body) : []) as readonly Target[];
    const stored = targets.flatMap(({ datapoints }) => datapoints.filter(([value]) => value !== null));
    if (stored.length === samples.length) return;
    last = answer.ok ? `${stored.length} stored` : `${answer.status}: ${body.slice(0, 500)}`;
    await sleep(50);
  }
  throw new Error(`carbon has not stored ${samples.length} samples within ${STORED_WITHIN_MS / 1000} s; ${last}`);
}

async function connected(port: number) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
