import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../services/engine/ports.ts';
import { StoreError } from '../../../services/engine/ports.ts';
import { ChangeFeed } from '../../../services/store/change-feed.ts';
import { entryOf } from '../../../services/store/document.ts';

const changeAt = (revision: number): Change => ({
  type: 'ADDED',
  revision,
  document: { apiVersion: 'v1', kind: 'AnalysisRun', metadata: { name: `run-${revision}`, namespace: 'default' } },
});
const runs = { kind: 'AnalysisRun' } as const;
const next = (feed: ChangeFeed, from: number) => feed.watch(runs, from, new AbortController().signal).next();

describe('the feed of changes', () => {
  it('forgets the older half when documents are large, however few they are', async () => {
    const feed = new ChangeFeed(0);
    for (let revision = 1; revision <= 70; revision += 1) feed.publish(entryOf(changeAt(revision), 1024 * 1024));
    await expect(next(feed, 10)).rejects.toMatchObject({ code: 'expired' });
    expect((await next(feed, 40)).value).toEqual(changeAt(41));
    for (let revision = 71; revision <= 1_000; revision += 1) feed.publish(entryOf(changeAt(revision), 1024 * 1024));
    expect((await next(feed, 980)).value).toEqual(changeAt(981));
  });

  it.each([5, 7])('takes no change but the next: revision %i after 5 is a bug', (revision) => {
    const feed = new ChangeFeed(5);
    expect(() => feed.publish(entryOf(changeAt(revision), 10))).toThrow(`revision ${revision} published after 5`);
  });

  it('ends its watches with the error that it is closed with', async () => {
    const feed = new ChangeFeed(0);
    const waiting = next(feed, 0);
    feed.close(new StoreError('unavailable', 'the thread is gone'));
    await expect(waiting).rejects.toThrow('the thread is gone');
    await expect(next(feed, 0)).rejects.toThrow('the thread is gone');
  });

  it('keeps nothing of a watch that ended', async () => {
    const feed = new ChangeFeed(0);
    const { signal } = new AbortController();
    const watch = feed.watch(runs, 0, signal);
    const first = watch.next();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    feed.publish(entryOf(changeAt(1), 10));
    await first;
    await watch.return();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
