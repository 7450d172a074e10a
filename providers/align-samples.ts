import { ProviderError, type Series, type SeriesRange } from './contract.ts';

/** The steps of a range that the judge compares on: multiples of the step, from the first that begins in the range to the last that has ended by now. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** Says so when steps of the range have not ended yet. */
  readonly notes: readonly string[];
}

/** Throws ProviderError `no-data` when no step has ended. */
export function completeSteps({ startMs, endMs, stepMs }: SeriesRange, nowMs: number): Grid {
  const firstMs = Math.ceil(startMs / stepMs) * stepMs;
  const until = Math.min(endMs, nowMs);
  const count = Math.floor((until - firstMs) / stepMs);
  if (count < 1)
    throw new ProviderError('no-data', `no whole step of ${stepMs / 1000}s between ${iso(startMs)} and ${iso(until)}`);
  const isCut = Math.floor((endMs - firstMs) / stepMs) > count;
  return { startMs: firstMs, stepMs, count, notes: isCut ? ['newest bucket incomplete, left out'] : [] };
}

/** Samples at any times, put on the grid. A step without a sample is NaN; of several numbers in one step the last counts. */
export function alignSamples(
  samples: Iterable<readonly [timeMs: number, value: number]>,
  range: SeriesRange,
  nowMs: number,
): Pick<Series, 'startMs' | 'stepMs' | 'values' | 'notes'> {
  const { startMs, stepMs, count, notes } = completeSteps(range, nowMs);
  const values = new Float64Array(count).fill(Number.NaN);
  for (const [timeMs, value] of samples) {
    const step = Math.floor((timeMs - startMs) / stepMs);
    if (step >= 0 && step < count && !Number.isNaN(value)) values[step] = value;
  }
  return { startMs, stepMs, values, ...(notes.length > 0 && { notes }) };
}

const iso = (ms: number): string => new Date(ms).toISOString();
