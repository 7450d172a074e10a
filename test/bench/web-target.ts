/**
 * A source on loopback that answers at once: `GET /?run=N`. In a process of its own, so that its work is not counted as Assay's.
 * `GET /arrivals` tells when each run has asked since the last time it was told, as `[run, epoch milliseconds]`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let arrivals: [run: number, epochMs: number][] = [];

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/arrivals') {
    response.end(JSON.stringify(arrivals));
    arrivals = [];
    return;
  }
  arrivals.push([Number(request.url!.slice('/?run='.length)), Date.now()]);
  response.end('{"ok":true}');
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`listens on ${(server.address() as AddressInfo).port}.`));
