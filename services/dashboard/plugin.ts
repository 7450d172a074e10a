import type { FastifyPluginAsync } from 'fastify';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import type { DashboardDeps } from './deps.ts';
import { pageRoutes } from './page-routes.ts';
import { retryRoutes } from './retry-routes.ts';
import { runRoutes } from './run-routes.ts';
import { templateRoutes } from './template-routes.ts';
import { trialRoutes } from './trial-routes.ts';

/** The page at `/`, its files under `/ui/`, and under `/ui/api/` what it reads. */
export function dashboardPlugin(deps: DashboardDeps): FastifyPluginAsync {
  return async (app) => {
    const stopping = new AbortController();
    app.addHook('preClose', async () => stopping.abort(new Error('the server is shutting down')));
    const routes = [
      ...pageRoutes(),
      ...runRoutes(deps, stopping.signal),
      ...retryRoutes(deps),
      ...templateRoutes(deps),
      ...trialRoutes(deps),
      ...deadLetterRoutes(deps.deadLetters),
    ];
    for (const route of routes) app.route(route);
  };
}
