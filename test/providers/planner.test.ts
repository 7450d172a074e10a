import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../providers/contract.ts';
import { type AccountLimits, createPlanner, type PlannedWait } from '../../providers/planner.ts';
import { settled, TestClock } from '../support/clock.ts';

const NONE: AccountLimits = { concurrency: 100, requestsPerSecond: 0, retries: 0 };

/** A planner on a clock that stands still, and a source that answers when told. */
function bench(limits: Partial<AccountLimits> = {}, shareWindowMs = 1000) {
  const clock = new TestClock(0);
  const waits: PlannedWait[] = [];
  const planner = createPlanner(clock, {
    shareWindowMs,
    limits: (account) => ({ ...NONE, ...(account === 'a' ? limits : {}) }),
    onWait: (wait) => waits.push(wait),
  });
  const asked: {
    at: number;
    signal: AbortSignal;
    resolve: (value: unknown) => void;
    reject: (error: unknown) => void;
  }[] = [];
  const ask = (signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => asked.push({ at: clock.now(), signal, resolve, reject }));
  /** The question at this place, once it has been asked. */
  const question = async (index: number) => {
    await settled();
    const found = asked[index];
    if (found === undefined) throw new Error(`only ${asked.length} questions were asked`);
    return found;
  };
  let callers = 0;
  const run = (
    shareKey: string | undefined,
    {
      account = 'a',
      signal = new AbortController().signal,
      consumer = `run ${callers++}`,
      wantedSinceMs = undefined as number | undefined,
    } = {},
  ) => planner.run({ account, shareKey, consumer, wantedSinceMs, signal, ask });
  return { clock, planner, asked, question, waits, run };
}

describe('equal calls', () => {
  it('share one answer while it is on its way', async () => {
    const { asked, question, run } = bench();
    const both = Promise.all([run('k'), run('k')]);
    (await question(0)).resolve(7);
    expect(await both).toEqual([
      { answer: 7, shared: false },
      { answer: 7, shared: true },
    ]);
    expect(asked).toHaveLength(1);
  });

  it('never serve one answer to the same run and metric twice', async () => {
    const { question, run, asked } = bench();
    const first = run('k', { consumer: 'mine' });
    (await question(0)).resolve(1);
    await first;
    expect(await run('k', { consumer: 'other' })).toEqual({ answer: 1, shared: true });
    const again = run('k', { consumer: 'mine' });
    (await question(1)).resolve(2);
    expect(await again).toEqual({ answer: 2, shared: false });
    expect(await run('k', { consumer: 'other' })).toEqual({ answer: 2, shared: true });
    expect(asked).toHaveLength(2);
  });

  it('share it after the window with those who wanted it before it was asked for', async () => {
    const { question, run, clock, asked } = bench();
    await clock.advanceTo(5000);
    const first = run('k', { wantedSinceMs: 4000 });
    (await question(0)).resolve(1);
    await first;
    await clock.advanceTo(20_000);
    expect(await run('k', { wantedSinceMs: 5000 })).toEqual({ answer: 1, shared: true });
    const later = run('k', { wantedSinceMs: 5001 });
    (await question(1)).resolve(2);
    expect(await later).toEqual({ answer: 2, shared: false });
    expect(asked).toHaveLength(2);
  });

  it('share it for the window after it came, and no longer', async () => {
    const { question, run, clock } = bench();
    const first = run('k');
    (await question(0)).resolve(1);
    await first;
    await clock.advanceTo(999);
    expect(await run('k')).toEqual({ answer: 1, shared: true });
    await clock.advanceTo(1000);
    const later = run('k');
    await settled();
    (await question(1)).resolve(2);
    expect(await later).toEqual({ answer: 2, shared: false });
  });

  it('share nothing that has come when the window is 0', async () => {
    const { asked, question, run } = bench({}, 0);
    const first = run('k');
    (await question(0)).resolve(1);
    await first;
    void run('k');
    await settled();
    expect(asked).toHaveLength(2);
  });

  it('share a failure too, so that a source in trouble is not asked by everybody', async () => {
    const { asked, question, run } = bench();
    const first = run('k');
    (await question(0)).reject(new ProviderError('unavailable', 'down'));
    await expect(first).rejects.toThrow('down');
    await expect(run('k')).rejects.toThrow('down');
    expect(asked).toHaveLength(1);
  });

  it('go on for the others when one gives up, and end when the last does', async () => {
    const { asked, run } = bench();
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [run('k', { signal: one.signal }), run('k', { signal: two.signal })];
    one.abort(new Error('enough'));
    await expect(calls[0]).rejects.toThrow('enough');
    expect(asked[0]?.signal.aborted).toBe(false);
    two.abort(new Error('enough too'));
    await expect(calls[1]).rejects.toThrow('enough too');
    expect(asked[0]?.signal.aborted).toBe(true);
    // A new call does not inherit what was given up.
    void run('k').catch(() => {});
    await settled();
    expect(asked).toHaveLength(2);
  });

  it('are told apart by their key, and never shared without one', async () => {
    const { asked, run } = bench();
    for (const key of ['k', 'l', undefined, undefined]) void run(key);
    await settled();
    expect(asked).toHaveLength(4);
  });
});

