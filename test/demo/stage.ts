/** What the demo plays on: the shop in three releases, a Prometheus that scrapes them, and Assay. The Compose file starts the same. */
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { freePort } from '../support/free-port.ts';
import { startNodeProgram } from '../support/node-program.ts';
import { type PrometheusServer, startPrometheus } from '../support/prometheus.ts';
import type { Release } from './shop.ts';

export const STAGES = [
  { release: '1.0', track: 'stable', about: 'what runs today' },
  { release: '1.1', track: 'canary', about: 'a healthy canary' },
  { release: '1.2', track: 'canary', about: 'a canary with a fault in its checkout' },
] as const satisfies readonly { release: Release; track: string; about: string }[];

const VISITORS_PER_SECOND = 40;
const SCRAPE_INTERVAL_MS = 1000;

export interface Stage {
  readonly assay: AssayServer;
  readonly prometheus: PrometheusServer;
  readonly shops: readonly { readonly release: Release; readonly about: string; readonly url: string }[];
  stop(): Promise<void>;
}

/** The arguments of node for `npm run shop -- …`. */
export function shopCommand(listen: string, release: Release): readonly string[] {
  return ['test/demo/shop.ts', '--listen', listen, '--release', release, '--visitors', String(VISITORS_PER_SECOND)];
}

/** Starts everything on free ports. What did start is stopped again when something does not. */
export async function setStage(): Promise<Stage> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((end) => end()));
  };
  try {
    const [shops, assay] = await Promise.all([Promise.all(STAGES.map(openShop)), startAssay()]);
    stops.push(() => assay.stop());
    const prometheus = await startPrometheus({
      scrapeIntervalMs: SCRAPE_INTERVAL_MS,
      targets: shops.map(({ release, track, url }) => ({
        job: 'shop',
        address: new URL(url).host,
        labels: { version: release, track },
      })),
    });
    stops.push(() => prometheus.stop());
    return { assay, prometheus, shops, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function openShop(stage: (typeof STAGES)[number]) {
    const listen = `127.0.0.1:${await freePort()}`;
    const shop = startNodeProgram(shopCommand(listen, stage.release));
    stops.push(() => shop.stop());
    await shop.says('is open');
    return { ...stage, url: `http://${listen}` };
  }
}
