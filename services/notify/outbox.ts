import type { Resource } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { madeFrom } from '../engine/made-from.ts';
import { type Clock, type Log, type StatusListener, type Store, StoreError } from '../engine/ports.ts';
import { type DeliveryDocument, deliveriesOf, deliveryKey, newDelivery, removeDelivery } from './delivery.ts';
import { noticeOf } from './notice.ts';
import type { NotificationSettings } from './settings.ts';
import { targetsOf } from './subscriptions.ts';
import { type Occurrence, occurrencesOf } from './triggers.ts';

/** How long before a mark something may have happened whose write the sweep before did not see: as long as a pass may last. */
const SLACK_MS = 5 * 60_000;
/** What happened this long before a change is made sure of with it, so that a run's deliveries are made in their order. */
const RECENT_MS = 10 * 60_000;
/** Beyond both of the above, so that what was delivered is not made again. */
const DELIVERED_LIFE_MS = 60 * 60_000;
const DEAD_LIFE_MS = 30 * 24 * 60 * 60_000;
/** It reads every run. What a process that died did not come to is told sooner by whoever takes its pass over, and at every start. */
const SWEEP_EVERY_MS = 5 * 60_000;

/** How far sweeps have come: everything that was true at `revision` has its deliveries. */
interface MarkDocument extends Resource {
  readonly kind: 'Mark';
  readonly revision: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

const MARK = { kind: 'Mark', namespace: '', name: 'deliveries' } as const;

export interface OutboxDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: NotificationSettings;
  /** A delivery was made here. */
  made(delivery: DeliveryDocument): Promise<void>;
}

/**
 * Makes deliveries: at once for what this process' passes write, and again from the documents for what a process that died did not come to. The mark bounds the
 * second in time: what was before it has been told, or nobody wanted to hear of it then.
 */
export class Outbox implements StatusListener {
  readonly #deps: OutboxDeps;
  /** Changes of one run are worked through one after the other. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  async statusWritten(after: AnalysisRun, before: AnalysisRun | undefined): Promise<void> {
    const told = before && new Set(occurrencesOf(before).map(({ trigger }) => trigger));
    const isNew = ({ trigger }: Occurrence): boolean => told !== undefined && !told.has(trigger);
    const all = occurrencesOf(after);
    if (told !== undefined && !all.some(isNew)) return;
    const since = this.#deps.clock.now() - RECENT_MS;
    const wanted = all.filter((each) => isNew(each) || (each.at ?? 0) >= since);
    const { uid = '' } = after.metadata;
    const work = (this.#underWay.get(uid) ?? Promise.resolve())
      .then(() => this.#make(after, wanted))
      .catch((error: unknown) => {
        const run = `${after.metadata.namespace}/${after.metadata.name}`;
        this.#deps.log.warn({ err: error, run }, 'deliveries not made; the next sweep makes them');
      })
      .finally(() => {
        if (this.#underWay.get(uid) === work) this.#underWay.delete(uid);
      });
    this.#underWay.set(uid, work);
  }

  /** Resolves when everything that this process heard of is made. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  /**
   * Makes what is missing, moves the mark, and forgets what is old. One process every few minutes is enough: others leave it unless `always`. The very first one only sets the
   * mark: runs of the time before are not told anew.
   */
  async sweep(always: boolean): Promise<void> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const mark = (await store.get(MARK)) as MarkDocument | undefined;
    if (mark === undefined) {
      await this.#move(undefined, await store.revision(), now);
      return;
    }
    if (!always && now - mark.at < SWEEP_EVERY_MS) return;
    const revision = await this.#makeMissing(mark);
    await this.#move(mark, revision, now);
    await this.#forgetOld(Math.min(now, mark.at));
  }

  async #makeMissing(mark: MarkDocument): Promise<number> {
    const { store } = this.#deps;
    // Read first: what changes meanwhile is the next sweep's too.
    const revision = await store.revision();
    // Documents that were moved to another store have other revisions there; time bounds what is told all the same.
    const known = mark.revision > revision ? 0 : mark.revision;
    const hasChanged = ({ metadata }: Resource): boolean => Number(metadata.resourceVersion) > known;
    const since = mark.at - SLACK_MS;
    for await (const runs of store.walk({ kind: 'AnalysisRun', matches: hasChanged }))
      for (const run of runs as readonly AnalysisRun[])
        await this.#make(
          run,
          occurrencesOf(run).filter(({ at }) => (at ?? 0) >= since),
        );
    return revision;
  }

  async #make(run: AnalysisRun, occurrences: readonly Occurrence[]): Promise<void> {
    const { store, clock, settings } = this.#deps;
    if (occurrences.length === 0) return;
    const inherited = await this.#templateAnnotations(run);
    for (const occurrence of occurrences) {
      const { trigger } = occurrence;
      const targets = targetsOf(run, trigger, settings, inherited);
      if (targets.length === 0) continue;
      const notice = noticeOf(run, occurrence, clock.now());
      for (const target of targets) {
        if ((await store.get(deliveryKey({ notice, trigger, target }))) !== undefined) continue;
        const made = await createOnce(store, newDelivery(notice, target, clock.now()));
        if (made !== undefined) await this.#deps.made(made);
      }
    }
  }

  /** As they stand now: who subscribes to a template hears of the runs that it made before. */
  async #templateAnnotations(run: AnalysisRun): Promise<readonly Readonly<Record<string, string>>[]> {
    const { store, settings } = this.#deps;
    if (Object.keys(settings.services).length === 0) return [];
    const templates = await Promise.all(madeFrom(run).map((key) => store.get(key)));
    return templates.map((template) => template?.metadata.annotations ?? {});
  }

  /** Somebody else may have moved it meanwhile, and then looked at no less. */
  async #move(mark: MarkDocument | undefined, revision: number, at: number): Promise<void> {
    const { store } = this.#deps;
    const { kind, namespace, name } = MARK;
    const next: MarkDocument = { apiVersion: 'assay/v1', kind, metadata: { name, namespace }, revision, at };
    try {
      if (mark === undefined) await store.create(next);
      else await store.replace({ ...next, metadata: mark.metadata }, mark.metadata.resourceVersion ?? '');
    } catch (error) {
      if (!(error instanceof StoreError && ['already-exists', 'conflict'].includes(error.code))) throw error;
    }
  }

  async #forgetOld(now: number): Promise<void> {
    const { store } = this.#deps;
    const isOld = ({ state, settledAt = now, createdAt }: DeliveryDocument): boolean =>
      (state === 'delivered' && Math.max(settledAt, createdAt) < now - DELIVERED_LIFE_MS) ||
      (state === 'dead' && settledAt < now - DEAD_LIFE_MS);
    for await (const old of deliveriesOf(store, isOld)) await removeDelivery(store, old);
  }
}

/** Undefined when it is there already. */
async function createOnce(store: Store, delivery: DeliveryDocument): Promise<DeliveryDocument | undefined> {
  try {
    return (await store.create(delivery)) as DeliveryDocument;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'already-exists') return undefined;
    throw error;
  }
}
