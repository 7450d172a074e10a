import { type Clock, type Log, type Queue, type Store, StoreError, type Ticket, type Tracer } from '../engine/ports.ts';
import { traced } from '../engine/traced.ts';
import { DeliveryFailure } from './channel.ts';
import {
  type DeliveryDocument,
  deliveriesOf,
  idOf,
  keyOf,
  loadDelivery,
  replaceDelivery,
  siblingKeys,
} from './delivery.ts';
import { Lanes } from './lanes.ts';
import type { Sender } from './sender.ts';

/** An attempt that is not over by then has failed. */
const ATTEMPT_MS = 15_000;
/** Longer than any attempt: who holds a delivery for longer has died. */
const LEASE_MS = 30_000;
/** What another process made or put back it is left to for so long; a process that died leaves it to the others. */
const OTHERS_FIRST_MS = 1_000;
/** At the end of the process: what was sent and not yet answered would be sent twice. */
const GRACE_MS = 2_000;
/** A target that passes through a fault for a day is given up. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;
/** "Never" is believed at the third time: whoever answered may just have been starting. */
const MOST_REFUSALS = 3;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** A target may ask for more patience than that; it is asked again all the same. */
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;
const LATER_SIBLING_MS = 1_000;
const FULL_LANE_MS = 1_000;
const TRY_AGAIN_MS = 2_000;
/** Those that wait for a place cost next to nothing; the lanes bound what goes out. */
const CONCURRENT = 10_000;

export type Outcome = 'delivered' | 'failed' | 'dead';

export interface DispatcherDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly sender: Sender;
  /** When each delivery is due, in this process; nothing is lost with it. */
  readonly queue: Queue;
  /** This process, among all that share the store. */
  readonly holder: string;
  readonly tracer?: Tracer | undefined;
  /** 0 up to 1. */
  random(): number;
  settled(event: { readonly target: string; readonly outcome: Outcome }): void;
}

