import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'assay-ci-'));
afterAll(() => rmSync(folder, { recursive: true }));

const passed = { status: 'passed', meta: {} };
const vectors = { status: 'passed', meta: { vectorsPassed: 40 } };
const failed = { status: 'failed', meta: {} };
const skipped = { status: 'skipped', meta: {} };

it.each([
  { name: 'all is well', results: [passed, passed, vectors], args: ['0', '0'], line: '42 passed, 0 failed', status: 0 },
  { name: 'a test failed', results: [passed, failed], args: ['1', '0'], line: '1 passed, 1 failed', status: 1 },
  { name: 'a check failed', results: [passed], args: ['0', '2'], line: '1 passed, 2 failed', status: 1 },
  {
    name: 'a test was skipped',
    results: [passed, skipped],
    args: ['0', '0'],
    line: '1 passed, 0 failed, 1 skipped',
    status: 0,
  },
  { name: 'no test ran', results: [], args: ['0', '0'], line: '0 passed, 1 failed', status: 1 },
  {
    name: 'a test file could not be loaded',
    results: [passed],
    args: ['1', '0'],
    line: '1 passed, 1 failed',
    status: 1,
  },
  { name: 'there is no report', results: undefined, args: ['137', '0'], line: '0 passed, 1 failed', status: 1 },
])('CI closes with the counts when $name', ({ results, args, line, status }) => {
  const report = join(folder, `${line}.json`);
  if (results !== undefined) writeFileSync(report, JSON.stringify({ testResults: [{ assertionResults: results }] }));
  const run = spawnSync('node', ['.ci/count.mjs', report, ...args], { encoding: 'utf8' });
  expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(run.status).toBe(status);
});
