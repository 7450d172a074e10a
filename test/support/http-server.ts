import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on a loopback port of its own, gone with everything it holds when closed. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export async function serve(listener: Listener): Promise<TestServer> {
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
