/**
 * A real Prometheus for the demo and the tests: its own port, its own folder, gone when stopped.
 * The system's own Prometheus service, if there is one, is neither used nor touched.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { holdLifeline } from './lifeline.ts';

export interface ScrapeTarget {
  readonly job: string;
  /** `host:port`; its `/metrics` is scraped. */
  readonly address: string;
  /** Labels added to every sample of the target. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly targets?: readonly ScrapeTarget[];
  readonly scrapeIntervalMs?: number;
  /** Samples with timestamps in OpenMetrics text (ends in `# EOF`), present before the first query: a known history. */
  readonly history?: string;
  /** Prometheus' web configuration (basic authentication, TLS), YAML. With TLS, pass `scheme: 'https'` as well. */
  readonly webConfig?: string;
  readonly scheme?: 'http' | 'https';
}

export interface PrometheusServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** Sends SIGTERM, then SIGKILL after five seconds; removes its folder. May be called twice. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const STOPS_WITHIN_MS = 5_000;
const PORT_ATTEMPTS = 3;

/** Starts Prometheus and resolves once it answers queries. Throws with its last words when it does not. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-prometheus-'));
  try {
    await writeFile(join(folder, 'prometheus.yml'), configuration(options));
    if (options.webConfig !== undefined) await writeFile(join(folder, 'web.yml'), options.webConfig);
    if (options.history !== undefined) await loadHistory(folder, options.history);
    for (let attempt = 1; ; attempt += 1) {
      const started = await launch(folder, options);
      if (typeof started !== 'string') return started;
      // Between choosing a port and listening on it, somebody else may have taken it.
      if (attempt === PORT_ATTEMPTS || !started.includes('address already in use')) throw new Error(started);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function configuration({ targets = [], scrapeIntervalMs = 1000 }: PrometheusOptions): string {
  // JSON is YAML, and needs no quoting rules of our own.
  return JSON.stringify({
    global: { scrape_interval: `${scrapeIntervalMs}ms`, scrape_timeout: `${scrapeIntervalMs}ms` },
    scrape_configs: targets.map(({ job, address, labels = {} }, index) => ({
      // The name Prometheus wants unique is not the one queries see.
      job_name: `target-${index}`,
      static_configs: [{ targets: [address], labels: { job, ...labels } }],
    })),
  });
}

async function loadHistory(folder: string, history: string): Promise<void> {
  const file = join(folder, 'history.txt');
  await writeFile(file, history);
  const run = promisify(execFile);
  await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')]);
}

/** The running server, or the reason why it did not become ready. */
async function launch(folder: string, options: PrometheusOptions): Promise<PrometheusServer | string> {
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      // A history may lie years back; retention must not delete it.
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.webConfig === undefined ? [] : [`--web.config.file=${join(folder, 'web.yml')}`]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  const release = child.pid === undefined ? () => {} : holdLifeline(child.pid, folder);

  const ready = await untilReady(child, port);
  if (ready !== true) {
    await end(child);
    release();
    return `Prometheus did not become ready (${ready})\n${lastWords}`;
  }
  return {
    url: `${options.scheme ?? 'http'}://127.0.0.1:${port}`,
    pid: child.pid!,
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
      release();
    },
  };
}

async function untilReady(child: ChildProcess, port: number): Promise<true | string> {
  let failure: string | undefined;
  child.once('error', (error: NodeJS.ErrnoException) => {
    failure = error.code === 'ENOENT' ? 'it is not installed: npm run setup' : error.message;
  });
  child.once('exit', (code, signal) => {
    failure ??= `it ended with ${code ?? signal}`;
  });
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline && failure === undefined; ) {
    // Any HTTP answer but 503 means ready: with a web configuration it is a 401, over TLS it cannot be asked in clear text (400).
    const status = await fetch(`http://127.0.0.1:${port}/-/ready`).then(
      (answer) => answer.status,
      () => 503,
    );
    if (status !== 503) return true;
    await sleep(50);
  }
  return failure ?? `no answer within ${READY_WITHIN_MS / 1000} s`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await gone;
  clearTimeout(insist);
}
