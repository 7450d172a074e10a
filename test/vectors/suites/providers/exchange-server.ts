import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './case.ts';
import { requestFault } from './request-fault.ts';

/** A server that answers one case: it expects its requests in order and keeps what was wrong with them. */
export interface ExchangeServer {
  readonly url: string;
  /** What to expect from now on. */
  expect(exchanges: readonly Exchange[]): void;
  /** What was wrong with the requests since then, and what was never asked. */
  faults(): readonly string[];
  close(): Promise<void>;
}

export async function startExchangeServer(): Promise<ExchangeServer> {
  let exchanges: readonly Exchange[] = [];
  let asked: number[] = [];
  let faults: string[] = [];
  let at = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://server'),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString(),
    };
    while (at < exchanges.length && (asked[at] ?? 0) >= (exchanges[at]?.times ?? 1)) at += 1;
    // An exchange that may come several times may come once: what fits the next one is the next one.
    const next = exchanges[at + 1];
    if (next !== undefined && (asked[at] ?? 0) > 0 && requestFault(seen, next.request) === undefined) at += 1;
    const exchange = exchanges[at];
    if (exchange === undefined) {
      faults.push(`unexpected request ${seen.method} ${seen.url.pathname}${seen.url.search}`);
      response.writeHead(500).end();
      return;
    }
    asked[at] = (asked[at] ?? 0) + 1;
    const fault = requestFault(seen, exchange.request);
    if (fault !== undefined) faults.push(fault);
    const { status, headers = {}, body = '', delayMs = 0 } = exchange.response;
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => faults.push(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expect(expected) {
      exchanges = expected;
      asked = expected.map(() => 0);
      faults = [];
      at = 0;
    },
    faults() {
      const missing = exchanges.filter((_, index) => asked[index] === 0);
      return [...faults, ...missing.map(({ request }) => `never asked: ${request.method} ${request.path ?? ''}`)];
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
