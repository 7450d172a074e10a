import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** By what it is of, in bytes. Not every sample has everything. */
export type Sample = Readonly<Record<string, number>>;

const ANSWERS_WITHIN_MS = 30_000;

/** Resident memory of a process. */
export function residentOf(pid: number): number {
  const pages = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return Number(pages) * 1024;
}

/** With these variables a process tells its live heap, into the folder. */
export function tellingHeap(folder: string): NodeJS.ProcessEnv {
  const preload = new URL('./live-heap.mjs', import.meta.url).href;
  return { ...process.env, NODE_OPTIONS: `--import=${preload}`, LIVE_HEAPS: folder };
}

/** What the process' heap holds when nothing is left in it to be collected: between collections its size says nothing. */
export async function liveHeapOf(pid: number, folder: string): Promise<number> {
  const file = join(folder, String(pid));
  process.kill(pid, 'SIGUSR2');
  for (const deadline = Date.now() + ANSWERS_WITHIN_MS; Date.now() < deadline; await sleep(20)) {
    const bytes = Number(textOf(file));
    if (bytes === 0) continue;
    rmSync(file);
    return bytes;
  }
  throw new Error(`process ${pid} does not tell its heap`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Redis looks at five by itself: of two hundred megabytes of Events it was then wrong by as much as all the rest has to be level by. */
const SIZES_LOOKED_AT = 1_000;

/**
 * What Redis holds for Assay. Apart from what has to be level: Events, which are kept for an hour, as in Kubernetes, so that they only come in a soak that
 * is shorter; and the history of changes, which fills up to a bound of its own.
 */
export async function memoryOfRedis(redis: Redis, prefix: string): Promise<Sample> {
  const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
  const sizeOf = async (key: string): Promise<number> =>
    (await redis.memory('USAGE', `{${prefix}}:${key}`, 'SAMPLES', SIZES_LOOKED_AT)) ?? 0;
  const [documents, index, changes] = await Promise.all(['documents:Event', 'index:Event', 'changes'].map(sizeOf));
  const events = documents! + index!;
  return { 'the rest of Redis': used - events - changes!, [EVENTS]: events, [HISTORY]: changes! };
}

const EVENTS = 'Events in Redis';
const HISTORY = 'the history in Redis';

/** Why more is expected, where it is. */
export const GROWS: Readonly<Record<string, string>> = { [EVENTS]: 'kept for an hour', [HISTORY]: 'up to its bound' };

export interface Level {
  readonly of: string;
  /** Bytes, in the mean. */
  readonly first: number;
  readonly last: number;
  /** Undefined where more is expected. */
  readonly isLevel: boolean | undefined;
}

/** The first third of the samples beside the last; level is what has not grown by more than the ratio. */
export function levels(samples: readonly Sample[], mostGrowth: number): readonly Level[] {
  const third = Math.floor(samples.length / 3);
  if (third === 0) throw new Error(`${samples.length} samples are too few to compare thirds`);
  const typical = (of: string, part: readonly Sample[]): number => {
    const sizes = part.flatMap((sample) => sample[of] ?? []);
    return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  };
  const all = new Set(samples.flatMap((sample) => Object.keys(sample)));
  return [...all].map((of) => {
    const first = typical(of, samples.slice(0, third));
    const last = typical(of, samples.slice(-third));
    return { of, first, last, isLevel: of in GROWS ? undefined : last <= first * (1 + mostGrowth) };
  });
}