describe('an account', () => {
  it('is asked no more at once than its concurrency, in order, and the others are not held up', async () => {
    const { asked, question, run, waits, clock } = bench({ concurrency: 2 });
    const calls = [1, 2, 3].map(() => run(undefined));
    void run(undefined, { account: 'b' });
    await settled();
    expect(asked).toHaveLength(3);
    await clock.advance(50);
    (await question(0)).resolve(1);
    await calls[0];
    await settled();
    expect(asked).toHaveLength(4);
    expect(waits).toEqual([{ account: 'a', reason: 'concurrency', ms: 50 }]);
  });

  it('gives its place on when a waiting call gives up', async () => {
    const { asked, question, run } = bench({ concurrency: 1 });
    const controller = new AbortController();
    const calls = [run(undefined), run(undefined, { signal: controller.signal }), run(undefined)];
    await settled();
    controller.abort(new Error('enough'));
    await expect(calls[1]).rejects.toThrow('enough');
    (await question(0)).resolve(1);
    await settled();
    expect(asked).toHaveLength(2);
  });

  it('is asked no faster than its rate', async () => {
    const { asked, run, clock, waits } = bench({ requestsPerSecond: 4 });
    for (let i = 0; i < 4; i += 1) void run(undefined);
    await clock.advanceTo(1000);
    expect(asked.map(({ at }) => at)).toEqual([0, 250, 500, 750]);
    expect(waits.map(({ reason, ms }) => `${reason} ${ms}`)).toEqual(['rate 250', 'rate 500', 'rate 750']);
  });

  it('is left alone until its Retry-After is over', async () => {
    const { asked, question, run, clock, waits } = bench();
    const first = run(undefined);
    (await question(0)).reject(new ProviderError('unavailable', '429', { retryAt: 7000 }));
    await expect(first).rejects.toThrow('429');
    void run(undefined);
    void run(undefined, { account: 'b' });
    await clock.advanceTo(6999);
    expect(asked.map(({ at }) => at)).toEqual([0, 0]);
    await clock.advanceTo(7000);
    expect(asked.map(({ at }) => at)).toEqual([0, 0, 7000]);
    expect(waits).toEqual([{ account: 'a', reason: 'retry-after', ms: 7000 }]);
  });

  it('is asked again after a minute however long a pause it wants', async () => {
    const { asked, run, clock, planner } = bench();
    planner.postpone('a', 86_400_000);
    void run(undefined);
    await clock.advanceTo(60_000);
    expect(asked.map(({ at }) => at)).toEqual([60_000]);
  });
});

describe('retries', () => {
  it('are off by default', async () => {
    const { asked, question, run } = bench();
    const call = run(undefined);
    (await question(0)).reject(new ProviderError('unavailable', 'down'));
    await expect(call).rejects.toThrow('down');
    expect(asked).toHaveLength(1);
  });

  it('come with growing pauses, for passing faults only', async () => {
    const { asked, question, run, clock } = bench({ retries: 2 });
    const call = run(undefined);
    const outcome = expect(call).rejects.toThrow('down 3');
    for (const [at, index] of [0, 250, 750].entries()) {
      await clock.advanceTo(index);
      (await question(at)).reject(new ProviderError('unavailable', `down ${at + 1}`));
    }
    await outcome;
    expect(asked.map(({ at }) => at)).toEqual([0, 250, 750]);

    const refused = run(undefined);
    await settled();
    (await question(3)).reject(new ProviderError('refused', 'bad query'));
    await expect(refused).rejects.toThrow('bad query');
    expect(asked).toHaveLength(4);
  });
});
