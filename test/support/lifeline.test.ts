import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

const LIFELINE = new URL('./lifeline.ts', import.meta.url).href;

const HOLDER = `
  import { spawn } from 'node:child_process';
  import { holdLifeline } from '${LIFELINE}';
  const [held, released] = [1, 2].map(() => spawn('sleep', ['60'], { stdio: 'ignore', detached: true }).pid);
  holdLifeline(held, process.argv[1]);
  holdLifeline(released, process.argv[1])();
  console.log(held, released);
  setInterval(() => {}, 1000);`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('ends what is held and removes its folder when the holder is killed, and leaves what was released', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-lifeline-'));
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder]);
  const [line] = (await once(holder.stdout, 'data')) as [Buffer];
  const [held, released] = line.toString().split(' ').map(Number) as [number, number];
  expect([held, released].map(isAlive)).toEqual([true, true]);
  holder.kill('SIGKILL');
  await vi.waitFor(() => {
    expect(isAlive(held)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  }, 5_000);
  expect(isAlive(released)).toBe(true);
  process.kill(released, 'SIGKILL');
});
