import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../../services/queue/due-heap.ts';
import { embeddedQueue } from '../../../services/queue/embedded.ts';
import { queueConformance } from '../../conformance/queue.ts';
import { settled, TestClock } from '../../support/clock.ts';

queueConformance('the embedded queue', async () => {
  const clock = new TestClock();
  return {
    queue: embeddedQueue(clock),
    now: () => clock.now(),
    pass: (ms) => clock.advance(ms),
    close: async () => undefined,
  };
});

describe('the embedded queue', () => {
  it('waits no longer than 10 s between tries, and starts at 1 ms again after a success', async () => {
    const clock = new TestClock();
    const queue = embeddedQueue(clock);
    const start = clock.now();
    const at: number[] = [];
    queue.start(
      async ({ runId }) => {
        at.push(clock.now() - start);
        if (at.length !== 17) throw new Error('broken');
        return { runId, dueAt: clock.now() };
      },
      { concurrency: 1 },
    );
    await queue.schedule({ runId: 'default/a', dueAt: start });
    await clock.advance(40_000);
    const waits = at.slice(1, 19).map((ms, index) => ms - at[index]!);
    const doubled = Array.from({ length: 14 }, (_, power) => 2 ** power);
    expect(waits).toEqual([...doubled, 10_000, 10_000, 0, 1]);
    await queue.stop();
  });

  it("refuses a ticket without a time, also as a handler's answer, which counts as a failed pass", async () => {
    const clock = new TestClock();
    const queue = embeddedQueue(clock);
    await expect(queue.schedule({ runId: 'default/a', dueAt: Number.NaN })).rejects.toThrow(
      'ticket of run default/a: dueAt must be epoch milliseconds, not NaN',
    );
    let passes = 0;
    queue.start(
      async ({ runId }) => {
        passes += 1;
        return passes === 1 ? { runId, dueAt: Number.NaN } : undefined;
      },
      { concurrency: 1 },
    );
    await queue.schedule({ runId: 'default/a', dueAt: clock.now() });
    await clock.advance(1);
    expect(passes).toBe(2);
    await queue.stop();
  });

  it('sleeps once for many tickets', async () => {
    const clock = new TestClock();
    let sleeps = 0;
    const queue = embeddedQueue({
      now: () => clock.now(),
      sleepUntil: (at, signal) => {
        sleeps += 1;
        return clock.sleepUntil(at, signal);
      },
    });
    queue.start(async () => undefined, { concurrency: 1 });
    for (let run = 0; run < 1_000; run += 1)
      await queue.schedule({ runId: `default/${run}`, dueAt: clock.now() + 1_000 });
    await settled();
    expect(sleeps).toBe(1);
    await queue.stop();
  });

  it.each([{ concurrency: 0 }, { concurrency: Number.NaN }])('refuses to start with $concurrency', (options) => {
    expect(() => embeddedQueue(new TestClock()).start(async () => undefined, options)).toThrow('concurrency');
  });
});

describe('the heap of due tickets', () => {
  it('yields, for any tickets, the earliest of each run in order of time', () => {
    const tickets = fc.array(
      fc.record({ runId: fc.constantFrom(...'abcdefgh'), dueAt: fc.integer({ min: 0, max: 20 }) }),
    );
    fc.assert(
      fc.property(tickets, (given) => {
        const heap = new DueHeap();
        for (const ticket of given) heap.add(ticket);
        const earliest = new Map<string, number>();
        for (const { runId, dueAt } of given) earliest.set(runId, Math.min(dueAt, earliest.get(runId) ?? dueAt));
        expect(heap.size).toBe(earliest.size);
        const popped = [];
        for (let next = heap.pop(); next !== undefined; next = heap.pop()) popped.push(next);
        expect(popped.map(({ dueAt }) => dueAt)).toEqual([...earliest.values()].toSorted((a, b) => a - b));
        expect(Object.fromEntries(popped.map(({ runId, dueAt }) => [runId, dueAt]))).toEqual(
          Object.fromEntries(earliest),
        );
      }),
    );
  });
});
