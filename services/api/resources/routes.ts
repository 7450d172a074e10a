import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Resource } from '../../domain/resource.ts';
import { warningHeaders } from '../../domain/warning-header.ts';
import type { ApiDeps } from '../deps.ts';
import { sendJson, sendText } from '../send.ts';
import { groupVersionPath, type ServedKind } from './kinds.ts';
import { type KindOperations, kindOperations } from './operations.ts';
import { getObject, type List, listObjects } from './read.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import {
  asksForEventStream,
  chooseForm,
  type ListMeta,
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
  switch (verb) {
    case 'list':
    case 'watch':
      return async (request, reply) => {
        const { namespace } = targetOf(request);
        const query = new Query(request);
        const isWatch = query.flag('watch') || asksForEventStream(request.headers.accept);
        if (!isWatch) {
          const answer = negotiated(deps, kind, request, reply);
          return answer.list(await listObjects(deps, kind, namespace, query));
        }
        if (!kind.verbs.includes('watch')) return refuseMethod();
        await watchObjects(deps, watches, namespace, request, reply);
        return reply;
      };
    case 'create':
      return async (request, reply) => {
        const answer = negotiated(deps, kind, request, reply);
        const target = { kind, ...targetOf(request) };
        const written =
          kind.kind === 'Namespace' && isProtobuf(request)
            ? await createFrom(deps, target, namespaceFromProtobuf(request), new Query(request))
            : await createObject(deps, target, request);
        const { namespace, name } = written.object.metadata;
        if (kind.kind === 'AnalysisRun') request.run = `${namespace ?? ''}/${name}`;
        reply.code(201);
        return answer.written(written);
      };
    case 'deletecollection':
      return async (request, reply) => {
        const answer = negotiated(deps, kind, request, reply);
        return answer.list(await deleteCollection(deps, { kind, ...targetOf(request) }, request));
      };
    case 'get':
      return async (request, reply) => {
        const answer = negotiated(deps, kind, request, reply);
        const { namespace, name } = targetOf(request);
        const waitMs = kind.kind === 'AnalysisRun' ? new Query(request).durationMs('wait') : undefined;
        if (waitMs === undefined) return answer.object(await getObject(deps, kind, namespace, name));
        return answer.object(await waitForVerdict(deps, kind, namespace, name, waitMs, reply, stopping));
      };
    case 'update':
      return async (request, reply) => {
        const answer = negotiated(deps, kind, request, reply);
        return answer.written(await replaceObject(deps, { kind, ...targetOf(request) }, request));
      };
    case 'patch':
      return async (request, reply) => {
        const answer = negotiated(deps, kind, request, reply);
        return answer.written(await patchObject(deps, { kind, ...targetOf(request) }, request));
      };
    case 'delete':
      return async (request, reply) => {
        const answer = negotiated(deps, kind, request, reply);
        const deleted = await deleteObject(deps, { kind, ...targetOf(request) }, request);
        if ('status' in deleted && deleted.kind === 'Status') return sendJson(reply, deleted);
        return answer.object(deleted as Resource);
      };
  }
}

/** Path parameters; the ones that a route does not have are absent. */
function targetOf(request: FastifyRequest): { readonly namespace?: string; readonly name: string } {
  const { namespace, name = '' } = request.params as { namespace?: string; name?: string };
  return { ...(namespace === undefined ? {} : { namespace }), name };
}

interface Answer {
  object(object: Resource): FastifyReply;
  written(written: Written): FastifyReply;
  list(list: List): FastifyReply;
}

/** The answer in the form that the request asks for. Made before the verb acts, as Kubernetes does: what cannot be answered is not done. */
function negotiated(deps: ApiDeps, kind: ServedKind, request: FastifyRequest, reply: FastifyReply): Answer {
  const form = chooseForm(request.headers.accept);
  const includeObject = readIncludeObject(new Query(request).text('includeObject'));
  const send = (body: unknown): FastifyReply => {
    const { type, text } = rendered(body, form);
    return sendText(reply, type, text);
  };
  const table = (items: readonly Resource[], metadata: ListMeta) =>
    tableOf(kind, items, metadata, { includeObject, now: deps.clock.now() });
  const answer: Answer = {
    object(object) {
      const { resourceVersion = '' } = object.metadata;
      const body = {
        object: () => object,
        yaml: () => object,
        metadata: () => metadataOnly(object),
        table: () => table([object], { resourceVersion }),
      }[form]();
      return send(body);
    },
    written({ object, warnings }) {
      if (warnings.length > 0) reply.header('Warning', warningHeaders(warnings));
      return answer.object(object);
    },
    list({ items, metadata }) {
      const body = {
        object: () => listOf(kind, items, metadata),
        yaml: () => listOf(kind, items, metadata),
        metadata: () => metadataList(items, metadata),
        table: () => table(items, metadata),
      }[form]();
      return send(body);
    },
  };
  return answer;
}
