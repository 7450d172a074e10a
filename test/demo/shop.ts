/**
 * The shop that is released in the demo: an HTTP service with Prometheus metrics, in three releases. 1.0 is what runs today, 1.1 is as good,
 * 1.2 has a fault in its checkout: every eighth order fails, and all of them take ten times as long.
 *   npm run -s shop -- --listen 127.0.0.1:8080 --release 1.1 [--visitors 40] [--token WORD]
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Counter, Histogram, Registry } from 'prom-client';
import { sendVisitors } from './visitors.ts';

interface Behaviour {
  /** Every so many orders one fails. Counted, not drawn, so that each showing of the demo sees the same shop. */
  readonly failsEvery: number;
  readonly delayMs: number;
}

const RELEASES = {
  '1.0': { failsEvery: 250, delayMs: 20 },
  '1.1': { failsEvery: 250, delayMs: 18 },
  '1.2': { failsEvery: 8, delayMs: 250 },
} as const satisfies Record<string, Behaviour>;
export type Release = keyof typeof RELEASES;

export interface ShopOptions {
  readonly release: Release;
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** What `/reports` wants as `Authorization: Bearer`; without it there are no reports. */
  readonly token?: string;
}

export interface Shop {
  readonly url: string;
  close(): Promise<void>;
}

/** Opens the shop: `/checkout` takes orders, `/health` and `/reports` tell about them in JSON, `/metrics` for Prometheus. */
export async function openShop({ release, listen, token }: ShopOptions): Promise<Shop> {
  const { failsEvery, delayMs } = RELEASES[release];
  const registry = new Registry();
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: ['code'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to answer.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [registry],
  });
  const orders = { taken: 0, failed: 0 };

  async function checkout(response: ServerResponse): Promise<void> {
    const observed = seconds.startTimer();
    orders.taken += 1;
    const fails = orders.taken % failsEvery === 0;
    if (fails) orders.failed += 1;
    // Half to one and a half times the usual delay, evenly spread.
    await sleep(delayMs * (0.5 + (orders.taken % 11) / 10));
    const code = fails ? 500 : 200;
    requests.inc({ code });
    observed();
    response.writeHead(code).end(fails ? 'the till is stuck\n' : 'thank you\n');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (request.url) {
      case '/checkout':
        return checkout(response);
      case '/metrics':
        response.setHeader('content-type', registry.contentType).end(await registry.metrics());
        return;
      case '/health':
        return json(response, 200, { release, open: true, orders: { ...orders, failedShare: share(orders) } });
      case '/reports': {
        const isAllowed = token !== undefined && request.headers.authorization === `Bearer ${token}`;
        return isAllowed
          ? json(response, 200, { complaints: 0, refunds: orders.failed })
          : json(response, 401, { error: 'a token is needed' });
      }
      default:
        return json(response, 404, { error: 'the shop has /checkout, /health, /reports and /metrics' });
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  const [host, port] = listen.split(':');
  server.listen(Number(port), host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function share({ taken, failed }: { taken: number; failed: number }): number {
  return taken === 0 ? 0 : failed / taken;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function isRelease(text: string): text is Release {
  return Object.hasOwn(RELEASES, text);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      listen: { type: 'string', default: '127.0.0.1:8080' },
      release: { type: 'string', default: '1.0' },
      visitors: { type: 'string', default: '40' },
      token: { type: 'string' },
    },
  });
  const { listen, release, visitors, token } = values;
  if (!isRelease(release)) throw new Error(`--release ${release}: there are ${Object.keys(RELEASES).join(', ')}`);
  const shop = await openShop({ release, listen, ...(token === undefined ? {} : { token }) });
  console.log(`shop ${release} is open at ${shop.url}`);
  sendVisitors(shop.url, Number(visitors));
}
