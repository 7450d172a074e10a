import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { serve } from './http-server.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly body: any;
}

type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Takes the request and never answers it. */
  | 'silence';

/** A server that keeps what it is sent, in order. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** How many requests it is answering right now, and how many at most it ever was. */
  readonly open: { readonly now: number; readonly most: number };
  /** What is answered from now on; 200 until told otherwise. */
  answer(how: (request: Received, index: number) => Answer): void;
  /** Resolves when this many requests have come. */
  has(count: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const heard = new EventEmitter();
  heard.setMaxListeners(0);
  const open = { now: 0, most: 0 };
  let how: (request: Received, index: number) => Answer = () => ({ status: 200 });
  const server = await serve(async (request, response: ServerResponse) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    response.once('close', () => {
      open.now -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const one: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      text,
      body: parsed(text),
    };
    received.push(one);
    const answer = how(one, received.length - 1);
    if (answer !== 'silence') response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    heard.emit('request');
  });
  return {
    url: server.url,
    received,
    open,
    answer(next) {
      how = next;
    },
    async has(count) {
      while (received.length < count) await once(heard, 'request');
      return received;
    },
    close: () => server.close(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
