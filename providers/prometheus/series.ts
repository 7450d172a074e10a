import { ProviderError, type Series, type SeriesRange } from '../contract.ts';
import type { PrometheusAnswer, Samples } from './response.ts';

/**
 * A range as samples for the judge: one a step, at multiples of the step, from the first that begins in the range to the last that has ended both in
 * the range and by now. (Prometheus would fill the present and the near future with its last sample.)
 */
export async function readSeries(
  query: string,
  { startMs, endMs, stepMs }: SeriesRange,
  nowMs: number,
  ask: (range: SeriesRange) => Promise<PrometheusAnswer>,
): Promise<readonly Series[]> {
  const firstMs = Math.ceil(startMs / stepMs) * stepMs;
  const count = Math.floor((Math.min(endMs, nowMs) - firstMs) / stepMs);
  if (count < 1)
    throw new ProviderError(
      'no-data',
      `no whole step of ${stepMs / 1000}s between ${iso(startMs)} and ${iso(Math.min(endMs, nowMs))}`,
    );
  const { data, warnings } = await ask({ startMs: firstMs, endMs: firstMs + (count - 1) * stepMs, stepMs });
  if (data.type !== 'matrix') throw new ProviderError('refused', `unexpected value type "${data.type}"`);

  const leftOut = Math.floor((endMs - firstMs) / stepMs) > count ? ['newest bucket incomplete, left out'] : [];
  const notes = [...leftOut, ...warnings];
  return data.series.map((samples) => {
    const { __name__: name = query, ...tags } = samples.metric;
    return {
      name,
      tags,
      startMs: firstMs,
      stepMs,
      values: onGrid(samples, firstMs, stepMs, count),
      ...(notes.length > 0 && { notes }),
    };
  });
}

/** A value for each step; NaN where there is none. */
function onGrid({ points }: Samples, firstMs: number, stepMs: number, count: number): Float64Array {
  const values = new Float64Array(count).fill(Number.NaN);
  for (const [seconds, value] of points) {
    const index = Math.round((seconds * 1000 - firstMs) / stepMs);
    if (index >= 0 && index < count) values[index] = value;
  }
  return values;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
