import type { FastifyInstance, FastifyPluginAsync, HTTPMethods } from 'fastify';
import { CallerError } from '../domain/errors.ts';
import { StoreError } from '../engine/ports.ts';
import { KayentaError } from './kayenta-error.ts';
import { accountRoutes } from './routes/accounts.ts';
import { canaryConfigRoutes } from './routes/canary-configs.ts';
import { executionRoutes } from './routes/executions.ts';
import { healthRoutes } from './routes/health.ts';
import { judgeRoutes } from './routes/judges.ts';
import { overviewRoutes } from './routes/overview.ts';
import type { KayentaDeps } from './routes/route.ts';
import { storedListRoutes } from './routes/stored-lists.ts';

export interface KayentaOptions {
  /** Kayenta answers any origin that asks; Assay only when told to. */
  readonly cors: boolean;
}

/** Kayenta's routes at the root, as its clients expect them, with errors in its form. */
export function kayentaPlugin(deps: KayentaDeps, { cors }: KayentaOptions): FastifyPluginAsync {
  return async (app) => {
    app.setErrorHandler((error, request, reply) => {
      const { status, message } = failureOf(error);
      if (status >= 500)
        deps.log.error({ method: request.method, path: request.url.split('?')[0], err: error }, 'request failed');
      return reply
        .code(status)
        .type('application/json')
        .send(JSON.stringify(status < 500 ? { message } : { message, status, error: 'Internal Server Error' }));
    });
    if (cors) addCorsHeaders(app);
    const groups = [
      canaryConfigRoutes,
      executionRoutes,
      judgeRoutes,
      storedListRoutes,
      accountRoutes,
      healthRoutes,
      overviewRoutes,
    ];
    const routes = groups.flatMap((add) => add(deps));
    for (const route of routes)
      app.route(cors ? { ...route, config: { ...route.config, answersAnyOrigin: true } } : route);
    // The same path may name its parameters differently for each method.
    for (const [url, same] of Map.groupBy(routes, (route) => route.url.replace(/:\w+/g, ':id')))
      addOtherMethods(
        app,
        same[0]?.url ?? url,
        same.map(({ method }) => String(method)),
        cors,
      );
  };
}

const STATUSES: Partial<Record<CallerError['fault'], number>> = { 'not-found': 404, forbidden: 403 };

function failureOf(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof KayentaError) return error;
  if (error instanceof CallerError) return { status: STATUSES[error.fault] ?? 400, message: error.message };
  if (error instanceof StoreError) return { status: error.code === 'unavailable' ? 503 : 500, message: error.message };
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { status: 413, message: 'the request body is too large' };
  if (code?.startsWith('FST_') && statusCode !== undefined && statusCode < 500)
    return { status: statusCode, message: message ?? 'the request cannot be read' };
  return { status: 500, message: 'something went wrong in Assay; its log says what' };
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A method that a path does not know is refused; with CORS, OPTIONS is a browser that asks before it sends. */
function addOtherMethods(app: FastifyInstance, url: string, taken: readonly string[], cors: boolean): void {
  const allow = taken.join(', ');
  const config = { refuses: true } as const;
  const refused = METHODS.filter((method) => !taken.includes(method) && !(cors && method === 'OPTIONS'));
  app.route({
    method: refused as HTTPMethods[],
    url,
    config,
    handler: async ({ method }, reply) => {
      reply.header('allow', allow);
      throw new KayentaError(`Request method '${method}' not supported; supported are ${allow}`, { status: 405 });
    },
  });
  if (cors)
    app.route({
      method: 'OPTIONS',
      url,
      config,
      handler: async (_request, reply) => reply.header('allow', allow).header('content-length', '0').send(),
    });
}

function addCorsHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined) return;
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-allow-methods', 'POST, GET, OPTIONS, DELETE, PUT, PATCH');
    reply.header('access-control-max-age', '3600');
    reply.header('access-control-allow-headers', 'x-requested-with, content-type');
    reply.header('vary', 'Origin');
  });
}
