import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../../services/engine/ports.ts';
import { embeddedQueue } from '../../../services/queue/embedded.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { startWorker } from '../../../services/wiring/worker.ts';
import { settled } from '../../support/clock.ts';
import { engineBench, verdict } from '../engine/harness.ts';

describe('a worker over a store that already holds runs', () => {
  it('does not wait for all of them to be looked at before it begins, and looks again when that fails', async () => {
    const stored = memoryStore();
    const gate = Promise.withResolvers<void>();
    let walks = 0;
    const store: Store = {
      ...stored,
      async *walk(selection) {
        walks += 1;
        if (walks === 1) await gate.promise;
        yield* stored.walk(selection);
      },
    };
    const bench = engineBench({ store });
    bench.measurer.onMeasure = () => verdict('Successful');
    const { clock, deps } = bench;
    const spec = { metrics: [{ name: 'rate', provider: { web: { url: 'http://metrics' } } }] };
    await bench.create(spec, 'left-behind');

    const queue = embeddedQueue(clock);
    const worker = await startWorker({ ...deps, queue }, { passesPerSecond: 0 }, false);
    const phase = async (name: string) => (await bench.run(name)).status?.phase;
    await bench.create(spec, 'new');
    await queue.schedule({ runId: 'default/new', dueAt: clock.now() });
    await settled();
    expect([await phase('new'), await phase('left-behind')]).toEqual(['Successful', undefined]);

    gate.reject(new Error('the disk is away'));
    await settled();
    expect(bench.logged.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'looking for runs without tickets failed; it comes again',
    ]);
    await clock.advance(2_000);
    expect([walks, await phase('left-behind')]).toEqual([2, 'Successful']);
    await worker.stop();
  });
});

describe('workers over one store', () => {
  afterEach(() => void vi.useRealTimers());

  it('look for runs without tickets at their start, and then one of them in each quarter of an hour', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stored = memoryStore();
    let walks = 0;
    const store: Store = {
      ...stored,
      walk(selection) {
        if (selection.kind === 'AnalysisRun') walks += 1;
        return stored.walk(selection);
      },
    };
    const { clock, deps } = engineBench({ store });
    const workers = await Promise.all(
      [1, 2, 3].map(() => startWorker({ ...deps, queue: embeddedQueue(clock) }, { passesPerSecond: 0 }, false)),
    );
    await settled();
    const seen = [walks];
    for (let quarter = 1; quarter <= 2; quarter += 1) {
      await clock.advance(15 * 60_000);
      await vi.advanceTimersByTimeAsync(15 * 60_000);
      await settled();
      seen.push(walks);
    }
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(seen).toEqual([3, 4, 5]);
  });
});
