import type { RequestListener } from 'node:http';
import { serve, type TestServer } from '../support/http-server.ts';

/** A source that behaves as badly as its path says. */
export function openHostileSource(): Promise<TestServer> {
  const bad: Record<string, RequestListener> = {
    '/down': (request) => request.socket.destroy(),
    '/slow': () => undefined,
    '/500': (_, response) => response.writeHead(500).end('{"error":"out of order"}'),
    '/half': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"value": 1', () => response.destroy());
    },
    '/endless': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1 << 20, ' ');
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pour);
      pour();
    },
    '/to-metadata': (_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    '/html': (_, response) => response.setHeader('content-type', 'text/html').end('<html><h1>Sign in</h1></html>'),
    '/text': (_, response) => response.end(`${'a'.repeat(50_000)}!`),
    '/ok': (_, response) => response.setHeader('content-type', 'application/json').end('{"value": 1}'),
  };
  return serve((request, response) => bad[request.url!]!(request, response));
}
