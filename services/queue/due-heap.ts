import type { Ticket } from '../engine/ports.ts';

interface Entry {
  readonly ticket: Ticket;
  /** Tickets due at the same time come in the order in which they were added. */
  readonly order: number;
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.ticket.dueAt < b.ticket.dueAt || (a.ticket.dueAt === b.ticket.dueAt && a.order < b.order);

/** Tickets by due time, at most one a run: a binary heap. An entry that a sooner one replaced stays in the heap until it surfaces and is dropped there. */
export class DueHeap {
  readonly #entries: Entry[] = [];
  readonly #current = new Map<string, Entry>();
  #order = 0;

  get size(): number {
    return this.#current.size;
  }

  /** Keeps the earlier of this ticket and one already here for the same run. */
  add(ticket: Ticket): void {
    const known = this.#current.get(ticket.runId);
    if (known !== undefined && known.ticket.dueAt <= ticket.dueAt) return;
    const entry: Entry = { ticket, order: this.#order++ };
    this.#current.set(ticket.runId, entry);
    this.#entries.push(entry);
    this.#siftUp(this.#entries.length - 1);
  }

  peek(): Ticket | undefined {
    for (let top = this.#entries[0]; top !== undefined; top = this.#entries[0]) {
      if (this.#current.get(top.ticket.runId) === top) return top.ticket;
      this.#removeTop();
    }
    return undefined;
  }

  pop(): Ticket | undefined {
    const ticket = this.peek();
    if (ticket === undefined) return undefined;
    this.#removeTop();
    this.#current.delete(ticket.runId);
    return ticket;
  }

  #removeTop(): void {
    const last = this.#entries.pop()!;
    if (this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#siftDown(0);
  }

  #siftUp(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.#entries[at]!, this.#entries[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(start: number): void {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let first = at;
      if (left < this.#entries.length && isBefore(this.#entries[left]!, this.#entries[first]!)) first = left;
      if (right < this.#entries.length && isBefore(this.#entries[right]!, this.#entries[first]!)) first = right;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#entries[a]!;
    this.#entries[a] = this.#entries[b]!;
    this.#entries[b] = entry;
  }
}
