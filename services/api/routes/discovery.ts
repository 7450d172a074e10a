import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from '../operation.ts';
import { discovery, version } from '../resources/discovery.ts';
import type { ServedKind } from '../resources/kinds.ts';
import { PROTOBUF } from '../resources/request.ts';
import { accessReview, rulesReview } from '../resources/reviews.ts';
import { sendJson } from '../send.ts';

const describing = (operationId: string, summary: string, example: unknown): Operation => ({
  operationId,
  summary,
  tag: 'discovery',
  answers: { 200: { description: 'For kubectl and client libraries.', schema: {}, example } },
  errors: [],
});

/** What clients ask before they ask for objects. */
export function addDiscoveryRoutes(app: FastifyInstance, kinds: readonly ServedKind[]): void {
  const { roots, documents } = discovery(kinds);
  app.route({
    method: 'GET',
    url: '/version',
    config: { operation: describing('readVersion', 'Which Kubernetes API this speaks', version()) },
    handler: async (_request, reply) => sendJson(reply, version()),
  });
  for (const path of ['/api', '/apis'] as const) {
    const example = roots(path, undefined).body;
    const operationId = path === '/api' ? 'listCoreVersions' : 'listGroups';
    app.route({
      method: 'GET',
      url: path,
      config: {
        operation: describing(operationId, path === '/api' ? 'Versions of the core kinds' : 'Groups of kinds', example),
      },
      handler: async (request, reply) => {
        const { type, body } = roots(path, request.headers.accept);
        return sendCacheable(request, reply.header('Vary', 'Accept'), type, JSON.stringify(body));
      },
    });
  }
  for (const [path, body] of documents) {
    const words = path
      .split('/')
      .slice(2)
      .map((word) =>
        word.replaceAll(/(^|[^a-z0-9])([a-z0-9])/g, (_all, _before, letter: string) => letter.toUpperCase()),
      );
    app.route({
      method: 'GET',
      url: path,
      config: { operation: describing(`discover${words.join('')}`, `What ${path} serves`, body) },
      handler: async (request, reply) => sendCacheable(request, reply, 'application/json', JSON.stringify(body)),
    });
  }
  addReview(app, 'SelfSubjectAccessReview', 'May I do this?', accessReview);
  addReview(app, 'SelfSubjectRulesReview', 'What may I do?', rulesReview);
}

function addReview(
  app: FastifyInstance,
  kind: string,
  summary: string,
  review: (request: FastifyRequest) => object,
): void {
  const example = { kind, apiVersion: 'authorization.k8s.io/v1', spec: {} };
  const answer =
    kind === 'SelfSubjectAccessReview'
      ? { ...example, status: { allowed: true } }
      : { ...example, status: { resourceRules: [], nonResourceRules: [], incomplete: false } };
  app.route({
    method: 'POST',
    url: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
    config: {
      operation: {
        operationId: `create${kind}`,
        summary,
        tag: 'discovery',
        request: {
          description: `A ${kind}.`,
          types: ['application/json', 'application/yaml', PROTOBUF],
          schema: {},
          example,
        },
        answers: { 201: { description: 'With its status.', schema: {}, example: answer } },
        errors: ['BadRequest', 'UnsupportedMediaType'],
      },
    },
    handler: async (request, reply) => sendJson(reply.code(201), review(request)),
  });
}

/** kubectl asks again with the tag and spends no bytes when nothing has changed. */
export function sendCacheable(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  body: string | Uint8Array,
): FastifyReply {
  const tag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  reply.header('ETag', tag);
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(tag)) return reply.code(304).send();
  return reply.header('content-type', type).send(Buffer.from(body));
}
