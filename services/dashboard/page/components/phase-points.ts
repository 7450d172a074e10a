import type uPlot from 'uplot';
import type { Phase } from '../../../domain/phase.ts';
import { colourOf } from '../theme.ts';

/** Of more points than this only those are drawn that are not Successful, and as ticks at the foot: nobody could tell them apart. */
const MOST_SHAPES = 300;
const SIZE = 4.5;

const COLOURS: Readonly<Record<Phase, string>> = {
  Pending: '--quiet',
  Running: '--running',
  Successful: '--good',
  Failed: '--bad',
  Error: '--error',
  Inconclusive: '--unsure',
};

/** Draws each point as its phase: a dot, a cross, a triangle, a diamond. One without a number stands at the foot of the chart. */
export function phasePoints(
  phases: readonly Phase[],
  values: readonly (number | null)[] | undefined,
): (chart: uPlot) => void {
  return (chart) => {
    const { ctx, bbox } = chart;
    const times = chart.data[0];
    const ratio = devicePixelRatio;
    const { min = 0, max = 0 } = chart.scales['x'] ?? {};
    const shown = phases.map((_, index) => index).filter((index) => times[index]! >= min! && times[index]! <= max!);
    const areFew = shown.length <= MOST_SHAPES;
    const foot = bbox.top + bbox.height - SIZE * ratio;
    const colours = new Map<Phase, string>();
    ctx.save();
    ctx.lineWidth = 2 * ratio;
    for (const index of shown) {
      const phase = phases[index]!;
      if (!areFew && phase === 'Successful') continue;
      const colour = colours.get(phase) ?? colourOf(COLOURS[phase] ?? '--quiet');
      colours.set(phase, colour);
      ctx.strokeStyle = ctx.fillStyle = colour;
      const value = values?.[index] ?? null;
      const x = chart.valToPos(times[index]!, 'x', true);
      if (!areFew) ctx.fillRect(x, foot - 4 * ratio, ratio, 8 * ratio);
      else drawShape(ctx, phase, x, value === null ? foot : chart.valToPos(value, 'y', true), SIZE * ratio);
    }
    ctx.restore();
  };
}

function drawShape(ctx: CanvasRenderingContext2D, phase: Phase, x: number, y: number, size: number): void {
  ctx.beginPath();
  switch (phase) {
    case 'Failed':
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x + size, y - size);
      ctx.lineTo(x - size, y + size);
      ctx.stroke();
      return;
    case 'Error':
      ctx.moveTo(x, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.lineTo(x - size, y + size);
      ctx.closePath();
      ctx.fill();
      return;
    case 'Inconclusive':
      ctx.moveTo(x, y - size);
      ctx.lineTo(x + size, y);
      ctx.lineTo(x, y + size);
      ctx.lineTo(x - size, y);
      ctx.closePath();
      ctx.stroke();
      return;
    default:
      ctx.arc(x, y, size * 0.7, 0, 2 * Math.PI);
      if (phase === 'Successful') ctx.fill();
      else ctx.stroke();
  }
}
