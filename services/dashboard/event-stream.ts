import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { Clock, Log } from '../engine/ports.ts';

/** So often at least something is said: the page takes a server that is silent for longer for gone. */
const SIGN_OF_LIFE_EVERY_MS = 5000;

export interface EventStream {
  /** Aborts when the reader leaves or the server stops. */
  readonly signal: AbortSignal;
  /** Resolves when the reader can take more. `revision`: up to which the reader then knows everything. */
  send(event: string, data: unknown, revision?: number): Promise<void>;
}

/** Answers with server-sent events for as long as `tell` goes on, and never longer than reader and server do. */
export async function streamEvents(
  reply: FastifyReply,
  { clock, log, stopping }: { readonly clock: Clock; readonly log: Log; readonly stopping: AbortSignal },
  tell: (stream: EventStream) => Promise<void>,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, stopping]);
  response.once('close', () => left.abort());
  response.once('error', () => left.abort());
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // nginx would keep events until its buffer is full.
    'x-accel-buffering': 'no',
  });
  const write = async (text: string): Promise<void> => {
    if (response.destroyed || response.writableEnded || response.write(text)) return;
    await once(response, 'drain', { signal });
  };
  const living = showLife(clock, write, signal);
  try {
    await tell({
      signal,
      send: (event, data, revision) =>
        write(`event: ${event}\n${revision === undefined ? '' : `id: ${revision}\n`}data: ${JSON.stringify(data)}\n\n`),
    });
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'the stream of a page ended early');
  } finally {
    left.abort();
    await living;
    response.end();
  }
}

async function showLife(clock: Clock, write: (text: string) => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await write('event: here\ndata: \n\n');
      await clock.sleepUntil(clock.now() + SIGN_OF_LIFE_EVERY_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
