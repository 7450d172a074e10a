import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutLateness } from '../../../services/analysis/due.ts';

describe('the moment from which the next interval is counted', () => {
  it.each([
    { name: 'a pass on time', endedAt: 60_250, lateMs: 0, want: 60_250 },
    { name: 'one that was late within the second', endedAt: 60_900, lateMs: 700, want: 60_200 },
    { name: 'one whose lateness begins with the second', endedAt: 60_700, lateMs: 700, want: 60_000 },
    { name: 'one that was due in the second before', endedAt: 61_300, lateMs: 400, want: 61_300 },
    { name: 'one that was late by more than a second', endedAt: 62_900, lateMs: 2_500, want: 62_400 },
  ])('$name', ({ endedAt, lateMs, want }) => {
    expect(withoutLateness(endedAt, lateMs)).toBe(want);
  });

  it('is never later than the end, never before the second that is stored of it, and keeps the rhythm where it can', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2e12 }), fc.integer({ min: 0, max: 1e6 }), (endedAt, late) => {
        const lateMs = Math.min(late, endedAt);
        const from = withoutLateness(endedAt, lateMs);
        expect(from).toBeLessThanOrEqual(endedAt);
        expect(Math.floor(from / 1000)).toBe(Math.floor(endedAt / 1000));
        if (from !== endedAt) expect(from % 1000).toBe((endedAt - lateMs) % 1000);
      }),
    );
  });
});
