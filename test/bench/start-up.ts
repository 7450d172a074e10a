/** How long `assay serve` takes to be ready, and what it keeps when it has nothing to do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAssay } from '../support/assay-server.ts';
import { type Bench, under } from './figure.ts';
import { residentMegabytes } from './resident-memory.ts';

const ROUNDS = 3;
const LATER_STARTS = 2;
const IDLES_AFTER_MS = 3_000;

interface Started {
  readonly readyMs: number;
  readonly idleMegabytes: number;
}

/** Later starts find the compile cache of the first one in the data folder, and do without the compiler. */
export const benchStartUp: Bench = async () => {
  const first: Started[] = [];
  const later: Started[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const data = await mkdtemp(join(tmpdir(), 'assay-bench-'));
    first.push(await start(data));
    for (let again = 0; again < LATER_STARTS; again += 1) later.push(await start(data));
    await rm(data, { recursive: true });
  }
  const ready = (started: readonly Started[]) => median(started.map(({ readyMs }) => readyMs));
  const idle = (started: readonly Started[]) => median(started.map(({ idleMegabytes }) => idleMegabytes));
  return [
    under('first start, until ready', ready(first), 'ms', 2500),
    under('later starts, until ready', ready(later), 'ms', 1000),
    { name: 'resident memory, idle after the first start', value: idle(first), unit: 'MB' },
    under('resident memory, idle after later starts', idle(later), 'MB', 130),
  ];
};

async function start(data: string): Promise<Started> {
  const before = performance.now();
  const assay = await startAssay({ data });
  const readyMs = performance.now() - before;
  await sleep(IDLES_AFTER_MS);
  const idleMegabytes = residentMegabytes(assay.program.pid);
  await assay.stop();
  return { readyMs, idleMegabytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
