import { createHash } from 'node:crypto';
import type { Resource } from '../domain/resource.ts';
import { type Key, type Store, StoreError } from '../engine/ports.ts';
import type { Notice } from './notice.ts';
import type { Target } from './target.ts';
import { TRIGGERS, type Trigger } from './triggers.ts';

/**
 * One message for one target about one thing that became true of one run. Its name follows from these three, so that it is made once however often it is derived.
 *
 * *waiting*: to be sent at `dueAt`, unless a worker holds it (`lease`); a lease that lapsed is a worker that died. *delivered*: the target took it; kept for a
 * while, so that it is not made again. *dead*: given up; kept until somebody retries or dismisses it. Waiting becomes delivered or dead, dead becomes waiting
 * when it is retried.
 */
export interface DeliveryDocument extends Resource {
  readonly kind: 'Delivery';
  readonly trigger: Trigger;
  readonly target: Target;
  readonly notice: Notice;
  readonly state: 'waiting' | 'delivered' | 'dead';
  /** Epoch milliseconds, like all times here. */
  readonly createdAt: number;
  readonly dueAt: number;
  readonly attempts: number;
  /** Answers among them that say it can never succeed. */
  readonly refusals: number;
  readonly lease?: { readonly holder: string; readonly until: number };
  readonly lastError?: string;
  /** When it was delivered or given up. */
  readonly settledAt?: number;
}

const KIND = 'Delivery';
/** Leaves room for the 33 characters that tell deliveries apart, within the 253 of a name. */
const LONGEST_NAME = 220;
/** Somebody else's writes that one of ours gives way to. */
const MOST_ATTEMPTS = 10;

type Identity = Pick<DeliveryDocument, 'trigger' | 'target'> & { readonly notice: Pick<Notice, 'run'> };

export function deliveryKey({ notice: { run }, trigger, target }: Identity): Key {
  const identity = [run.uid, trigger, target.service, target.recipient].join('\0');
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  return { kind: KIND, namespace: run.namespace, name: `${run.name.slice(0, LONGEST_NAME)}.${hash}` };
}

export function newDelivery(notice: Notice, target: Target, now: number): DeliveryDocument {
  const { namespace, name } = deliveryKey({ notice, trigger: notice.trigger, target });
  return {
    apiVersion: 'assay/v1',
    kind: KIND,
    metadata: { name, namespace },
    trigger: notice.trigger,
    target,
    notice,
    state: 'waiting',
    createdAt: now,
    dueAt: now,
    attempts: 0,
    refusals: 0,
  };
}

/** Where what is told of the same run to the same target earlier, or later, would stand. */
export function siblingKeys(delivery: Identity, side: 'earlier' | 'later'): readonly Key[] {
  const at = TRIGGERS.indexOf(delivery.trigger);
  const triggers = side === 'earlier' ? TRIGGERS.slice(0, at) : TRIGGERS.slice(at + 1);
  return triggers.map((trigger) => deliveryKey({ ...delivery, trigger }));
}

export const idOf = ({ namespace, name }: Pick<Key, 'namespace' | 'name'>): string => `${namespace}/${name}`;
export const keyOf = ({ metadata }: DeliveryDocument): Key => ({
  kind: KIND,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

export async function loadDelivery(store: Store, id: string): Promise<DeliveryDocument | undefined> {
  const slash = id.indexOf('/');
  const key: Key = { kind: KIND, namespace: id.slice(0, slash), name: id.slice(slash + 1) };
  return (await store.get(key)) as DeliveryDocument | undefined;
}

/** Undefined when somebody else has changed or removed it since it was read. */
export async function replaceDelivery(store: Store, next: DeliveryDocument): Promise<DeliveryDocument | undefined> {
  try {
    return (await store.replace(next, next.metadata.resourceVersion ?? '')) as DeliveryDocument;
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'conflict' || error.code === 'not-found')) return undefined;
    throw error;
  }
}

/** A dead letter, sent again from the start; undefined when there is none of this name that is dead. */
export function reviveDelivery(store: Store, id: string, now: number): Promise<DeliveryDocument | undefined> {
  return changeDead(store, id, ({ settledAt: _, ...dead }) =>
    replaceDelivery(store, { ...dead, state: 'waiting', createdAt: now, dueAt: now, attempts: 0, refusals: 0 }),
  );
}

/** A dead letter, forgotten. */
export function dismissDelivery(store: Store, id: string): Promise<DeliveryDocument | undefined> {
  return changeDead(store, id, (dead) => removeDelivery(store, dead));
}

async function changeDead(
  store: Store,
  id: string,
  change: (dead: DeliveryDocument) => Promise<DeliveryDocument | undefined>,
): Promise<DeliveryDocument | undefined> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const found = await loadDelivery(store, id);
    if (found?.state !== 'dead') return undefined;
    const changed = await change(found);
    if (changed !== undefined) return changed;
  }
  throw new StoreError('conflict', `delivery "${id}" changes faster than it can be written`);
}

/** At the revision that was read; undefined when it has changed since. */
export async function removeDelivery(store: Store, delivery: DeliveryDocument): Promise<DeliveryDocument | undefined> {
  try {
    return (await store.remove(keyOf(delivery), delivery.metadata.resourceVersion)) as DeliveryDocument;
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'conflict' || error.code === 'not-found')) return undefined;
    throw error;
  }
}

export async function* deliveriesOf(
  store: Store,
  matches: (delivery: DeliveryDocument) => boolean,
): AsyncGenerator<DeliveryDocument> {
  const selection = { kind: KIND, matches: (document: Resource) => matches(document as DeliveryDocument) } as const;
  for await (const portion of store.walk(selection)) yield* portion as readonly DeliveryDocument[];
}
