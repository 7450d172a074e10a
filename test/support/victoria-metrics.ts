import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, type Peer, startPeer } from './peer.ts';

/** A real VictoriaMetrics that holds these samples: Prometheus' text format, times in milliseconds. */
export async function startVictoriaMetrics(samples: readonly string[]): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-victoria-'));
  const peer = await startPeer({
    name: 'VictoriaMetrics',
    command: 'victoria-metrics',
    args: ([port]) => [
      `-storageDataPath=${folder}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=100y',
      // It keeps the newest samples back for half a minute unless told otherwise.
      '-search.latencyOffset=0s',
    ],
    folder,
    isReady: ([port]) => answers(port, '/health'),
  });
  try {
    await told(fetch(`${peer.url}/api/v1/import/prometheus`, { method: 'POST', body: samples.join('\n') }));
    await told(fetch(`${peer.url}/internal/force_flush`));
    return peer;
  } catch (error) {
    await peer.stop();
    throw error;
  }
}

async function told(answer: Promise<Response>): Promise<void> {
  const { ok, status, url } = await answer;
  if (!ok) throw new Error(`${url} answered ${status}`);
}
