import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Resource } from '../../domain/resource.ts';
import { type Change, StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import { warnUnlessAborted } from './after-abort.ts';
import type { ServedKind } from './kinds.ts';
import { readVersion } from './read.ts';
import {
  asksForEventStream,
  chooseForm,
  type Form,
  metadataOnly,
  readIncludeObject,
  tableOf,
} from './representation.ts';
import { Query, readSelectors } from './request.ts';
import type { Matches } from './selectors.ts';
import { failure, invalid, type Status } from './status.ts';

type FrameType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** Without `timeoutSeconds` a watch lasts this long and up to twice as long, so that clients do not all come back at once. */
const LIFETIME_MS = 30 * 60_000;
const BOOKMARK_EVERY_MS = 60_000;
/** Proxies and client-node 2 take a stream that says nothing for dead. */
const HEARTBEAT_EVERY_MS = 15_000;

interface Sink {
  /** Resolves when the reader can take more. */
  frame(type: FrameType | 'ERROR', object: unknown, revision: string): Promise<void>;
  /** Only server-sent events have something to say that is no frame. */
  heartbeat?(): Promise<void>;
}

/**
 * A watch: frames from `resourceVersion` on, until the client leaves, the time is up, the server stops or the history no longer reaches. Everything
 * wrong with the request is said before the stream begins; after that only ERROR frames can tell.
 */
export async function watchObjects(
  deps: ApiDeps,
  kind: ServedKind,
  namespace: string | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  stopping: AbortSignal,
): Promise<void> {
  const query = new Query(request);
  const selects = readSelectors(query, kind);
  const matches: Matches = (document) =>
    (namespace === undefined || document.metadata.namespace === namespace) && (selects?.(document) ?? true);
  const asked = query.text('resourceVersion') ?? headerText(request, 'last-event-id');
  const from = asked === undefined ? 0 : readVersion(asked);
  const eventStream = asksForEventStream(request.headers.accept);
  const form = eventStream ? 'object' : chooseForm(request.headers.accept);
  const present = frameShape(kind, form, query, () => deps.clock.now());
  const initial = readInitialEvents(kind, query, from);
  const bookmarks = query.flag('allowWatchBookmarks');
  const timeoutMs = (query.whole('timeoutSeconds') ?? 0) * 1000 || LIFETIME_MS * (1 + Math.random());

  reply.hijack();
  const response = reply.raw;
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stopping]);
  // The request's own close comes as soon as its body is read; the response's when the client leaves.
  response.once('close', () => ended.abort());
  response.once('error', () => ended.abort());
  response.writeHead(200, {
    'content-type': eventStream ? 'text/event-stream' : 'application/json',
    'cache-control': 'no-cache, private',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const sink = eventStream ? eventStreamSink(response, signal) : jsonLinesSink(response, signal);

  let revision = String(from);
  const end = deps.clock
    .sleepUntil(deps.clock.now() + timeoutMs, signal)
    .then(() => ended.abort(), warnUnlessAborted(signal, deps.log));
  const ticking = sendRegularly(deps, sink, signal, bookmarks, () => [present.bookmark(revision), revision]);
  try {
    if (initial !== 'none') revision = await sendPresent(deps, kind, matches, present, sink);
    else if (from === 0) revision = String(await deps.store.revision());
    if (initial === 'marked') await sink.frame('BOOKMARK', present.bookmark(revision, true), revision);
    // All changes of the kind pass by, not only those selected: bookmarks then keep up with them.
    for await (const change of deps.store.watch({ kind: kind.kind }, Number(revision), signal)) {
      const frame = frameOf(change, matches);
      revision = String(change.revision);
      if (frame !== undefined) await sink.frame(frame.type, present.object(frame.document), revision);
      if (signal.aborted) break;
    }
    if (bookmarks && !response.destroyed) await sink.frame('BOOKMARK', present.bookmark(revision), revision);
  } catch (error) {
    if (!signal.aborted)
      await sink
        .frame('ERROR', await streamError(deps, error, revision, kind), revision)
        .catch(warnUnlessAborted(signal, deps.log));
  } finally {
    ended.abort();
    await Promise.all([end, ticking]);
    response.end();
  }
}

function headerText(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether the objects that exist come first as ADDED, and whether a bookmark then says that they are complete. */
function readInitialEvents(kind: ServedKind, query: Query, from: number): 'none' | 'plain' | 'marked' {
  const match = query.text('resourceVersionMatch');
  const asked = query.text('sendInitialEvents') === undefined ? undefined : query.flag('sendInitialEvents');
  const refuse = (field: string, why: string) =>
    invalid({ ...kind, kind: 'ListOptions', group: 'meta.k8s.io' }, '', [
      { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` },
    ]);
  if (asked === undefined && match !== undefined)
    throw refuse(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  if (asked !== undefined && match !== 'NotOlderThan')
    throw refuse('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (asked === true) return query.flag('allowWatchBookmarks') ? 'marked' : 'plain';
  return asked === undefined && from === 0 ? 'plain' : 'none';
}

async function sendPresent(
  deps: ApiDeps,
  kind: ServedKind,
  matches: Matches,
  present: FrameShape,
  sink: Sink,
): Promise<string> {
  const page = await deps.store.list({ kind: kind.kind, matches });
  for (const document of page.items)
    await sink.frame('ADDED', present.object(document), document.metadata.resourceVersion ?? '');
  return String(page.revision);
}

/** Selectors work on states: what starts to match is added, what stops is deleted in its last matching state with the new version. */
export function frameOf(
  change: Change,
  matches: Matches,
): { readonly type: FrameType; readonly document: Resource } | undefined {
  const { type, document, previous } = change;
  if (type === 'DELETED') return matches(previous ?? document) ? { type, document } : undefined;
  const before = previous !== undefined && matches(previous);
  if (matches(document)) return { type: before ? 'MODIFIED' : 'ADDED', document };
  if (!before) return undefined;
  const { resourceVersion = '' } = document.metadata;
  return { type: 'DELETED', document: { ...previous, metadata: { ...previous.metadata, resourceVersion } } };
}

interface FrameShape {
  object(document: Resource): unknown;
  bookmark(revision: string, initialEventsEnd?: boolean): unknown;
}

function frameShape(kind: ServedKind, form: Form, query: Query, now: () => number): FrameShape {
  const includeObject = readIncludeObject(query.text('includeObject'));
  let columnsSent = false;
  const object = (document: Resource) => {
    if (form === 'metadata') return metadataOnly(document);
    if (form !== 'table') return document;
    const { resourceVersion = '' } = document.metadata;
    const table = tableOf(
      kind,
      [document],
      { resourceVersion },
      { includeObject, now: now(), withoutColumns: columnsSent },
    );
    columnsSent = true;
    return table;
  };
  return {
    object,
    bookmark(resourceVersion, initialEventsEnd = false) {
      const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      // Only the version: a bookmark is about no object.
      const empty = {
        kind: kind.kind,
        apiVersion: kind.apiVersion,
        metadata: { resourceVersion, creationTimestamp: null, ...annotations },
      };
      return object(empty as unknown as Resource);
    },
  };
}

async function streamError(deps: ApiDeps, error: unknown, revision: string, kind: ServedKind): Promise<Status> {
  if (error instanceof StoreError && error.code === 'expired')
    return failure('Expired', `too old resource version: ${revision} (${await deps.store.revision()})`);
  if (error instanceof StoreError) return failure('ServiceUnavailable', error.message);
  deps.log.error({ err: error, kind: kind.kind }, 'watch failed');
  return failure('InternalError', 'something went wrong in Assay; its log says what');
}

async function sendRegularly(
  deps: ApiDeps,
  sink: Sink,
  signal: AbortSignal,
  bookmarks: boolean,
  bookmark: () => readonly [unknown, string],
): Promise<void> {
  if (!bookmarks && sink.heartbeat === undefined) return;
  const periodMs = sink.heartbeat === undefined ? BOOKMARK_EVERY_MS : HEARTBEAT_EVERY_MS;
  try {
    for (;;) {
      await deps.clock.sleepUntil(deps.clock.now() + periodMs, signal);
      if (bookmarks) await sink.frame('BOOKMARK', ...bookmark());
      else await sink.heartbeat?.();
    }
  } catch (error) {
    warnUnlessAborted(signal, deps.log)(error);
  }
}

function jsonLinesSink(response: ServerResponse, signal: AbortSignal): Sink {
  return { frame: (type, object) => write(response, `${JSON.stringify({ type, object })}\n`, signal) };
}

/** Server-sent events (WHATWG): the id lets a browser go on where it was, through `Last-Event-ID`. */
function eventStreamSink(response: ServerResponse, signal: AbortSignal): Sink {
  return {
    frame: (type, object, revision) =>
      write(response, `event: ${type}\nid: ${revision}\ndata: ${JSON.stringify(object)}\n\n`, signal),
    heartbeat: () => write(response, ': still here\n\n', signal),
  };
}

/** A reader that does not read holds up its own watch only; the store ends it when the history is lost to it. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (response.destroyed || response.writableEnded || response.write(text)) return;
  await once(response, 'drain', { signal });
}
