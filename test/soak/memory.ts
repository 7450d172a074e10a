import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** By what it is of, in bytes. */
export type Sample = Readonly<Record<string, number>>;

const ANSWERS_WITHIN_MS = 30_000;
const HEAP = ', heap';

/** Resident memory of a process, and its JavaScript heap where it shows metrics. */
export async function memoryOf(name: string, pid: number, metrics: string): Promise<Sample> {
  const text = await (await fetch(metrics, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) })).text();
  const heap = /^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1];
  return { [`${name}, resident`]: residentOf(pid), [name + HEAP]: Number(heap) };
}

/**
 * What Redis holds for Assay. Apart from what has to be level: Events, which are kept for an hour, as in Kubernetes, so that they only come in a soak that
 * is shorter; and the history of changes, which fills up to a bound of its own.
 */
export async function memoryOfRedis(redis: Redis, prefix: string): Promise<Sample> {
  const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
  const sizeOf = async (key: string): Promise<number> => (await redis.memory('USAGE', `{${prefix}}:${key}`)) ?? 0;
  const [documents, index, changes] = await Promise.all(['documents:Event', 'index:Event', 'changes'].map(sizeOf));
  const events = documents! + index!;
  return { 'the rest of Redis': used - events - changes!, [EVENTS]: events, [HISTORY]: changes! };
}

const EVENTS = 'Events in Redis';
const HISTORY = 'the history in Redis';

/** Why more is expected, where it is. */
export const GROWS: Readonly<Record<string, string>> = { [EVENTS]: 'kept for an hour', [HISTORY]: 'up to its bound' };

function residentOf(pid: number): number {
  const pages = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return Number(pages) * 1024;
}

export interface Level {
  readonly of: string;
  /** Bytes in the mean; of a heap the least, which is what is left after it was collected. */
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
    const sizes = part.map((sample) => sample[of]!);
    return of.endsWith(HEAP) ? Math.min(...sizes) : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  };
  return Object.keys(samples[0]!).map((of) => {
    const first = typical(of, samples.slice(0, third));
    const last = typical(of, samples.slice(-third));
    return { of, first, last, isLevel: of in GROWS ? undefined : last <= first * (1 + mostGrowth) };
  });
}
