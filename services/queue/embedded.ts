import type { Clock, Queue, QueueLimits, Ticket, TicketHandler } from '../engine/ports.ts';
import { checkTicket } from './check-ticket.ts';
import { DueHeap } from './due-heap.ts';
import { Pace } from './pace.ts';

// What the port promises for a handler that throws: 1 ms, doubled at each failure in a row, up to 10 s.
const SHORTEST_BACK_OFF_MS = 1;
const LONGEST_BACK_OFF_MS = 10_000;

/**
 * The queue of a single process. It keeps nothing across a restart: whoever starts it schedules the unfinished runs of the store again.
 *
 * A run's ticket is in one of three states. *Waiting*: in the heap until it is due and a place is free. *In progress*: handed to the handler. *Held*:
 * scheduled while a pass of the same run is in progress; it waits again when the pass ends.
 */
export function embeddedQueue(clock: Clock): Queue {
  return new EmbeddedQueue(clock);
}

class EmbeddedQueue implements Queue {
  readonly #clock: Clock;
  readonly #waiting = new DueHeap();
  readonly #inProgress = new Map<string, Promise<void>>();
  readonly #held = new Map<string, Ticket>();
  /** Failures in a row, of runs whose last pass failed. */
  readonly #failures = new Map<string, number>();
  #consumer: { readonly handler: TicketHandler; readonly concurrency: number; readonly pace: Pace } | undefined;
  #alarm: { readonly at: number; readonly off: AbortController } | undefined;
  #isHandOutPlanned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async schedule(ticket: Ticket): Promise<void> {
    checkTicket(ticket);
    this.#add(ticket);
    this.#planHandOut();
  }

  start(handler: TicketHandler, { concurrency, passesPerSecond }: QueueLimits): void {
    if (this.#consumer !== undefined) throw new Error('the queue is started already: stop it before it starts again');
    if (!(concurrency >= 1)) throw new Error(`concurrency must be at least 1, not ${concurrency}`);
    this.#consumer = { handler, concurrency, pace: new Pace(passesPerSecond) };
    this.#planHandOut();
  }

  async stop(): Promise<void> {
    this.#consumer = undefined;
    this.#setAlarm(undefined);
    await Promise.all(this.#inProgress.values());
  }

  async depth(): Promise<{ readonly waiting: number; readonly latenessMs: number }> {
    let earliest = this.#waiting.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
    for (const ticket of this.#held.values()) earliest = Math.min(earliest, ticket.dueAt);
    return {
      waiting: this.#waiting.size + this.#held.size,
      latenessMs: Math.max(0, this.#clock.now() - earliest),
    };
  }

  async workers(): Promise<number> {
    return this.#consumer === undefined ? 0 : 1;
  }

  #add(ticket: Ticket): void {
    if (!this.#inProgress.has(ticket.runId)) {
      this.#waiting.add(ticket);
      return;
    }
    const held = this.#held.get(ticket.runId);
    if (held === undefined || ticket.dueAt < held.dueAt) this.#held.set(ticket.runId, ticket);
  }

  // After the present code has run: of tickets scheduled in one go the earliest wins, and no handler runs inside schedule().
  #planHandOut(): void {
    if (this.#isHandOutPlanned) return;
    this.#isHandOutPlanned = true;
    queueMicrotask(() => {
      this.#isHandOutPlanned = false;
      this.#handOut();
    });
  }

  #handOut(): void {
    const consumer = this.#consumer;
    if (consumer === undefined) return;
    const now = this.#clock.now();
    while (this.#inProgress.size < consumer.concurrency) {
      const next = this.#waiting.peek();
      const beginsAt = next && Math.max(next.dueAt, consumer.pace.nextAt);
      if (next === undefined || beginsAt! > now) {
        this.#setAlarm(beginsAt);
        return;
      }
      this.#waiting.pop();
      consumer.pace.take(now);
      this.#inProgress.set(next.runId, this.#pass(next, consumer.handler));
    }
    // Every place is taken: the pass that ends first hands out again.
    this.#setAlarm(undefined);
  }

  async #pass(ticket: Ticket, handler: TicketHandler): Promise<void> {
    const next = await this.#answerOf(ticket, handler);
    this.#inProgress.delete(ticket.runId);
    const held = this.#held.get(ticket.runId);
    this.#held.delete(ticket.runId);
    for (const again of [held, next]) if (again !== undefined) this.#add(again);
    this.#planHandOut();
  }

  async #answerOf(ticket: Ticket, handler: TicketHandler): Promise<Ticket | undefined> {
    try {
      // The handler's first synchronous part must not run before the pass is known to be in progress.
      await Promise.resolve();
      const next = await handler(ticket);
      if (next !== undefined) checkTicket(next);
      this.#failures.delete(ticket.runId);
      return next;
    } catch {
      // The handler has reported its failure; the queue's part is to try again.
      const failures = (this.#failures.get(ticket.runId) ?? 0) + 1;
      this.#failures.set(ticket.runId, failures);
      const backOffMs = Math.min(SHORTEST_BACK_OFF_MS * 2 ** (failures - 1), LONGEST_BACK_OFF_MS);
      return { runId: ticket.runId, dueAt: this.#clock.now() + backOffMs };
    }
  }

  /** One timer for the whole queue, set to the earliest ticket; undefined: none. */
  #setAlarm(at: number | undefined): void {
    if (this.#alarm?.at === at) return;
    this.#alarm?.off.abort();
    this.#alarm = undefined;
    if (at === undefined) return;
    const off = new AbortController();
    const alarm = { at, off };
    this.#alarm = alarm;
    this.#clock.sleepUntil(at, off.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = undefined;
        this.#handOut();
      },
      (reason: unknown) => {
        if (!off.signal.aborted) throw reason;
      },
    );
  }
}
