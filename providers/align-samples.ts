import { ProviderError, type Series, type SeriesRange } from './contract.ts';

/**
 * Samples at any times, put on the grid that the judge compares on: multiples of the step, the first that begins in the range up to the last that has
 * ended by now. A slot without a sample is NaN; of several samples in one slot the last counts.
 */
export function alignSamples(
  samples: Iterable<readonly [timeMs: number, value: number]>,
  { startMs, endMs, stepMs }: SeriesRange,
  nowMs: number,
): Pick<Series, 'startMs' | 'stepMs' | 'values' | 'notes'> {
  const firstMs = Math.ceil(startMs / stepMs) * stepMs;
  const complete = Math.floor((Math.min(endMs, nowMs) - firstMs) / stepMs);
  if (complete < 1)
    throw new ProviderError(
      'no-data',
      `no whole step of ${stepMs / 1000}s between ${iso(startMs)} and ${iso(Math.min(endMs, nowMs))}`,
    );
  const values = new Float64Array(complete).fill(Number.NaN);
  for (const [timeMs, value] of samples) {
    const slot = Math.floor((timeMs - firstMs) / stepMs);
    if (slot >= 0 && slot < complete) values[slot] = value;
  }
  const isCut = Math.floor((endMs - firstMs) / stepMs) > complete;
  return { startMs: firstMs, stepMs, values, ...(isCut && { notes: ['newest bucket incomplete, left out'] }) };
}

const iso = (ms: number): string => new Date(ms).toISOString();
