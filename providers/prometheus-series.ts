import { alignSamples, completeSteps } from './align-samples.ts';
import { ProviderError, type Series, type SeriesRange } from './contract.ts';
import type { PrometheusAnswer } from './prometheus-answer.ts';

/**
 * A range as samples for the judge. Only steps that have ended are asked for: Prometheus would fill the present and the near future with its last
 * sample.
 */
export async function readSeries(
  query: string,
  range: SeriesRange,
  nowMs: number,
  ask: (range: SeriesRange) => Promise<PrometheusAnswer>,
): Promise<readonly Series[]> {
  const { startMs, stepMs, count } = completeSteps(range, nowMs);
  const { data, warnings } = await ask({ startMs, endMs: startMs + (count - 1) * stepMs, stepMs });
  if (data.type !== 'matrix') throw new ProviderError('refused', `unexpected value type "${data.type}"`);
  return data.series.map(({ metric, points }) => {
    const { __name__: name = query, ...tags } = metric;
    // Seconds with a fraction: rounding gives back the millisecond that was asked for.
    const samples = points.map(([seconds, value]) => [Math.round(seconds * 1000), value] as const);
    const { notes = [], ...aligned } = alignSamples(samples, range, nowMs);
    const all = [...notes, ...warnings];
    return { name, tags, ...aligned, ...(all.length > 0 && { notes: all }) };
  });
}
