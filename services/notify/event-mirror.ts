import { epochMs, type Resource } from '../domain/resource.ts';
import type { EventDocument } from '../engine/emit-events.ts';
import { type Clock, type Log, type Store, StoreError } from '../engine/ports.ts';

/** Where Events are written to: a Kubernetes API server. Throws when it does not answer. */
export type SendToCluster = (
  request: { readonly method: 'POST' | 'PATCH'; readonly path: string; readonly body: unknown },
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: string }>;

/** How far the mirror has come, and which process mirrors. */
interface MirrorMark extends Resource {
  readonly kind: 'Mark';
  readonly revision: number;
  readonly holder: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

const MARK = { kind: 'Mark', namespace: '', name: 'events' } as const;
/** Longer than what lies between two marks; a process that died is followed by another after this. */
const LEASE_MS = 30_000;
const MARK_EVERY_MS = 5_000;
/** As long as Kubernetes keeps them itself. */
const EVENT_LIFE_MS = 60 * 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const REQUEST_MS = 10_000;
const SHOWN = 200;
const COMPONENT = 'assay';

export interface MirrorDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly send: SendToCluster;
  /** This process, among all that share the store. */
  readonly holder: string;
}

/**
 * Writes Assay's Events to a cluster as well, so that they are where people look: each one at least once and in order, by one process at a time. What is written follows from the
 * stored Event, so that twice does no harm. A cluster that is away is waited for as long as an Event lives; an Event that it refuses is left out.
 */
export class EventMirror {
  readonly #deps: MirrorDeps;
  readonly #stopping = new AbortController();
  #working: Promise<void> | undefined;

  constructor(deps: MirrorDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#working = this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the process shuts down'));
    await this.#working;
  }

  async #work(): Promise<void> {
    const { log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const mark = await this.#take();
        if (mark === undefined) await this.#pause(LEASE_MS / 2);
        else await this.#follow(mark);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'mirroring Events failed; it goes on');
        await this.#pause(FIRST_PAUSE_MS);
      }
    }
  }

  /** Undefined while another process holds it. The first mark of all is now: what was before is not mirrored. */
  async #take(): Promise<MirrorMark | undefined> {
    const { store, clock, holder } = this.#deps;
    const found = (await store.get(MARK)) as MirrorMark | undefined;
    if (found !== undefined && found.holder !== holder && found.until > clock.now()) return undefined;
    const newest = await store.revision();
    // A mark that was moved here from another store is beyond everything.
    return this.#write(found, Math.min(found?.revision ?? newest, newest));
  }

  async #write(mark: MirrorMark | undefined, revision: number): Promise<MirrorMark | undefined> {
    const { store, clock, holder } = this.#deps;
    const { kind, namespace, name } = MARK;
    const metadata = mark?.metadata ?? { name, namespace };
    const next: MirrorMark = {
      apiVersion: 'assay/v1',
      kind,
      metadata,
      revision,
      holder,
      until: clock.now() + LEASE_MS,
    };
    try {
      if (mark === undefined) return (await store.create(next)) as MirrorMark;
      return (await store.replace(next, mark.metadata.resourceVersion ?? '')) as MirrorMark;
    } catch (error) {
      if (error instanceof StoreError && ['already-exists', 'conflict'].includes(error.code)) return undefined;
      throw error;
    }
  }

  /** Until another process has taken over. */
  async #follow(from: MirrorMark): Promise<void> {
    const { store, clock } = this.#deps;
    for (let mark: MirrorMark | undefined = from; mark !== undefined && !this.#stopping.signal.aborted; ) {
      let seen = mark.revision;
      const renewAt = clock.now() + MARK_EVERY_MS;
      const turn = new AbortController();
      const signal = AbortSignal.any([turn.signal, this.#stopping.signal]);
      const renewed = clock.sleepUntil(renewAt, signal).then(
        () => turn.abort(),
        () => undefined,
      );
      try {
        for await (const { type, document, revision } of store.watch({ kind: 'Event' }, seen, signal)) {
          if (type !== 'DELETED') await this.#mirror(document as EventDocument);
          if (this.#stopping.signal.aborted) return;
          seen = revision;
          if (clock.now() >= renewAt) break;
        }
      } catch (error) {
        if (!(error instanceof StoreError && error.code === 'expired')) throw error;
        seen = await this.#catchUp(seen);
      } finally {
        turn.abort();
        await renewed;
      }
      mark = await this.#write(mark, seen);
    }
  }

  /** The history does not reach back that far: the Events themselves do. */
  async #catchUp(since: number): Promise<number> {
    const hasChanged = ({ metadata }: Resource): boolean => Number(metadata.resourceVersion) > since;
    const { items, revision } = await this.#deps.store.list({ kind: 'Event', matches: hasChanged });
    for (const event of items as readonly EventDocument[]) await this.#mirror(event);
    return revision;
  }

  async #mirror(event: EventDocument): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    if (event.source?.component !== COMPONENT) return;
    const fields = { namespace: event.metadata.namespace, event: event.metadata.name };
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      if (clock.now() - (epochMs(event.lastTimestamp) ?? 0) > EVENT_LIFE_MS) return;
      try {
        const { status, body } = await this.#put(event);
        if (status < 300) return;
        if (status < 500 && status !== 429) {
          log.warn({ ...fields, status, error: body.slice(0, SHOWN) }, 'the cluster refuses an Event');
          return;
        }
        log.warn({ ...fields, status }, 'the cluster does not take Events; tried again');
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ ...fields, error: String(error) }, 'the cluster does not answer; tried again');
      }
      await this.#pause(pauseMs);
    }
  }

  /** As client-go's recorder: created once, patched with its count from then on. */
  async #put(event: EventDocument): Promise<{ readonly status: number; readonly body: string }> {
    const { name, namespace = '', annotations } = event.metadata;
    const path = `/api/v1/namespaces/${namespace}/events`;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(REQUEST_MS)]);
    const body = { ...event, metadata: { name, namespace, ...(annotations && { annotations }) } };
    const created = await this.#deps.send({ method: 'POST', path, body }, signal);
    if (created.status !== 409) return created;
    const { count, lastTimestamp } = event;
    return this.#deps.send({ method: 'PATCH', path: `${path}/${name}`, body: { count, lastTimestamp } }, signal);
  }

  async #pause(ms: number): Promise<void> {
    const { clock } = this.#deps;
    await clock.sleepUntil(clock.now() + ms, this.#stopping.signal).catch(() => undefined);
  }
}
