import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { kindSchemas } from '../admission/kind-schemas.ts';
import type { ApiDeps } from './deps.ts';
import { errorHandler } from './error-handler.ts';
import { refuseForeignPage } from './foreign-page.ts';
import type { DescribedRoute } from './openapi.ts';
import { servedKinds } from './resources/kinds.ts';
import { addKindRoutes } from './resources/routes.ts';
import { StatusError } from './resources/status.ts';
import { addDiscoveryRoutes } from './routes/discovery.ts';
import { addFlaggerRoutes } from './routes/flagger.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addJudgementRoutes } from './routes/judgements.ts';
import { addOpenApiRoutes } from './routes/openapi.ts';
import { addRolloutRoutes } from './routes/rollouts.ts';
import { traceRequests } from './trace-requests.ts';

const BODY_LIMIT = 1024 * 1024;
/** Names have up to 253 characters, and each may be escaped as three. */
const MAX_PARAMETER_LENGTH = 3 * 253;
/** For sending a request, not for the answer: watches last as long as they like. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Whoever has not read its answer this long after the server began to stop is cut off. */
const GRACE_MS = 5000;

/** Requests are validated where they are understood, so that ajv and its company never need loading: 10 MB and 50 ms. */
const noSchemas = () => () => {
  throw new Error('routes have no fastify schemas');
};

/** The HTTP API, not yet listening. `close()` ends watches and waits, lets other requests finish and refuses new ones. */
export async function createApp(deps: ApiDeps): Promise<FastifyInstance> {
  // Loaded on use: commands that serve nothing start without it.
  const { fastify } = await import('fastify');
  const handleError = errorHandler(deps.log);
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // Argo's provider puts its address before its paths as it is typed: with a slash at its end, they begin with two.
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: (error, request, reply) => {
      void handleError(error, request, reply);
    },
  });
  const stopping = new AbortController();
  const routes: DescribedRoute[] = [];

  app.removeAllContentTypeParsers();
  // Bodies are read where they are understood: by kind, with errors that name line and column.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(() => {
    throw new StatusError('NotFound', 'the server could not find the requested resource');
  });
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.operation !== undefined) routes.push({ method: String(method), url, operation: config.operation });
    else if (config?.refuses !== true) throw new TypeError(`the route ${method} ${url} does not say what it is for`);
  });
  app.addHook('onRequest', async (request) => refuseForeignPage(request));
  app.addHook('onRequest', async (request) => {
    const { namespace, name } = request.params as { namespace?: string; name?: string };
    if (name !== undefined && request.routeOptions.url?.includes('/analysisruns/'))
      request.run = `${namespace ?? ''}/${name}`;
  });
  if (deps.tracer !== undefined) traceRequests(app, deps.tracer);
  app.addHook('onResponse', async (request, reply) => {
    const { run, method } = request;
    const fields = {
      ...(run === undefined ? {} : { run }),
      method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
    };
    const level = method === 'GET' ? 'debug' : 'info';
    const tell = () => deps.log[level](fields, 'request answered');
    if (request.span === undefined) tell();
    else request.span.within(tell);
  });
  // Clients open a connection ahead of need, most of all when they have just left a stream. Node takes one that has not asked yet for busy.
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  let giveUp: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    stopping.abort(new Error('the server is shutting down'));
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
    giveUp = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
  });
  app.addHook('onClose', async () => clearTimeout(giveUp));

  const kinds = servedKinds(kindSchemas(deps.providerSchemas));
  addHealthRoutes(app, deps, stopping.signal);
  addDiscoveryRoutes(app, kinds);
  for (const kind of kinds) addKindRoutes(app, deps, kind, stopping.signal);
  const runs = kinds.find(({ kind }) => kind === 'AnalysisRun');
  if (runs !== undefined) {
    addRolloutRoutes(app, deps, runs);
    addFlaggerRoutes(app, deps, runs, stopping.signal);
  }
  addJudgementRoutes(app, deps);
  addOpenApiRoutes(app, kinds, routes);
  return app;
}
