import type { Resource } from '../../domain/resource.ts';
import type { Change } from '../../engine/ports.ts';
import type { ServedKind } from './kinds.ts';
import { type Form, type IncludeObject, metadataOnly, tableOf } from './representation.ts';
import type { Matches } from './selectors.ts';

export type FrameType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** Watchers that follow at all are at the newest changes, so that a few of these spare nearly all the work. */
const MOST_CACHED_BYTES = 8 * 1024 * 1024;

/** In which form a watcher wants its frames. */
export interface FrameForm {
  readonly kind: ServedKind;
  readonly form: Form;
  readonly includeObject: IncludeObject;
  /** Server-sent events in place of lines of JSON. */
  readonly eventStream: boolean;
}

/** Selectors work on states: what starts to match is added, what stops is deleted in its last matching state with the new version. */
export function frameOf(
  { type, document, previous }: Change,
  matches: Matches,
): { readonly type: Change['type']; readonly document: Resource } {
  if (type === 'DELETED' || previous === undefined) return { type, document };
  if (matches(document)) return { type: matches(previous) ? 'MODIFIED' : 'ADDED', document };
  const { resourceVersion = '' } = document.metadata;
  return { type: 'DELETED', document: { ...previous, metadata: { ...previous.metadata, resourceVersion } } };
}

/** A frame as it goes over the wire. The id of a server-sent event lets a browser go on where it was, through `Last-Event-ID`. */
export function frameText({ eventStream }: FrameForm, type: FrameType, object: unknown, revision: string): string {
  const text = JSON.stringify(object);
  if (eventStream) return `event: ${type}\nid: ${revision}\ndata: ${text}\n\n`;
  return `{"type":"${type}","object":${text}}\n`;
}

export function shownObject(
  { kind, form, includeObject }: FrameForm,
  document: Resource,
  now: number,
  withoutColumns: boolean,
): unknown {
  if (form === 'metadata') return metadataOnly(document);
  if (form !== 'table') return document;
  const { resourceVersion = '' } = document.metadata;
  return tableOf(kind, [document], { resourceVersion }, { includeObject, now, withoutColumns });
}

/** About no object: only the version counts. */
export function bookmarkFor(shown: FrameForm, resourceVersion: string, now: number, initialEventsEnd = false): string {
  const { kind, apiVersion } = shown.kind;
  const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const empty = { kind, apiVersion, metadata: { resourceVersion, creationTimestamp: null, ...annotations } };
  const object = shownObject(shown, empty as unknown as Resource, now, true);
  return frameText(shown, 'BOOKMARK', object, resourceVersion);
}

/** Frames as bytes, each made once for all watchers that want the same. */
export class SharedFrames {
  readonly #ofChange = new Map<Resource, Map<string, Buffer>>();
  #bytes = 0;
  #joined: { readonly frames: readonly Buffer[]; readonly bytes: Buffer } = { frames: [], bytes: Buffer.alloc(0) };

  /** `make` is called when nobody has asked for the frame of this change in this form yet. */
  of(change: Change, form: string, make: () => string): Buffer {
    let frames = this.#ofChange.get(change.document);
    if (frames === undefined) {
      frames = new Map();
      this.#ofChange.set(change.document, frames);
    }
    let frame = frames.get(form);
    if (frame === undefined) {
      frame = Buffer.from(make());
      frames.set(form, frame);
      this.#bytes += frame.length;
      this.#forgetOldest();
    }
    return frame;
  }

  /** One piece of several: watchers that were told the same until now mostly want the same pieces. */
  join(frames: readonly Buffer[]): Buffer {
    if (frames.length === 1) return frames[0]!;
    const { frames: last, bytes } = this.#joined;
    if (frames.length === last.length && frames.every((frame, index) => frame === last[index])) return bytes;
    this.#joined = { frames, bytes: Buffer.concat(frames) };
    return this.#joined.bytes;
  }

  #forgetOldest(): void {
    for (const [document, frames] of this.#ofChange) {
      if (this.#bytes <= MOST_CACHED_BYTES) return;
      this.#ofChange.delete(document);
      for (const frame of frames.values()) this.#bytes -= frame.length;
    }
  }
}
