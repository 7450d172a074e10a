import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../services/engine/ports.ts';
import { takeTurn } from '../../../services/engine/take-turn.ts';
import { memoryStore } from '../../../services/store/memory.ts';

const EVERY_MS = 60_000;

describe('what one of all processes does now and then', () => {
  let now: number;
  let store: Store;
  let take: (work?: string) => Promise<boolean>;
  beforeEach(() => {
    now = Date.UTC(2026, 0, 1);
    store = memoryStore();
    take = (work = 'resync') => takeTurn({ store, clock: { now: () => now } }, work, EVERY_MS);
  });

  it('is done by one of those who ask at the same moment', async () => {
    expect((await Promise.all([take(), take(), take()])).filter(Boolean)).toHaveLength(1);
    now += EVERY_MS;
    expect((await Promise.all([take(), take(), take()])).filter(Boolean)).toHaveLength(1);
  });

  it.each([
    { afterMs: 0, isTaken: false },
    { afterMs: EVERY_MS / 2, isTaken: false },
    { afterMs: EVERY_MS - 5, isTaken: true },
    { afterMs: EVERY_MS * 3, isTaken: true },
    { afterMs: -EVERY_MS, isTaken: true },
  ])('is done again after its time, and not before: $afterMs ms', async ({ afterMs, isTaken }) => {
    expect(await take()).toBe(true);
    now += afterMs;
    expect(await take()).toBe(isTaken);
  });

  it('leaves alone a mark of another use that has the same name', async () => {
    const mark = { apiVersion: 'assay/v1', kind: 'Mark', metadata: { name: 'events', namespace: '' }, revision: 7 };
    const kept = await store.create(mark);
    expect(await take('events')).toBe(true);
    expect(await store.get({ kind: 'Mark', namespace: '', name: 'events' })).toEqual(kept);
  });

  it('keeps each work to itself', async () => {
    expect([await take('resync'), await take('events'), await take('resync')]).toEqual([true, true, false]);
  });
});
