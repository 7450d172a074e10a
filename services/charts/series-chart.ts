import type { Html } from './html.ts';
import { html } from './html.ts';
import type { SamplePair } from './sample-pair.ts';
import { extent, linearScale, roundTicks, type Scale, shortNumber } from './scale.ts';

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 56;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;
/** A line of more points than this shows no more of them: each stretch keeps its lowest and its highest. */
const MOST_POINTS = 2 * (WIDTH - LEFT - RIGHT);

/** Both series over their steps; gaps stay gaps. An offset of the baseline is taken out: both begin at the left. */
export function seriesChart({ name, baseline, canary, startMs, stepMs }: SamplePair): Html {
  const ends = extent(baseline, canary);
  if (ends === undefined) return html`<p class="empty">No samples to draw.</p>`;
  const y = linearScale(...ends, HEIGHT - BOTTOM, TOP);
  const steps = Math.max(baseline.length, canary.length);
  const x = linearScale(0, Math.max(1, steps - 1), LEFT, WIDTH - RIGHT);
  const moment = (index: number): string =>
    startMs === undefined || stepMs === undefined || stepMs === 0
      ? `sample ${index + 1}`
      : momentText(startMs + index * stepMs);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`Samples of ${name}: baseline and canary`}">
${roundTicks(y, 4).map(
  (tick) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>
<text class="tick" x="${LEFT - 6}" y="${y.at(tick) + 4}" text-anchor="end">${shortNumber(tick)}</text>`,
)}
<text class="tick" x="${LEFT}" y="${HEIGHT - 6}">${moment(0)}</text>
<text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${moment(steps - 1)}</text>
<path class="line baseline" d="${linePath(baseline, x, y)}"/>
<path class="line canary" d="${linePath(canary, x, y)}"/>
</svg>`;
}

const momentText = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A point without neighbours is drawn as a dot: a line of no length with round ends. */
function linePath(values: ArrayLike<number>, x: Scale, y: Scale): string {
  let path = '';
  let isDown = false;
  for (const index of drawn(values)) {
    const value = values[index]!;
    if (!Number.isFinite(value)) {
      isDown = false;
      continue;
    }
    const point = `${x.at(index).toFixed(1)} ${y.at(value).toFixed(1)}`;
    path += isDown ? `L${point}` : `M${point}l0 0`;
    isDown = true;
  }
  return path;
}

/** The indexes to draw: all, or of each stretch the lowest and the highest, and a gap where nothing is finite. */
function* drawn(values: ArrayLike<number>): Iterable<number> {
  const stretch = Math.ceil(values.length / (MOST_POINTS / 2));
  for (let start = 0; start < values.length; start += stretch) {
    if (stretch === 1) {
      yield start;
      continue;
    }
    let low = start;
    let high = start;
    for (let index = start; index < Math.min(start + stretch, values.length); index += 1) {
      if (!(values[low]! <= values[index]!)) low = index;
      if (!(values[high]! >= values[index]!)) high = index;
    }
    yield Math.min(low, high);
    if (low !== high) yield Math.max(low, high);
  }
}
