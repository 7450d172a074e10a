import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * How a line is cut. *refused*: connections are reset, new ones too. *silent*: connections stay, and nothing comes through any more, as behind a firewall that
 * drops packets; new ones are taken and get no answer. *answers lost*: what is sent arrives, what is answered does not.
 */
export type Cut = 'refused' | 'silent' | 'answers lost';

/**
 * How it is mended. *late*: what was held up arrives now. *reset*: old connections are reset. *forgotten*: old connections stay silent for ever, as after the
 * loss of a router that kept their state; only new ones work.
 */
export type Mend = 'late' | 'reset' | 'forgotten';

/** Each cut with the ways to mend it that there are: answers that were lost are not to be had any more. */
export const CUTS: readonly (readonly [Cut, Mend])[] = [
  ['refused', 'reset'],
  ['silent', 'late'],
  ['silent', 'reset'],
  ['silent', 'forgotten'],
  ['answers lost', 'reset'],
  ['answers lost', 'forgotten'],
];

/** A TCP line to a port on this machine. */
export interface Line {
  readonly port: number;
  cut(how: Cut): void;
  mend(how: Mend): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export async function layLine(toPort: number): Promise<Line> {
  const pairs = new Set<Pair>();
  const forgotten = new Set<Pair>();
  let cut: Cut | undefined;

  const hold = ({ client, server }: Pair): void => {
    client.pause();
    server.pause();
  };
  const reset = ({ client, server }: Pair): void => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  };
  const takeCall = (client: Socket): void => {
    if (cut === 'refused') {
      client.resetAndDestroy();
      return;
    }
    const pair = { client, server: connect(toPort, '127.0.0.1') };
    pairs.add(pair);
    const { server } = pair;
    client.on('data', (bytes) => {
      if (!forgotten.has(pair)) server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (cut !== 'answers lost' && !forgotten.has(pair)) client.write(bytes);
    });
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        forgotten.delete(pair);
        // A silent line does not tell either end that the other is gone.
        if (cut !== 'silent') reset(pair);
      });
    }
    if (cut === 'silent') hold(pair);
  };

  const exchange = createServer(takeCall).listen(0, '127.0.0.1');
  await once(exchange, 'listening');
  return {
    port: (exchange.address() as AddressInfo).port,
    cut(how) {
      cut = how;
      if (how === 'refused') for (const pair of pairs) reset(pair);
      if (how === 'silent') for (const pair of pairs) hold(pair);
    },
    mend(how) {
      cut = undefined;
      for (const pair of pairs) {
        if (forgotten.has(pair)) continue;
        if (how === 'reset') reset(pair);
        if (how === 'forgotten') forgotten.add(pair);
        if (how === 'late') {
          pair.client.resume();
          pair.server.resume();
        }
      }
    },
    async close() {
      exchange.close();
      for (const pair of [...pairs, ...forgotten]) reset(pair);
      await once(exchange, 'close');
    },
  };
}
