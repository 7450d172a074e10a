import type { FastifyPluginAsync } from 'fastify';
import type { DashboardDeps } from './deps.ts';
import { pageRoutes } from './page-routes.ts';
import { runRoutes } from './run-routes.ts';

/** The page at `/`, its files under `/ui/`, and under `/ui/api/` what it reads. */
export function dashboardPlugin(deps: DashboardDeps): FastifyPluginAsync {
  return async (app) => {
    const stopping = new AbortController();
    app.addHook('preClose', async () => stopping.abort(new Error('the server is shutting down')));
    const routes = [...pageRoutes(), ...runRoutes(deps, stopping.signal)];
    for (const route of routes) app.route(route);
  };
}
