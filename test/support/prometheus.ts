/**
 * A real Prometheus for the demo and the tests: its own port, its own folder, gone when stopped.
 * The system's own Prometheus service, if there is one, is neither used nor touched.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, type Peer, startPeer } from './peer.ts';

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

export type PrometheusServer = Peer;

/** Starts Prometheus and resolves once it answers queries. Throws with its last words when it does not. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-prometheus-'));
  try {
    await writeFile(join(folder, 'prometheus.yml'), configuration(options));
    if (options.webConfig !== undefined) await writeFile(join(folder, 'web.yml'), options.webConfig);
    if (options.history !== undefined) await loadHistory(folder, options.history);
    const peer = await startPeer({
      name: 'Prometheus',
      command: 'prometheus',
      args: ([port]) => [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        // A history may lie years back; retention must not delete it.
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=127.0.0.1:${port}`,
        ...(options.webConfig === undefined ? [] : [`--web.config.file=${join(folder, 'web.yml')}`]),
      ],
      folder,
      isReady: ([port]) => answers(port, '/-/ready'),
    });
    return { ...peer, url: peer.url.replace('http', options.scheme ?? 'http') };
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