/**
 * Sends what waits. Every worker has one: a delivery is whoever's claims it, by writing its lease at the revision that was read. Of one run, what happened
 * earlier is sent to a target before what happened later, or given up first.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #lanes = new Lanes();
  readonly #stopping = new AbortController();
  readonly #breakingOff = new AbortController();
  #following: Promise<void> | undefined;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#deps.queue.start((ticket) => this.#handle(ticket), { concurrency: CONCURRENT });
    this.#following = this.#follow();
  }

  /** Nothing more is begun. What is being sent gets a moment, is then broken off and goes back: another process, or the next one, sends it. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the process shuts down'));
    const breakOff = setTimeout(() => this.#breakingOff.abort(this.#stopping.signal.reason), GRACE_MS);
    await Promise.all([this.#deps.queue.stop(), this.#following]);
    clearTimeout(breakOff);
  }

  /** This process made it, and is the first to send it. */
  offer(delivery: DeliveryDocument): Promise<void> {
    return this.#schedule(delivery, 0);
  }

  /** Everything that waits in the store, and what changes from then on, by whomever. */
  async #follow(): Promise<void> {
    const { store, clock, log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const revision = await store.revision();
        for await (const waiting of deliveriesOf(store, ({ state }) => state === 'waiting'))
          await this.#schedule(waiting, 0);
        for await (const { type, document } of store.watch({ kind: 'Delivery' }, revision, signal))
          if (type !== 'DELETED') await this.#heard(document as DeliveryDocument);
      } catch (error) {
        // Too far behind: what waits is looked for again.
        if (error instanceof StoreError && error.code === 'expired') continue;
        if (signal.aborted) return;
        log.warn({ err: error }, 'following deliveries failed; it comes again');
        await clock.sleepUntil(clock.now() + TRY_AGAIN_MS, signal).catch(() => undefined);
      }
    }
  }

  async #heard(delivery: DeliveryDocument): Promise<void> {
    if (delivery.state === 'waiting') return this.#schedule(delivery, OTHERS_FIRST_MS);
    await this.#wakeLater(delivery);
  }

  #schedule(delivery: DeliveryDocument, delayMs: number): Promise<void> {
    const dueAt = Math.max(delivery.dueAt, delivery.lease?.until ?? 0);
    return this.#deps.queue.schedule({ runId: idOf(keyOf(delivery)), dueAt: dueAt + delayMs });
  }

  /** What the same target is told next of the same run has waited for this one. */
  async #wakeLater(delivery: DeliveryDocument): Promise<void> {
    const dueAt = this.#deps.clock.now();
    for (const key of siblingKeys(delivery, 'later')) await this.#deps.queue.schedule({ runId: idOf(key), dueAt });
  }

  async #handle(ticket: Ticket): Promise<Ticket | undefined> {
    if (this.#stopping.signal.aborted) return undefined;
    const { store, clock, sender } = this.#deps;
    const delivery = await loadDelivery(store, ticket.runId);
    if (delivery?.state !== 'waiting') return undefined;
    const lane = sender.laneOf(delivery);
    const later = this.#notBefore(delivery, lane) ?? (await this.#earlierSibling(delivery));
    if (later !== undefined) return { ...ticket, dueAt: later };
    if (this.#lanes.isFull(lane)) return { ...ticket, dueAt: this.#jittered(clock.now() + FULL_LANE_MS) };
    return this.#lanes.within(lane, async () => {
      // Whoever was in this lane before may have found the target down.
      if (this.#stopping.signal.aborted) return undefined;
      const closed = this.#lanes.closedUntil(lane);
      if (closed > clock.now()) return { ...ticket, dueAt: this.#jittered(closed) };
      return this.#attempt(delivery, lane, ticket);
    });
  }

  #notBefore({ dueAt, lease }: DeliveryDocument, lane: string): number | undefined {
    const now = this.#deps.clock.now();
    const closed = this.#lanes.closedUntil(lane);
    const at = Math.max(dueAt, lease?.until ?? 0, closed > now ? this.#jittered(closed) : 0);
    return at > now ? at : undefined;
  }

  /** When to look again, if something is still to be told to the same target before. */
  async #earlierSibling(delivery: DeliveryDocument): Promise<number | undefined> {
    const { store, clock } = this.#deps;
    for (const key of siblingKeys(delivery, 'earlier')) {
      const earlier = (await store.get(key)) as DeliveryDocument | undefined;
      if (earlier?.state === 'waiting')
        return Math.max(clock.now(), earlier.dueAt, earlier.lease?.until ?? 0) + LATER_SIBLING_MS;
    }
    return undefined;
  }

  async #attempt(delivery: DeliveryDocument, lane: string, ticket: Ticket): Promise<Ticket | undefined> {
    const { store, clock, sender, holder } = this.#deps;
    const claimed = await replaceDelivery(store, {
      ...delivery,
      attempts: delivery.attempts + 1,
      lease: { holder, until: clock.now() + LEASE_MS },
    });
    // Somebody was faster: see what became of it.
    if (claimed === undefined) return { ...ticket, dueAt: clock.now() };
    const deadline = AbortSignal.timeout(ATTEMPT_MS);
    const signal = AbortSignal.any([this.#breakingOff.signal, deadline]);
    try {
      await this.#traced(claimed, () => sender.send(claimed, signal));
    } catch (error) {
      return this.#failed(claimed, lane, error, deadline);
    }
    this.#lanes.succeeded(lane);
    const { lease: _, lastError: __, ...rest } = claimed;
    await this.#settle({ ...rest, state: 'delivered', settledAt: clock.now() }, 'delivered');
    return undefined;
  }

  #traced({ notice, trigger, target }: DeliveryDocument, send: () => Promise<void>): Promise<void> {
    const { run, traceparent = 'none' } = notice;
    const attributes = {
      'assay.run': `${run.namespace}/${run.name}`,
      'assay.trigger': trigger,
      'assay.service': target.service,
    };
    return traced(this.#deps.tracer, 'notify', { kind: 'client', parent: traceparent, attributes }, send);
  }

  async #failed(
    claimed: DeliveryDocument,
    lane: string,
    error: unknown,
    deadline: AbortSignal,
  ): Promise<Ticket | undefined> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const { lease: _, ...rest } = claimed;
    if (this.#breakingOff.signal.aborted) {
      await replaceDelivery(store, { ...rest, attempts: claimed.attempts - 1 });
      return undefined;
    }
    const failure =
      error instanceof DeliveryFailure
        ? error
        : new DeliveryFailure('passing', deadline.aborted ? `no answer within ${ATTEMPT_MS / 1000} s` : String(error));
    const isRefused = failure.kind === 'refused';
    if (isRefused) this.#lanes.succeeded(lane);
    else this.#lanes.failed(lane, now, bounded(failure.retryAfterMs));
    const next = {
      ...rest,
      refusals: claimed.refusals + (isRefused ? 1 : 0),
      lastError: failure.message,
    };
    if (next.refusals >= MOST_REFUSALS || now - claimed.createdAt >= GIVE_UP_AFTER_MS) {
      await this.#settle({ ...next, state: 'dead', settledAt: now }, 'dead');
      return undefined;
    }
    const waitMs = Math.max(this.#backOff(claimed.attempts), bounded(failure.retryAfterMs));
    const stored = await this.#settle({ ...next, dueAt: now + waitMs }, 'failed');
    return stored === undefined ? undefined : { runId: idOf(keyOf(stored)), dueAt: stored.dueAt };
  }

  async #settle(next: DeliveryDocument, outcome: Outcome): Promise<DeliveryDocument | undefined> {
    const { store, log, settled } = this.#deps;
    const { target, trigger, attempts, lastError } = next;
    const fields = { delivery: idOf(keyOf(next)), run: `${next.notice.run.namespace}/${next.notice.run.name}` };
    settled({ target: target.service, outcome });
    if (outcome === 'delivered') log.debug({ ...fields, trigger, target: target.service }, 'delivered');
    else {
      const told = { ...fields, trigger, target: target.service, attempts, error: lastError };
      if (outcome === 'dead') log.error(told, 'delivery given up; see the dead letters');
      else log.warn(told, 'delivery failed; it is tried again');
    }
    const stored = await replaceDelivery(store, next);
    if (stored !== undefined && stored.state !== 'waiting') await this.#wakeLater(stored);
    return stored;
  }

  /** Doubled twice each time, a quarter more or less. */
  #backOff(attempts: number): number {
    const ms = Math.min(FIRST_RETRY_MS * 4 ** (attempts - 1), LONGEST_RETRY_MS);
    return Math.round(ms * (0.75 + this.#deps.random() / 2));
  }

  #jittered(at: number): number {
    return at + Math.round(this.#deps.random() * 500);
  }
}

function bounded(retryAfterMs: number | undefined): number {
  return Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
}
