import { type ChaosSource, startChaosSource } from '../chaos/chaos-source.ts';
import { startAssay } from '../support/assay-server.ts';
import { freePort } from '../support/free-port.ts';
import { type Kubeconfig, writeKubeconfig } from '../support/kubeconfig.ts';
import { type Line, layLine } from '../support/line.ts';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type JobCluster, startJobCluster } from './job-cluster.ts';

const API_PROCESSES = 2;
const WORKERS = 2;

/** A process that is ended and started again in its place. */
export interface Seat {
  readonly name: string;
  readonly program: NodeProgram;
  start(): Promise<void>;
}

export interface ApiSeat extends Seat {
  readonly url: string;
}

export interface WorkerSeat extends Seat {
  /** Its way to Redis. */
  readonly line: Line;
}

/** What a company runs: API processes and workers over one Redis, with a web server and a cluster to measure. */
export interface Installation {
  readonly redis: RedisServer;
  readonly apis: readonly ApiSeat[];
  readonly workers: readonly WorkerSeat[];
  readonly source: ChaosSource;
  readonly cluster: JobCluster;
  /** A further program with the settings of a worker; who starts it ends it. */
  startBeside(script: string): NodeProgram;
  stop(): Promise<void>;
}

/** With Redis the data folder holds compiled code and nothing else: `data` may be shared by several installations, which spares each the compiling. */
export async function startInstallation(data: string): Promise<Installation> {
  const open = new AsyncDisposableStack();
  try {
    const redis = await startRedis();
    open.defer(() => redis.stop());
    const source = await startChaosSource();
    open.defer(() => source.close());
    const cluster = await startJobCluster();
    open.defer(() => cluster.close());
    const kubeconfig = await writeKubeconfig(cluster.url);
    open.defer(() => kubeconfig.remove());
    const place = { data, redis, kubeconfig };
    const apis = await Promise.all(Array.from({ length: API_PROCESSES }, (_, index) => takeApiSeat(place, index)));
    for (const api of apis) open.defer(async () => void (await api.program.stop('SIGKILL')));
    const workers = await Promise.all(Array.from({ length: WORKERS }, (_, index) => takeWorkerSeat(place, index)));
    for (const worker of workers) {
      open.defer(() => worker.line.close());
      open.defer(async () => void (await worker.program.stop('SIGKILL')));
    }
    const startBeside = (script: string): NodeProgram =>
      startNodeProgram([script, ...settings(place, redis.port)], environment(place));
    return { redis, apis, workers, source, cluster, startBeside, stop: () => open.disposeAsync() };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

interface Place {
  readonly data: string;
  readonly redis: RedisServer;
  readonly kubeconfig: Kubeconfig;
}

const settings = ({ data }: Place, redisPort: number): readonly string[] => [
  ...['--data', data, '--redis', `redis://127.0.0.1:${redisPort}`],
];
const environment = ({ kubeconfig }: Place): NodeJS.ProcessEnv => ({ ...process.env, ...kubeconfig.settings });

async function takeApiSeat(place: Place, index: number): Promise<ApiSeat> {
  const { data, redis } = place;
  const port = await freePort();
  const start = () =>
    startAssay({ command: 'api', data, port, flags: ['--redis', redis.url], env: environment(place) });
  let server = await start();
  return {
    name: `api-${index}`,
    url: server.url,
    get program() {
      return server.program;
    },
    start: async () => {
      server = await start();
    },
  };
}

async function takeWorkerSeat(place: Place, index: number): Promise<WorkerSeat> {
  const line = await layLine(place.redis.port);
  const launch = (): NodeProgram =>
    startNodeProgram(['services/start.mjs', 'worker', ...settings(place, line.port)], environment(place));
  let program = launch();
  await program.says('"msg":"working"');
  return {
    name: `worker-${index}`,
    line,
    get program() {
      return program;
    },
    start: async () => {
      program = launch();
      await program.says('"msg":"working"');
    },
  };
}
