import { describe, expect, it } from 'vitest';
import type { Key } from '../../../services/engine/ports.ts';
import { DocumentCache } from '../../../services/store/document-cache.ts';

const keyOf = (name: string): Key => ({ kind: 'AnalysisRun', namespace: 'default', name });
const documentOf = (name: string) => ({ apiVersion: 'v1', kind: 'AnalysisRun', metadata: { name } });
const MEBI = 1024 * 1024;

describe('the cache of documents', () => {
  it.each([
    { name: 'many', documents: 30_000, characters: 100, kept: 20_000 },
    { name: 'large', documents: 100, characters: MEBI, kept: 64 },
  ])('lets the least recently used go when they are $name', ({ documents, characters, kept }) => {
    const cache = new DocumentCache();
    cache.set(keyOf('used'), documentOf('used'), characters);
    for (let index = 0; index < documents; index += 1) {
      cache.set(keyOf(`run-${index}`), documentOf(`run-${index}`), characters);
      expect(cache.get(keyOf('used'))).toEqual(documentOf('used'));
    }
    // One of the places is the used one's.
    const firstKept = documents - (kept - 1);
    expect(cache.get(keyOf(`run-${firstKept - 1}`))).toBeUndefined();
    expect(cache.get(keyOf(`run-${firstKept}`))).toBeDefined();
  });

  it('counts a document once, however often it is written, and not when it is gone', () => {
    const cache = new DocumentCache();
    cache.set(keyOf('other'), documentOf('other'), MEBI);
    for (let version = 0; version < 100; version += 1) cache.set(keyOf('a'), documentOf('a'), 40 * MEBI);
    cache.delete(keyOf('a'));
    cache.delete(keyOf('a'));
    cache.set(keyOf('b'), documentOf('b'), 63 * MEBI);
    expect([cache.get(keyOf('other')), cache.get(keyOf('a')), cache.get(keyOf('b'))]).toEqual([
      documentOf('other'),
      undefined,
      documentOf('b'),
    ]);
  });
});
