import { createHash, randomUUID } from 'node:crypto';
import type { DatedEvent, RunEvent } from '../analysis/run-event.ts';
import { type Resource, rfc3339 } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import { type Key, type Store, StoreError } from './ports.ts';

/** Kubernetes keeps events this long. */
export const EVENT_LIFE_MS = 60 * 60_000;
const COMPONENT = 'assay';
/** Leaves room for the 17 characters that tell events apart, within the 253 of a name. */
const LONGEST_NAME = 236;

/** A core v1 Event. */
export interface EventDocument extends Resource {
  readonly kind: 'Event';
  readonly involvedObject: Readonly<Record<string, string>>;
  readonly type: RunEvent['type'];
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

/** Annotation of the event that tells of a verdict: why, in one sentence. The message stays Argo's. */
const REASON = 'assay/reason';

/**
 * Tells of a run. Events are told after the fact; one that cannot be stored is told later (`retellEvents`), and the run is none the worse. `reason` is the sentence that
 * explains the run's verdict, when there is one.
 */
export async function emitEvents(
  deps: EngineDeps,
  run: AnalysisRun,
  events: readonly RunEvent[],
  reason?: string,
): Promise<void> {
  for (const event of events) {
    deps.observer?.told({ reason: event.reason, type: event.type });
    const explained = event.reason.startsWith('AnalysisRun') ? reason : undefined;
    try {
      await emit(deps, eventDocument(run, event, deps.clock.now(), explained));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      deps.log.warn({ run: run.metadata.name, reason: event.reason, error: error.message }, 'event not stored');
    }
  }
}

export type TellDeps = Pick<EngineDeps, 'store' | 'clock' | 'observer'>;

/** Tells of something that lies back, unless it was told. */
export async function tellOnce(
  deps: TellDeps,
  run: AnalysisRun,
  { at, ...event }: DatedEvent,
  reason: () => string,
): Promise<void> {
  const { namespace = '', name } = eventDocument(run, event, at, undefined).metadata;
  if ((await deps.store.get({ kind: 'Event', namespace, name })) !== undefined) return;
  deps.observer?.told({ reason: event.reason, type: event.type });
  const explained = event.reason.startsWith('AnalysisRun') ? reason() : undefined;
  try {
    await deps.store.create(eventDocument(run, event, at, explained));
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
  }
}

/** Takes out events whose last occurrence is an hour old. Returns how many. */
export async function removeOldEvents({ store, clock }: EngineDeps): Promise<number> {
  const oldest = rfc3339(clock.now() - EVENT_LIFE_MS);
  let removed = 0;
  // RFC 3339 in UTC and whole seconds sorts as text.
  const isOld = ({ lastTimestamp, metadata }: EventDocument): boolean =>
    (lastTimestamp ?? metadata.creationTimestamp ?? '') < oldest;
  for await (const old of store.walk({ kind: 'Event', matches: (event) => isOld(event as EventDocument) }))
    for (const { metadata } of old)
      if (await isRemoved(store, { kind: 'Event', namespace: metadata.namespace ?? '', name: metadata.name }))
        removed += 1;
  return removed;
}

async function isRemoved(store: Store, key: Key): Promise<boolean> {
  try {
    await store.remove(key);
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return false;
    throw error;
  }
}

/** The same event of the same run has the same name, so that a repeat raises the count. */
async function emit({ store }: EngineDeps, event: EventDocument): Promise<void> {
  const key = { kind: 'Event', namespace: event.metadata.namespace ?? '', name: event.metadata.name } as const;
  for (;;) {
    const told = (await store.get(key)) as EventDocument | undefined;
    try {
      if (told === undefined) await store.create(event);
      else
        await store.replace(
          { ...told, count: told.count + 1, lastTimestamp: event.lastTimestamp } as EventDocument,
          told.metadata.resourceVersion ?? '',
        );
      return;
    } catch (error) {
      // Somebody was faster: look again.
      const raced = error instanceof StoreError && ['already-exists', 'conflict', 'not-found'].includes(error.code);
      if (!raced) throw error;
    }
  }
}

function eventDocument(run: AnalysisRun, event: RunEvent, now: number, reason: string | undefined): EventDocument {
  const { name, namespace = '', uid = '', resourceVersion = '' } = run.metadata;
  const identity = createHash('sha256').update(`${uid}\0${event.reason}\0${event.message}`).digest('hex').slice(0, 16);
  const at = rfc3339(now);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, LONGEST_NAME)}.${identity}`,
      namespace,
      uid: randomUUID(),
      creationTimestamp: at,
      ...(reason && { annotations: { [REASON]: reason } }),
    },
    involvedObject: { apiVersion: run.apiVersion, kind: run.kind, name, namespace, uid, resourceVersion },
    ...event,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: '',
  };
}
