import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Resource } from '../../domain/resource.ts';
import { type Change, type Selection, StoreError, type Watch } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import { warnUnlessAborted } from './after-abort.ts';
import type { ServedKind } from './kinds.ts';
import { readVersion } from './read.ts';
import { asksForEventStream, chooseForm, readIncludeObject } from './representation.ts';
import { Query, readSelectors } from './request.ts';
import type { Matches } from './selectors.ts';
import { failure, invalid, type Status } from './status.ts';
import { bookmarkFor, type FrameForm, frameOf, frameText, SharedFrames, shownObject } from './watch-frames.ts';
import { Beat, StalledReader, WatchStream } from './watch-stream.ts';

/** Without `timeoutSeconds` a watch lasts this long and up to twice as long, so that clients do not all come back at once. */
const LIFETIME_MS = 30 * 60_000;
const BOOKMARK_EVERY_MS = 60_000;
/** Proxies and client-node 2 take a stream that says nothing for dead. */
const HEARTBEAT_EVERY_MS = 15_000;
/** What is written at a time, give or take a frame. */
const WRITTEN_AT_ONCE = 64 * 1024;

const EVERYTHING: Matches = () => true;

/** What the watches of one kind share. */
export interface Watching {
  readonly kind: ServedKind;
  readonly frames: SharedFrames;
  readonly beat: Beat;
  readonly stopping: AbortSignal;
}

export function watching(kind: ServedKind, stopping: AbortSignal): Watching {
  return { kind, frames: new SharedFrames(), beat: new Beat(), stopping };
}

/**
 * A watch: frames from `resourceVersion` on, until the client leaves, the time is up, the server stops or the history no longer reaches. Everything
 * wrong with the request is said before the stream begins; after that only ERROR frames can tell.
 */
export async function watchObjects(
  deps: ApiDeps,
  shared: Watching,
  namespace: string | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { kind, stopping } = shared;
  const query = new Query(request);
  const matches = readSelectors(query, kind);
  const selection = { kind: kind.kind, ...(namespace !== undefined && { namespace }), ...(matches && { matches }) };
  const eventStream = asksForEventStream(request.headers.accept);
  // A browser's EventSource comes back to the URL that it began with: the header says where it really was.
  const seen = eventStream ? headerText(request, 'last-event-id') : undefined;
  const asked = seen ?? query.text('resourceVersion');
  const from = asked === undefined ? 0 : readVersion(asked);
  const shown: FrameForm = {
    kind,
    form: eventStream ? 'object' : chooseForm(request.headers.accept),
    includeObject: readIncludeObject(query.text('includeObject')),
    eventStream,
  };
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
  const stream = new WatchStream(response, deps.clock, signal);

  let revision = from;
  let changes: Watch | undefined;
  // The watch passes by what is not selected, so that its reader need not come back with a version that is long forgotten.
  const passed = (): string => String(Math.max(revision, changes?.revision ?? 0));
  const bookmark = (): string => bookmarkFor(shown, passed(), deps.clock.now());
  const end = deps.clock
    .sleepUntil(deps.clock.now() + timeoutMs, signal)
    .then(() => ended.abort(), warnUnlessAborted(signal, deps.log));
  const ticking = sayRegularly(deps, stream, signal, bookmarks ? bookmark : undefined, eventStream);
  const tell = frameTeller(deps, shared, shown, matches ?? EVERYTHING);
  let lastWords = '';
  try {
    if (initial !== 'none') revision = await sendPresent(deps, selection, tell, stream);
    else if (from === 0) revision = await deps.store.revision();
    if (initial === 'marked') await stream.write(bookmarkFor(shown, passed(), deps.clock.now(), true));
    changes = deps.store.watch(selection, revision, signal);
    for await (const change of changes) {
      const frames: Buffer[] = [];
      let bytes = 0;
      for (let next: Change | undefined = change; next !== undefined; next = changes.poll()) {
        const frame = tell.change(next);
        frames.push(frame);
        bytes += frame.length;
        revision = next.revision;
        if (bytes >= WRITTEN_AT_ONCE) break;
      }
      await stream.write(shared.frames.join(frames));
      if (signal.aborted) break;
      await shared.beat.next();
    }
    if (bookmarks) lastWords = bookmark();
  } catch (error) {
    if (!signal.aborted)
      lastWords = frameText(shown, 'ERROR', await streamError(deps, error, passed(), kind), passed());
  } finally {
    ended.abort();
    await Promise.all([end, ticking]);
    stream.end(lastWords);
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

interface FrameTeller {
  change(change: Change): Buffer;
  present(document: Resource): string;
}

function frameTeller(deps: ApiDeps, { frames }: Watching, shown: FrameForm, matches: Matches): FrameTeller {
  let columnsSent = false;
  const textOf = (type: 'ADDED' | 'MODIFIED' | 'DELETED', document: Resource): string => {
    const object = shownObject(shown, document, deps.clock.now(), columnsSent);
    columnsSent = true;
    return frameText(shown, type, object, document.metadata.resourceVersion ?? '');
  };
  return {
    present: (document) => textOf('ADDED', document),
    change(change) {
      const { type, document } = frameOf(change, matches);
      // Tables show ages, and the columns once to each watcher.
      if (shown.form === 'table' && !columnsSent) return Buffer.from(textOf(type, document));
      const age = shown.form === 'table' ? Math.floor(deps.clock.now() / 1000) : '';
      const form = [type, shown.form, shown.eventStream, shown.includeObject, age].join(' ');
      return frames.of(change, form, () => textOf(type, document));
    },
  };
}

async function sendPresent(
  deps: ApiDeps,
  selection: Selection,
  tell: FrameTeller,
  stream: WatchStream,
): Promise<number> {
  const page = await deps.store.list(selection);
  let text = '';
  for (const document of page.items) {
    text += tell.present(document);
    if (text.length < WRITTEN_AT_ONCE) continue;
    await stream.write(text);
    text = '';
  }
  if (text !== '') await stream.write(text);
  return page.revision;
}

async function streamError(deps: ApiDeps, error: unknown, revision: string, kind: ServedKind): Promise<Status> {
  if (error instanceof StoreError && error.code === 'expired')
    return failure('Expired', `too old resource version: ${revision} (${await deps.store.revision()})`);
  if (error instanceof StalledReader) return failure('Expired', error.message);
  if (error instanceof StoreError) return failure('ServiceUnavailable', error.message);
  deps.log.error({ err: error, kind: kind.kind }, 'watch failed');
  return failure('InternalError', 'something went wrong in Assay; its log says what');
}

/** Bookmarks where they are wanted; server-sent events have a comment that is no frame. */
async function sayRegularly(
  deps: ApiDeps,
  stream: WatchStream,
  signal: AbortSignal,
  bookmark: (() => string) | undefined,
  eventStream: boolean,
): Promise<void> {
  const say = bookmark ?? (eventStream ? () => ': still here\n\n' : undefined);
  if (say === undefined) return;
  const periodMs = eventStream ? HEARTBEAT_EVERY_MS : BOOKMARK_EVERY_MS;
  try {
    for (;;) {
      await deps.clock.sleepUntil(deps.clock.now() + periodMs, signal);
      stream.writeIfTaken(say());
    }
  } catch (error) {
    warnUnlessAborted(signal, deps.log)(error);
  }
}
