/** How long `assay serve` takes to be ready, and what it keeps when it has nothing to do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAssay } from '../support/assay-server.ts';
import { type Bench, under } from './figure.ts';
import { residentMegabytes } from './resident-memory.ts';

const ROUNDS = 5;
const SECOND_STARTS = 3;
const IDLES_AFTER_MS = 5_000;

export const benchStartUp: Bench = async () => {
  const first: number[] = [];
  const second: number[] = [];
  let idle = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const data = await mkdtemp(join(tmpdir(), 'assay-bench-'));
    first.push(await timeToReady(data));
    for (let start = 0; start < SECOND_STARTS; start += 1) second.push(await timeToReady(data));
    await rm(data, { recursive: true });
  }
  const assay = await startAssay();
  await sleep(IDLES_AFTER_MS);
  idle = residentMegabytes(assay.program.pid);
  await assay.stop();
  return [
    under('first start, until ready (median)', median(first), 'ms', 2500),
    under('later starts, until ready (median)', median(second), 'ms', 1000),
    under('resident memory, idle', idle, 'MB', 130),
  ];
};

async function timeToReady(data: string): Promise<number> {
  const before = performance.now();
  const assay = await startAssay({ data });
  const elapsed = performance.now() - before;
  await assay.stop();
  return elapsed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
