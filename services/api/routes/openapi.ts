import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type DescribedRoute, groupDocument, type OpenApiDocument, openApiDocument, pathKey } from '../openapi.ts';
import { OPENAPI_V2_TYPE, openApiV2 } from '../openapi-v2.ts';
import type { Operation } from '../operation.ts';
import type { ServedKind } from '../resources/kinds.ts';
import { sendCacheable } from './discovery.ts';

const describing = (
  operationId: string,
  summary: string,
  example: unknown,
  types = ['application/json'],
): Operation => ({
  operationId,
  summary,
  tag: 'discovery',
  answers: { 200: { description: 'The document.', types, schema: {}, example } },
  errors: [],
});

/** The API's description, whole for people and by group version for kubectl. Built when first asked, after all routes are known. */
export function addOpenApiRoutes(
  app: FastifyInstance,
  kinds: readonly ServedKind[],
  routes: readonly DescribedRoute[],
): void {
  let built: OpenApiDocument | undefined;
  const whole = () => {
    built ??= openApiDocument(routes, kinds);
    return built;
  };
  const texts = new Map<string, string>();
  const textOf = (path: string) => {
    const text = texts.get(path) ?? JSON.stringify(path === '' ? whole() : groupDocument(whole(), path, kinds));
    texts.set(path, text);
    return text;
  };
  const paths = [...new Set(kinds.map(pathKey))];

  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { operation: describing('readOpenApi', 'The whole API in OpenAPI 3.0', { openapi: '3.0.0' }) },
    handler: async (request, reply) => sendCacheable(request, reply, 'application/json', textOf('')),
  });
  app.route({
    method: 'GET',
    url: '/openapi/v3',
    config: {
      operation: describing('listOpenApiDocuments', 'Where the document of each group version is', {
        paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=0123' } },
      }),
    },
    handler: async (request, reply) => {
      const index = paths.map((path) => [
        path,
        {
          serverRelativeURL: `/openapi/v3/${path}?hash=${createHash('sha256').update(textOf(path)).digest('hex').slice(0, 32).toUpperCase()}`,
        },
      ]);
      return sendCacheable(
        request,
        reply,
        'application/json',
        JSON.stringify({ paths: Object.fromEntries(index) as unknown }),
      );
    },
  });
  for (const path of paths) {
    app.route({
      method: 'GET',
      url: `/openapi/v3/${path}`,
      config: {
        operation: describing(
          `readOpenApiOf${path === 'api/v1' ? 'Core' : 'Analysis'}`,
          `The kinds under /${path} in OpenAPI 3.0`,
          { openapi: '3.0.0' },
        ),
      },
      handler: async (request, reply) => sendCacheable(request, reply, 'application/json', textOf(path)),
    });
  }
  app.route({
    method: 'GET',
    url: '/openapi/v2',
    config: {
      operation: describing(
        'readOpenApiV2',
        'The kinds in OpenAPI 2.0, in protobuf, for kubectl before 1.29',
        'bytes',
        [OPENAPI_V2_TYPE],
      ),
    },
    handler: async (request, reply) =>
      sendCacheable(request, reply, OPENAPI_V2_TYPE, openApiV2(resourcesOnly(whole()))),
  });
}

function resourcesOnly(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/api'));
  return { ...document, paths: Object.fromEntries(paths) };
}
