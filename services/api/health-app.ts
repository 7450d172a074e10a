import type { FastifyInstance } from 'fastify';
import { errorHandler } from './error-handler.ts';
import { addHealthRoutes, type HealthDeps } from './routes/health.ts';

/** What a worker shows of itself: whether it lives and its own numbers. The runs are shown by the processes that have the API. */
export async function createHealthApp(deps: HealthDeps): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const app = fastify({ exposeHeadRoutes: false });
  const stopping = new AbortController();
  app.setErrorHandler(errorHandler(deps.log));
  app.addHook('preClose', async () => stopping.abort(new Error('the process is shutting down')));
  addHealthRoutes(app, deps, stopping.signal, false);
  return app;
}
