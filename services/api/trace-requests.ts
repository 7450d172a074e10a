import type { FastifyInstance } from 'fastify';
import type { Span, Tracer } from '../engine/ports.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's own, while traces are collected. */
    span?: Span;
  }
}

/** A span for every request but those of probes and of the page's files; it goes on from the caller's trace. Query strings may hold secrets and are left out. */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  app.addHook('onRequest', async (request, reply) => {
    const { config, url: route } = request.routeOptions;
    if (route === undefined || config.operation === undefined || config.operation.tag === 'operations') return;
    const parent = request.headers['traceparent'];
    const span = tracer.start(`${request.method} ${route}`, {
      kind: 'server',
      parent: typeof parent === 'string' ? parent : 'none',
      attributes: {
        'http.request.method': request.method,
        'http.route': route,
        'url.path': request.url.split('?')[0] ?? '',
        ...(request.run !== undefined && { 'assay.run': request.run }),
      },
    });
    request.span = span;
    reply.raw.once('close', () => {
      span.set({ 'http.response.status_code': reply.raw.statusCode });
      span.end(reply.raw.statusCode >= 500 ? new Error('the request failed') : undefined);
    });
  });
  // The body has been read by now: what follows runs within the span.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.span === undefined) done();
    else request.span.within(done);
  });
}
