import { useMemo } from 'preact/hooks';
import type { Threshold } from '../../../../analysis/threshold.ts';
import { shortNumber } from '../../../../charts/scale.ts';
import type { Measurement } from '../../../../domain/run.ts';
import { phasePoints } from '../../components/phase-points.ts';
import { type ChartLine, TimeChart } from '../../components/time-chart.tsx';
import { metricSeries, type NumberSeries } from './metric-series.ts';

const COLOURS = ['--series', '--canary', '--baseline', '--unsure', '--error', '--quiet'];
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2], [12, 4]];

/** A metric's numbers over time, each measurement in the shape of its phase, with the lines of its conditions. */
export function MetricChart({
  name,
  measurements,
  thresholds,
}: {
  readonly name: string;
  readonly measurements: readonly Measurement[];
  readonly thresholds: readonly Threshold[];
}) {
  const known = useMemo(() => metricSeries(measurements), [measurements]);
  const series = useMemo(
    () =>
      known.series.map(({ label, values }, index) => ({
        label,
        values,
        colour: COLOURS[index % COLOURS.length]!,
        dash: DASHES[index % DASHES.length]!,
      })),
    [known],
  );
  const lines = useMemo(() => thresholds.flatMap((one) => lineOf(one, known.series)), [thresholds, known]);
  const draw = useMemo(
    () =>
      phasePoints(
        known.measurements.map(({ phase }) => phase),
        known.series[0]?.values,
      ),
    [known],
  );
  const readout = useMemo(
    () => (index: number) => {
      const one = known.measurements[index];
      return one === undefined ? '' : [one.phase, one.value, one.message].filter(Boolean).join(' · ').slice(0, 200);
    },
    [known],
  );
  // One number without a line to stand against says no more than its text does.
  const isTelling = known.times.length > 1 || lines.length > 0;
  if (known.series.length === 0 || !isTelling) return null;
  return (
    <TimeChart
      label={chartText(name, known.series, lines)}
      times={known.times}
      series={series}
      lines={lines}
      draw={draw}
      readout={readout}
    />
  );
}

/** A line for each number of the value that the condition is about. */
function lineOf({ field, operator, value, element, member }: Threshold, series: readonly NumberSeries[]): ChartLine[] {
  const isDrawn = series.some(
    (one) =>
      (element === undefined && member === undefined) ||
      (member !== undefined && one.member === member) ||
      (element !== undefined && (one.element === element || element < 0 || one.element === undefined)),
  );
  if (!isDrawn) return [];
  const place = member !== undefined ? `.${member}` : element !== undefined && series.length > 1 ? `[${element}]` : '';
  const isFailure = field === 'failureCondition';
  return [
    {
      value,
      label: `${isFailure ? 'fails' : 'succeeds'}: result${place} ${operator} ${shortNumber(value)}`,
      colour: isFailure ? '--bad' : '--good',
    },
  ];
}

function chartText(name: string, series: readonly NumberSeries[], lines: readonly ChartLine[]): string {
  const parts = series.map(({ label, values }) => {
    const numbers = values.filter((value) => value !== null);
    if (numbers.length === 0) return `${label}: no finite numbers`;
    const low = numbers.reduce((one, other) => Math.min(one, other));
    const high = numbers.reduce((one, other) => Math.max(one, other));
    return `${label}: ${numbers.length} of ${values.length} values, from ${shortNumber(low)} to ${shortNumber(high)}, last ${shortNumber(numbers.at(-1))}`;
  });
  return [`Chart of ${name} over time`, ...parts, ...lines.map(({ label }) => label)].join('; ');
}
