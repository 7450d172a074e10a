import type { FastifyInstance } from 'fastify';
import { StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { StatusError } from '../resources/status.ts';
import { createRunTally } from '../run-tally.ts';
import { sendText } from '../send.ts';

const READY_WITHIN_MS = 5000;

const plain = (description: string, example: string) => ({ description, types: ['text/plain'], example });
const health = (operationId: string, summary: string): Operation => ({
  operationId,
  summary,
  tag: 'operations',
  answers: { 200: plain('It is.', 'ok') },
  errors: [],
});

/** For whoever starts, watches and restarts the process. */
export function addHealthRoutes(app: FastifyInstance, deps: ApiDeps, stopping: AbortSignal): void {
  const tally = createRunTally(deps.store, deps.log, stopping);
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
        errors: ['ServiceUnavailable'],
      },
    },
    handler: async (_request, reply) => {
      const { type, text } = await deps.numbers.exposition({ tally, queue: deps.queue });
      return sendText(reply, type, text);
    },
  });
}

async function readyWithin(deps: ApiDeps, milliseconds: number): Promise<void> {
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
