import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shortNumber } from '../../../charts/scale.ts';
import { clockTime, timeTicks } from '../format/time.ts';
import { colourOf, onColours } from '../theme.ts';

export interface ChartSeries {
  readonly label: string;
  /** A token of tokens.css: `--canary`. */
  readonly colour: string;
  /** One for each time; null is a gap. */
  readonly values: readonly (number | null)[];
  /** How a line is told from another without its colour. */
  readonly dash?: readonly number[];
}

export interface ChartLine {
  readonly value: number;
  readonly label: string;
  readonly colour: string;
}

export interface TimeChartProps {
  /** What it shows, in words: it is all that a screen reader gets, so a table with the numbers stands nearby. */
  readonly label: string;
  /** Epoch milliseconds, rising. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Horizontal lines, such as thresholds. */
  readonly lines?: readonly ChartLine[];
  readonly height?: number;
  /** Draws over the series. */
  readonly draw?: (chart: uPlot) => void;
  /** What is said below the chart of the point under the pointer; its time comes first. */
  readonly readout?: (index: number) => string;
}

/** Numbers over time, as wide as the place it gets. */
export function TimeChart(props: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const said = useRef<HTMLParagraphElement>(null);
  const { label, height = 200 } = props;
  useEffect(() => {
    const element = place.current!;
    let chart: uPlot | undefined;
    const build = () => {
      chart?.destroy();
      const options = optionsOf(props, element.clientWidth || 600, height);
      options.hooks!.setCursor = [
        ({ cursor: { idx } }) => {
          if (said.current !== null) said.current.textContent = sayPoint(props, idx);
        },
      ];
      chart = new uPlot(options, dataOf(props), element);
    };
    build();
    const observer = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const stopColours = onColours(build);
    return () => {
      observer.disconnect();
      stopColours();
      chart?.destroy();
    };
  }, [props.times, props.series, props.lines, props.draw, props.readout, height]);
  return (
    <div class="chart">
      <div role="img" aria-label={label} ref={place} />
      <p class="readout" aria-hidden="true" ref={said} />
    </div>
  );
}

function sayPoint(props: TimeChartProps, index: number | null | undefined): string {
  const time = typeof index === 'number' ? props.times[index] : undefined;
  if (time === undefined || typeof index !== 'number') return '';
  const values = props.series.map(({ label, values }) => `${label} ${values[index] ?? '–'}`);
  return [clockTime(time), ...(props.readout === undefined ? values : [props.readout(index)])].join(' · ');
}

const dataOf = ({ times, series }: TimeChartProps): uPlot.AlignedData => [
  times.map((time) => time / 1000),
  ...series.map(({ values }) => values as (number | null)[]),
];

/** Seconds between ticks; time is stored in whole ones. */
const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
].concat([2, 5, 10, 30, 90, 365].map((days) => days * 86_400));
const AROUND_ONE_MOMENT = 30;

const FONT = '11px system-ui, sans-serif';

function optionsOf({ times, series, lines = [], draw }: TimeChartProps, width: number, height: number): uPlot.Options {
  const quiet = colourOf('--quiet');
  const grid = { stroke: colourOf('--grid'), width: 1 };
  const axis = { stroke: quiet, grid, ticks: grid, font: FONT };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, points: { size: 7 } },
    scales: {
      x: { range: (_chart, low, high) => timeRange(times, low, high) },
      y: { range: (_chart, low, high) => rangeWith(low, high, lines) },
    },
    axes: [
      { ...axis, space: 90, incrs: [...TIME_STEPS], values: (_chart, at) => timeTicks(at) },
      { ...axis, size: 56, values: (_chart, at) => at.map(shortNumber) },
    ],
    series: [
      {},
      ...series.map(
        ({ label, colour, dash }): uPlot.Series => ({
          label,
          stroke: colourOf(colour),
          width: 1.6,
          ...(dash && { dash: [...dash] }),
          points: { show: false },
        }),
      ),
    ],
    hooks: {
      draw: [
        (chart) => {
          drawLines(chart, lines);
          draw?.(chart);
        },
      ],
    },
  };
}

/** What is zoomed to; a single moment gets room around it, where uPlot would give it years. */
function timeRange(times: readonly number[], low: number, high: number): uPlot.Range.MinMax {
  const first = (times[0] ?? 0) / 1000;
  return times.at(-1) === times[0] ? [first - AROUND_ONE_MOMENT, first + AROUND_ONE_MOMENT] : [low, high];
}

/** The ends of the values and of the lines, with room around them: a threshold is never out of sight. */
function rangeWith(low: number | null, high: number | null, lines: readonly ChartLine[]): uPlot.Range.MinMax {
  const known = [low, high, ...lines.map(({ value }) => value)].filter((one) => one !== null && Number.isFinite(one));
  if (known.length === 0) return [0, 1];
  const [least, most] = [Math.min(...(known as number[])), Math.max(...(known as number[]))];
  const room = (most - least) * 0.08 || Math.abs(most) * 0.1 || 1;
  return [least - room, most + room];
}

function drawLines(chart: uPlot, lines: readonly ChartLine[]): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  for (const { value, label, colour } of lines) {
    const y = chart.valToPos(value, 'y', true);
    ctx.strokeStyle = ctx.fillStyle = colourOf(colour);
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y - 2 * ratio);
  }
  ctx.restore();
}
