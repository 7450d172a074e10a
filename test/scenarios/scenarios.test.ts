import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { memoryStore } from '../../services/store/memory.ts';
import { sqliteStore } from '../../services/store/sqlite.ts';
import { play, readScenarios } from './scenario.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const stores = {
  memory: async () => memoryStore(),
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-scenario-'));
    folders.push(folder);
    return sqliteStore(folder);
  },
};

describe.each(Object.entries(stores))('on the %s store', (_, open) => {
  it.each(readScenarios())('$file: $scenario.scenario', async ({ scenario }) => {
    const store = await open();
    try {
      const { events, warnings, ...expected } = scenario.expect;
      const played = await play(scenario, store);
      expect(played).toMatchObject(expected);
      // What is not expected must not be there: a verdict without a word on it has no message, no warning and no completion.
      expect(played.message).toBe(expected.message ?? '');
      expect(played.completedAfter).toBe(expected.completedAfter);
      expect(played.warnings).toEqual(warnings ?? []);
      if (events !== undefined) expect([...(played.events ?? [])].sort()).toEqual([...events].sort());
    } finally {
      await store.close();
    }
  });
});
