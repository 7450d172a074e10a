import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runVectors } from './run.ts';
import { suites } from './suites/index.ts';

/** Files none of whose cases bind: they inform. */
const INFORMING = ['providers/externalmetrics', 'providers/keptn'];

describe('vectors', () => {
  it.for(Object.keys(suites))('%s: every binding case passes', { timeout: 120_000 }, async (suite, { task }) => {
    const stem = new URL(`./data/${suite}`, import.meta.url).pathname;
    const file = existsSync(`${stem}.jsonl`) ? `${stem}.jsonl` : `${stem}.json`;
    const { failures, passed, skipped } = await runVectors(suite, file);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(INFORMING.includes(suite) ? skipped : passed).toBeGreaterThan(0);
    Object.assign(task.meta, { vectorsPassed: passed });
  });
});
