import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a run of chaos measures: a web server that says the same at every call of an address, but for a serial number that it gives only once. */
export interface ChaosSource {
  readonly url: string;
  close(): Promise<void>;
}

const SLOW_MS = 700;

/** `/good`, `/bad`, `/between` answer a rate, `/broken` answers 500, `/slow` answers as `/good` but takes its time. */
export async function startChaosSource(): Promise<ChaosSource> {
  let serial = 0;
  const rates: Readonly<Record<string, number>> = { '/good': 1, '/slow': 1, '/between': 0.9, '/bad': 0 };
  const answer = (path: string, response: ServerResponse): void => {
    const rate = rates[path];
    serial += 1;
    response.writeHead(rate === undefined ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ rate, serial }));
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    setTimeout(() => answer(path, response), path === '/slow' ? SLOW_MS : 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
