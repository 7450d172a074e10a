import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { CallerError } from '../domain/errors.ts';
import { type PageFile, pageFiles } from './page-files.ts';
import { read } from './route.ts';

/** Nothing but our own files, and nobody may frame the page. uPlot and the lists set styles through the CSSOM, which needs no `unsafe-inline`. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Names of files hold a hash of their content: what was fetched once stays right for ever. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const NOT_BUILT = `Assay is running, but its page has not been built. In the folder of Assay run

    npm run build:page

and load this address again. npm start does it by itself. The API does not need the page.
`;

export function pageRoutes(): readonly RouteOptions[] {
  const fileOf = pageFiles();
  return [
    read(
      '/',
      { operationId: 'readPage', summary: 'The dashboard', types: ['text/html'], example: '<!doctype html>' },
      async (request, reply) => {
        const page = await fileOf('index.html');
        reply.headers(HEADERS).header('cache-control', 'no-cache');
        if (page !== undefined) return send(request, reply, page);
        return reply.code(503).header('content-type', 'text/plain; charset=utf-8').send(NOT_BUILT);
      },
    ),
    read(
      '/ui/:file',
      {
        operationId: 'readPageFile',
        summary: "A file of the dashboard's page",
        types: ['text/javascript', 'text/css', 'image/svg+xml'],
        example: 'export {}',
        errors: ['NotFound'],
      },
      async (request, reply) => {
        const { file: name } = request.params as { file: string };
        const file = await fileOf(name);
        if (file === undefined || name.endsWith('.html'))
          throw new CallerError(
            'not-found',
            `the page has no file "${name}"; load the page again if Assay was updated`,
          );
        return send(request, reply.headers(HEADERS).header('cache-control', FOR_EVER), file);
      },
    ),
  ];
}

function send(request: FastifyRequest, reply: FastifyReply, { type, plain, gzipped, tag }: PageFile): FastifyReply {
  reply.headers({ 'content-type': type, etag: tag, vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === tag) return reply.code(304).send();
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding']));
  if (!takesGzip) return reply.send(plain);
  return reply.header('content-encoding', 'gzip').send(gzipped);
}
