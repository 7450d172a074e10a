import { describe, expect, it } from 'vitest';
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
