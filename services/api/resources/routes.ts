import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Resource } from '../../domain/resource.ts';
import { warningHeaders } from '../../domain/warning-header.ts';
import type { ApiDeps } from '../deps.ts';
import { sendJson, sendText } from '../send.ts';
import { groupVersionPath, type ServedKind } from './kinds.ts';
import { type KindOperations, kindOperations } from './operations.ts';
import { getObject, listObjects } from './read.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import {
  asksForEventStream,
  chooseForm,
  listOf,
  metadataList,
  metadataOnly,
  readIncludeObject,
  rendered,
  tableOf,
} from './representation.ts';
import { Query } from './request.ts';
import { isProtobuf, namespaceFromProtobuf } from './reviews.ts';
import { StatusError } from './status.ts';
import { waitForVerdict } from './wait.ts';
import { type Watching, watching, watchObjects } from './watch.ts';
import { createFrom, createObject, patchObject, replaceObject, type Written } from './write.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The resource API of one kind. */
export function addKindRoutes(app: FastifyInstance, deps: ApiDeps, kind: ServedKind, stopping: AbortSignal): void {
  const operations = kindOperations(kind);
  const served = new Map<string, Set<HTTPMethods>>();
  const watches = watching(kind, stopping);
  for (const entry of operations) {
    const url = pathOf(kind, entry.scope);
    served.set(url, (served.get(url) ?? new Set()).add(entry.method));
    app.route({
      method: entry.method,
      url,
      config: { operation: entry.operation },
      handler: handlerOf(deps, kind, entry, watches),
    });
  }
  for (const [url, methods] of served) {
    const others = METHODS.filter((method) => !methods.has(method));
    if (others.length > 0) app.route({ method: others, url, config: { refuses: true }, handler: refuseMethod });
  }
}

function refuseMethod(): never {
  throw new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

function pathOf(kind: ServedKind, scope: KindOperations['scope']): string {
  const namespace = kind.namespaced && scope !== 'everywhere' ? '/namespaces/:namespace' : '';
  return `${groupVersionPath(kind)}${namespace}/${kind.plural}${scope === 'object' ? '/:name' : ''}`;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

function handlerOf(deps: ApiDeps, kind: ServedKind, { verb }: KindOperations, watches: Watching): Handler {
  const { stopping } = watches;
  const answerObject = (request: FastifyRequest, reply: FastifyReply, object: Resource) =>
    sendObject(deps, kind, request, reply, object);
  const answerWritten = (request: FastifyRequest, reply: FastifyReply, { object, warnings }: Written) => {
    if (warnings.length > 0) reply.header('Warning', warningHeaders(warnings));
    return answerObject(request, reply, object);
  };
  switch (verb) {
    case 'list':
    case 'watch':
      return async (request, reply) => {
        const { namespace } = targetOf(request);
        const query = new Query(request);
        const isWatch = query.flag('watch') || asksForEventStream(request.headers.accept);
        if (!isWatch) return sendList(deps, kind, request, reply, await listObjects(deps, kind, namespace, query));
        if (!kind.verbs.includes('watch')) return refuseMethod();
        await watchObjects(deps, watches, namespace, request, reply);
        return reply;
      };
    case 'create':
      return async (request, reply) => {
        const target = { kind, ...targetOf(request) };
        const written =
          kind.kind === 'Namespace' && isProtobuf(request)
            ? await createFrom(deps, target, namespaceFromProtobuf(request), new Query(request))
            : await createObject(deps, target, request);
        const { namespace, name } = written.object.metadata;
        if (kind.kind === 'AnalysisRun') request.run = `${namespace ?? ''}/${name}`;
        return answerWritten(request, reply.code(201), written);
      };
    case 'deletecollection':
      return async (request, reply) =>
        sendList(deps, kind, request, reply, await deleteCollection(deps, { kind, ...targetOf(request) }, request));
    case 'get':
      return async (request, reply) => {
        const { namespace, name } = targetOf(request);
        const waitMs = kind.kind === 'AnalysisRun' ? new Query(request).durationMs('wait') : undefined;
        if (waitMs === undefined) return answerObject(request, reply, await getObject(deps, kind, namespace, name));
        return answerObject(request, reply, await waitForVerdict(deps, kind, namespace, name, waitMs, reply, stopping));
      };
    case 'update':
      return async (request, reply) =>
        answerWritten(request, reply, await replaceObject(deps, { kind, ...targetOf(request) }, request));
    case 'patch':
      return async (request, reply) =>
        answerWritten(request, reply, await patchObject(deps, { kind, ...targetOf(request) }, request));
    case 'delete':
      return async (request, reply) => {
        const answer = await deleteObject(deps, { kind, ...targetOf(request) }, request);
        if ('status' in answer && answer.kind === 'Status') return sendJson(reply, answer);
        return answerObject(request, reply, answer as Resource);
      };
  }
}

/** Path parameters; the ones that a route does not have are absent. */
function targetOf(request: FastifyRequest): { readonly namespace?: string; readonly name: string } {
  const { namespace, name = '' } = request.params as { namespace?: string; name?: string };
  return { ...(namespace === undefined ? {} : { namespace }), name };
}

function sendObject(
  deps: ApiDeps,
  kind: ServedKind,
  request: FastifyRequest,
  reply: FastifyReply,
  object: Resource,
): FastifyReply {
  const form = chooseForm(request.headers.accept);
  const { resourceVersion = '' } = object.metadata;
  const includeObject = readIncludeObject(new Query(request).text('includeObject'));
  const body = {
    object: () => object,
    yaml: () => object,
    metadata: () => metadataOnly(object),
    table: () => tableOf(kind, [object], { resourceVersion }, { includeObject, now: deps.clock.now() }),
  }[form]();
  return send(reply, body, form);
}

function sendList(
  deps: ApiDeps,
  kind: ServedKind,
  request: FastifyRequest,
  reply: FastifyReply,
  list: Awaited<ReturnType<typeof listObjects>>,
): FastifyReply {
  const form = chooseForm(request.headers.accept);
  const includeObject = readIncludeObject(new Query(request).text('includeObject'));
  const body = {
    object: () => listOf(kind, list.items, list.metadata),
    yaml: () => listOf(kind, list.items, list.metadata),
    metadata: () => metadataList(list.items, list.metadata),
    table: () => tableOf(kind, list.items, list.metadata, { includeObject, now: deps.clock.now() }),
  }[form]();
  return send(reply, body, form);
}

function send(reply: FastifyReply, body: unknown, form: Parameters<typeof rendered>[1]): FastifyReply {
  const { type, text } = rendered(body, form);
  return sendText(reply, type, text);
}
