import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue, Ticket } from '../../services/engine/ports.ts';

/** A queue with its time. A queue on a clock of its own lets `pass` really take that long. */
export interface QueueUnderTest {
  readonly queue: Queue;
  now(): number;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

interface Handed {
  readonly runId: string;
  readonly dueAt: number;
  readonly at: number;
}

/** What every Queue promises (services/engine/ports.ts). */
export function queueConformance(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`${name} keeps the promises of a queue`, () => {
    let given: QueueUnderTest;
    let queue: Queue;
    let handed: Handed[];
    let watchers: { readonly count: number; readonly resolve: () => void }[];

    beforeEach(async () => {
      given = await open();
      queue = given.queue;
      handed = [];
      watchers = [];
    });
    afterEach(async () => {
      await queue.stop();
      await given.close();
    });

    const ticket = (runId: string, inMs = 0): Ticket => ({ runId: `default/${runId}`, dueAt: given.now() + inMs });
    const names = (): string[] => handed.map(({ runId }) => runId.slice('default/'.length));
    const record = ({ runId, dueAt }: Ticket): void => {
      handed.push({ runId, dueAt, at: given.now() });
      for (const watcher of watchers) if (handed.length >= watcher.count) watcher.resolve();
    };
    /** Resolves when so many tickets were handed out in all. */
    const handedOut = (count: number): Promise<void> =>
      new Promise((resolve) => {
        watchers.push({ count, resolve });
        if (handed.length >= count) resolve();
      });
    const startRecording = (concurrency = 10): void =>
      queue.start(
        async (due) => {
          record(due);
          return undefined;
        },
        { concurrency },
      );

    it('hands out what is due in order of due time, whatever the order of scheduling', async () => {
      const tickets = [ticket('c', -100), ticket('a', -300), ticket('d', 0), ticket('b', -200)];
      for (const each of tickets) await queue.schedule(each);
      startRecording(1);
      await handedOut(4);
      expect(names()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('hands out nothing before its time, and each ticket when its time comes', async () => {
      startRecording();
      await queue.schedule(ticket('later', 2_000));
      await queue.schedule(ticket('soon', 500));
      await given.pass(0);
      expect(names()).toEqual([]);
      await given.pass(500);
      await handedOut(1);
      expect(names()).toEqual(['soon']);
      await given.pass(1_500);
      await handedOut(2);
      expect(names()).toEqual(['soon', 'later']);
      for (const { at, dueAt } of handed) expect(at).toBeGreaterThanOrEqual(dueAt);
    });

    it('keeps one ticket per run, the earlier, whichever came first', async () => {
      await queue.schedule(ticket('a', 800));
      await queue.schedule(ticket('a', 300));
      await queue.schedule(ticket('b', 300));
      await queue.schedule(ticket('b', 800));
      expect(await queue.depth()).toMatchObject({ waiting: 2 });
      startRecording();
      await given.pass(300);
      await handedOut(2);
      await given.pass(1_000);
      expect(names().toSorted()).toEqual(['a', 'b']);
    });

    it('wakes up sooner when a sooner ticket comes', async () => {
      startRecording();
      await queue.schedule(ticket('a', 60_000));
      await given.pass(0);
      await queue.schedule(ticket('b', 200));
      await given.pass(200);
      await handedOut(1);
      expect(names()).toEqual(['b']);
    });

    it('keeps tickets that were scheduled before it starts', async () => {
      await queue.schedule(ticket('a'));
      await given.pass(50);
      expect(handed).toEqual([]);
      startRecording();
      await handedOut(1);
    });

    it('schedules what the handler answers', async () => {
      queue.start(
        async (due) => {
          record(due);
          return handed.length < 3 ? { runId: due.runId, dueAt: given.now() + 100 } : undefined;
        },
        { concurrency: 1 },
      );
      await queue.schedule(ticket('a'));
      await handedOut(1);
      for (let count = 2; count <= 3; count += 1) {
        await given.pass(100);
        await handedOut(count);
      }
      await given.pass(500);
      expect(names()).toEqual(['a', 'a', 'a']);
      expect(await queue.depth()).toEqual({ waiting: 0, latenessMs: 0 });
    });

    it('never lets passes of one run overlap, and loses no ticket scheduled during a pass', async () => {
      const first = Promise.withResolvers<void>();
      let passes = 0;
      let most = 0;
      queue.start(
        async (due) => {
          passes += 1;
          most = Math.max(most, passes);
          record(due);
          if (handed.length === 1) await first.promise;
          passes -= 1;
          return undefined;
        },
        { concurrency: 10 },
      );
      await queue.schedule(ticket('a'));
      await handedOut(1);
      await queue.schedule(ticket('a'));
      await queue.schedule(ticket('a', 50));
      await given.pass(100);
      expect(names()).toEqual(['a']);
      first.resolve();
      await handedOut(2);
      await given.pass(100);
      expect(names()).toEqual(['a', 'a']);
      expect(most).toBe(1);
    });

    it('of a ticket scheduled during a pass and the one that the pass answers, keeps the earlier', async () => {
      const first = Promise.withResolvers<void>();
      queue.start(
        async (due) => {
          record(due);
          if (handed.length > 1) return undefined;
          await first.promise;
          return { runId: due.runId, dueAt: given.now() + 60_000 };
        },
        { concurrency: 1 },
      );
      await queue.schedule(ticket('a'));
      await handedOut(1);
      await queue.schedule(ticket('a', 100));
      first.resolve();
      await given.pass(100);
      await handedOut(2);
      expect(await queue.depth()).toMatchObject({ waiting: 0 });
    });

    it('works on at most as many tickets at once as it was told, and on that many', async () => {
      const releases: (() => void)[] = [];
      let atOnce = 0;
      let most = 0;
      queue.start(
        async (due) => {
          atOnce += 1;
          most = Math.max(most, atOnce);
          record(due);
          await new Promise<void>((resolve) => releases.push(resolve));
          atOnce -= 1;
          return undefined;
        },
        { concurrency: 3 },
      );
      for (let run = 0; run < 7; run += 1) await queue.schedule(ticket(`run-${run}`));
      await handedOut(3);
      await given.pass(100);
      expect(handed).toHaveLength(3);
      for (let done = 1; done <= 7; done += 1) {
        await handedOut(Math.min(done + 2, 7));
        releases.shift()!();
      }
      expect(most).toBe(3);
      expect(new Set(names()).size).toBe(7);
    });

    it('begins no more passes in a second than it was told, and all of them in time', async () => {
      queue.start(
        async (due) => {
          record(due);
          return undefined;
        },
        { concurrency: 10, passesPerSecond: 20 },
      );
      const start = given.now();
      for (let run = 0; run < 12; run += 1) await queue.schedule(ticket(`run-${run}`));
      for (let count = 1; count <= 12; count += 1) {
        await given.pass(50);
        if (count > 4) await handedOut(count - 4);
      }
      await given.pass(200);
      await handedOut(12);
      // A tenth of a second's passes may come at once at the beginning.
      for (const [index, { at }] of handed.entries()) expect(at - start).toBeGreaterThanOrEqual((index - 3) * 50);
      expect(new Set(names()).size).toBe(12);
    });

    it('hands a ticket out again, after ever longer waits, when the handler throws', async () => {
      queue.start(
        async (due) => {
          record(due);
          if (handed.length <= 5) throw new Error(`failure ${handed.length}`);
          return undefined;
        },
        { concurrency: 1 },
      );
      await queue.schedule(ticket('a'));
      await handedOut(1);
      for (let count = 2; count <= 6; count += 1) {
        await given.pass(2 ** (count - 2));
        await handedOut(count);
      }
      const waits = handed.slice(1).map(({ at }, index) => at - handed[index]!.at);
      for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(2 ** index);
      expect(await queue.depth()).toMatchObject({ waiting: 0 });
    });

    it('lets other runs go on while one fails', async () => {
      queue.start(
        async (due) => {
          record(due);
          if (due.runId === 'default/bad') throw new Error('broken');
          return undefined;
        },
        { concurrency: 1 },
      );
      await queue.schedule(ticket('bad'));
      await queue.schedule(ticket('good'));
      await given.pass(5);
      await handedOut(3);
      expect(names()).toContain('good');
    });

    it('stops: waits for the passes in progress, hands out nothing more, keeps the rest', async () => {
      const release = Promise.withResolvers<void>();
      let isPassDone = false;
      queue.start(
        async (due) => {
          record(due);
          await release.promise;
          isPassDone = true;
          return { runId: due.runId, dueAt: due.dueAt };
        },
        { concurrency: 1 },
      );
      await queue.schedule(ticket('a'));
      await handedOut(1);
      await queue.schedule(ticket('b', 10));
      const stopped = queue.stop().then(() => isPassDone);
      await given.pass(100);
      release.resolve();
      expect(await stopped).toBe(true);
      await given.pass(100);
      expect(names()).toEqual(['a']);
      expect(await queue.depth()).toMatchObject({ waiting: 2 });
      startRecording();
      await handedOut(3);
      expect(names().slice(1).toSorted()).toEqual(['a', 'b']);
    });

    it('tells how many tickets wait and how late the most overdue one is', async () => {
      expect(await queue.depth()).toEqual({ waiting: 0, latenessMs: 0 });
      await queue.schedule(ticket('later', 60_000));
      expect(await queue.depth()).toEqual({ waiting: 1, latenessMs: 0 });
      await queue.schedule(ticket('due', 100));
      await given.pass(350);
      const { waiting, latenessMs } = await queue.depth();
      expect(waiting).toBe(2);
      expect(latenessMs).toBeGreaterThanOrEqual(250);
      expect(latenessMs).toBeLessThan(2_000);
    });

    it('knows whether somebody takes tickets', async () => {
      expect(await queue.workers()).toBe(0);
      startRecording();
      await queue.schedule(ticket('a'));
      await handedOut(1);
      expect(await queue.workers()).toBe(1);
      await queue.stop();
      await expect.poll(() => queue.workers()).toBe(0);
    });

    it('takes a thousand runs that are due at once, each exactly once', async () => {
      startRecording(20);
      const runs = Array.from({ length: 1_000 }, (_, index) => `run-${index}`);
      await Promise.all(runs.map((run) => queue.schedule(ticket(run))));
      await handedOut(1_000);
      expect(names().toSorted()).toEqual(runs.toSorted());
    });
  });
}
