import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { StatusError } from '../resources/status.ts';
import { sendText } from '../send.ts';
import { followStore } from '../series/exposition.ts';

const READY_WITHIN_MS = 5000;

const plain = (description: string, example: string) => ({ description, types: ['text/plain'], example });
const health = (operationId: string, summary: string): Operation => ({
  operationId,
  summary,
  tag: 'operations',
  answers: { 200: plain('It is.', 'ok') },
  errors: [],
});

export type HealthDeps = Pick<ApiDeps, 'clock' | 'log' | 'numbers' | 'queue' | 'store'>;

/** For whoever starts, watches and restarts the process. */
export function addHealthRoutes(
  app: FastifyInstance,
  deps: HealthDeps,
  stopping: AbortSignal,
  showsRuns: boolean = true,
): void {
  const { clock, numbers, queue, store } = deps;
  const series = showsRuns ? followStore(deps, numbers.settings, stopping) : undefined;
  app.route({
    method: 'GET',
    url: '/healthz',
    config: { operation: health('isHealthy', 'Is the process alive?') },
    handler: async (_request, reply) => sendText(reply, 'text/plain', 'ok'),
  });
  app.route({
    method: 'GET',
    url: '/livez',
    config: { operation: health('isLive', 'Is the process alive?') },
    handler: async (_request, reply) => sendText(reply, 'text/plain', 'ok'),
  });
  app.route({
    method: 'GET',
    url: '/readyz',
    config: {
      operation: {
        ...health('isReady', 'Can the process take requests: does its store take writes?'),
        errors: ['ServiceUnavailable'],
      },
    },
    handler: async (_request, reply) => {
      if (stopping.aborted) throw new StatusError('ServiceUnavailable', 'shutting down');
      await readyWithin(deps, READY_WITHIN_MS);
      return sendText(reply, 'text/plain', 'ok');
    },
  });
  app.route({
    method: 'GET',
    url: '/metrics',
    config: {
      operation: {
        operationId: 'readMetrics',
        summary: 'Numbers for Prometheus',
        tag: 'operations',
        answers: { 200: plain('The Prometheus text format.', 'assay_runs{phase="Running"} 3') },
        errors: [],
      },
    },
    handler: async (_request, reply) => {
      const { pieces, type } = await numbers.exposition({ clock, queue, series, store });
      reply.header('content-type', type);
      return reply.send(Readable.from(pieces, { highWaterMark: 1 }));
    },
  });
}

async function readyWithin(deps: HealthDeps, milliseconds: number): Promise<void> {
  const answered = new AbortController();
  const late = deps.clock.sleepUntil(deps.clock.now() + milliseconds, answered.signal).then(
    () => {
      throw new StoreError('unavailable', `the store has not answered within ${milliseconds} ms`);
    },
    () => undefined,
  );
  try {
    await Promise.race([deps.store.check(), late]);
  } finally {
    answered.abort();
  }
}
