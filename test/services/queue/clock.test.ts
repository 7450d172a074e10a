import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../services/queue/clock.ts';

const DAY_MS = 86_400_000;

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    { name: 'a time that is past', ms: -1 },
    { name: 'now', ms: 0 },
    { name: 'a second from now', ms: 1_000 },
    { name: 'a hundred days from now, beyond what a timer can hold', ms: 100 * DAY_MS },
  ])('wakes at $name, not before', async ({ ms }) => {
    const until = Date.now() + ms;
    let wokeAt: number | undefined;
    const sleep = systemClock.sleepUntil(until).then(() => {
      wokeAt = Date.now();
    });
    await vi.advanceTimersByTimeAsync(Math.max(0, ms - 1));
    expect(wokeAt).toBe(ms > 0 ? undefined : Date.now());
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
    expect(wokeAt).toBeGreaterThanOrEqual(until);
  });

  it('follows a wall clock that is set forward within a minute', async () => {
    const sleep = systemClock.sleepUntil(Date.now() + DAY_MS);
    vi.setSystemTime(Date.now() + DAY_MS);
    await vi.advanceTimersByTimeAsync(60_000);
    await sleep;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(['before', 'during'])(
    'ends with the reason of a signal aborted %s the sleep, leaving no timer',
    async (when) => {
      const reason = new Error('stop');
      const control = new AbortController();
      if (when === 'before') control.abort(reason);
      const sleep = systemClock.sleepUntil(Date.now() + 1_000, control.signal);
      if (when === 'during') control.abort(reason);
      await expect(sleep).rejects.toBe(reason);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});
