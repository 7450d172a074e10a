import { numericValues } from '../../../../analysis/numeric-value.ts';
import { epochMs } from '../../../../domain/resource.ts';
import type { Measurement } from '../../../../domain/run.ts';

/** A metric's measurements as a chart draws them: by time, one series for each number of a value. */
export interface MetricSeries {
  /** Epoch milliseconds, rising. */
  readonly times: readonly number[];
  /** In the order of the times. */
  readonly measurements: readonly Measurement[];
  readonly series: readonly NumberSeries[];
}

export interface NumberSeries {
  /** `result`, `result[1]`, `result.rate`. */
  readonly label: string;
  readonly element?: number;
  readonly member?: string;
  /** One for each time; null where there was no finite number. */
  readonly values: readonly (number | null)[];
}

/** Of more numbers in one value than this, no chart tells anything. */
const MOST_SERIES = 6;
/** For times that cannot be read, after the one before. */
const STEP_MS = 1000;

export function metricSeries(measurements: readonly Measurement[]): MetricSeries {
  let last = 0;
  const dated = measurements.map((measurement) => {
    last = epochMs(measurement.startedAt) ?? epochMs(measurement.finishedAt) ?? last + STEP_MS;
    return { at: last, measurement };
  });
  dated.sort((one, other) => one.at - other.at);
  const series = new Map<string, { label: string; element?: number; member?: string; values: (number | null)[] }>();
  for (const [index, { measurement }] of dated.entries())
    for (const { element, member, value } of numericValues(measurement.value)) {
      const label = member === undefined ? `result${element === undefined ? '' : `[${element}]`}` : `result.${member}`;
      let one = series.get(label);
      if (one === undefined) {
        if (series.size === MOST_SERIES) continue;
        one = {
          label,
          ...(element !== undefined && { element }),
          ...(member !== undefined && { member }),
          values: new Array<number | null>(dated.length).fill(null),
        };
        series.set(label, one);
      }
      if (Number.isFinite(value)) one.values[index] = value;
    }
  return {
    times: dated.map(({ at }) => at),
    measurements: dated.map(({ measurement }) => measurement),
    series: [...series.values()],
  };
}
