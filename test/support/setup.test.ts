import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SETUP = new URL('./setup.mjs', import.meta.url).pathname;

let emptyPath: string;
beforeAll(() => {
  emptyPath = mkdtempSync(join(tmpdir(), 'assay-path-'));
  symlinkSync(process.execPath, join(emptyPath, 'node'));
});
afterAll(() => rmSync(emptyPath, { recursive: true }));

it('has nothing to do, and says nothing, where everything is there', () => {
  expect(spawnSync('node', [SETUP, 'test'], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

it('names what is missing and how to get it where it may not install', () => {
  const { status, stderr } = spawnSync('node', [SETUP, 'demo'], { encoding: 'utf8', env: { PATH: emptyPath } });
  expect(status).toBe(1);
  expect(stderr).toContain('prometheus is missing. Debian, Ubuntu: apt-get install prometheus');
});

it('refuses a command it does not know', () => {
  const { status, stderr } = spawnSync('node', [SETUP, 'dmeo'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('unknown set-up "dmeo"; known: packages, demo, redis, test');
});

it('is called before every command that needs something', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  for (const name of [
    'assay',
    'start',
    'demo',
    'test',
    'vectors',
    'check',
    'bench',
    'chaos',
    'faults',
    'soak',
    'screenshots',
  ])
    expect(scripts[`pre${name}`], name).toContain('test/support/setup.mjs');
});
