import { type Html, html } from './html.ts';
import type { SamplePair } from './sample-pair.ts';
import { extent, linearScale, roundTicks, type Scale, shortNumber } from './scale.ts';

const WIDTH = 352;
const HEIGHT = 150;
const EDGE = 10;
const TOP = 8;
const BOTTOM = 22;
const FEWEST_BINS = 6;
const MOST_BINS = 36;

/** How the values of both sides spread: shares of each side's samples in the same bins, and the medians. */
export function distributionChart(
  { name, baseline, canary }: SamplePair,
  medians: { readonly baseline: number | undefined; readonly canary: number | undefined },
): Html {
  const ends = extent(baseline, canary);
  if (ends === undefined) return html`<p class="empty">No samples to draw.</p>`;
  const x = linearScale(...ends, EDGE, WIDTH - EDGE);
  const most = Math.max(baseline.length, canary.length);
  const bins = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.ceil(Math.sqrt(most))));
  const sides = { baseline: shares(baseline, x, bins), canary: shares(canary, x, bins) };
  const y = linearScale(0, Math.max(...sides.baseline, ...sides.canary), HEIGHT - BOTTOM, TOP);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`Distribution of ${name}: baseline and canary`}">
<line class="axis" x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>
${roundTicks(x, 4).map((tick) => html`<text class="tick" x="${x.at(tick)}" y="${HEIGHT - 6}" text-anchor="middle">${shortNumber(tick)}</text>`)}
${(['baseline', 'canary'] as const).map((side) => {
  const median = medians[side];
  const line =
    median === undefined || !Number.isFinite(median)
      ? undefined
      : html`<line class="median ${side}" x1="${x.at(median)}" x2="${x.at(median)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`;
  return html`<path class="area ${side}" d="${areaPath(sides[side], y)}"/>${line}`;
})}
</svg>`;
}

/** The share of the finite values in each bin; all zero when there are none. */
function shares(values: ArrayLike<number>, { low, high }: Scale, bins: number): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  let total = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value / 2 - low / 2) / (high / 2 - low / 2)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
    total += 1;
  }
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

function areaPath(shares: readonly number[], y: Scale): string {
  const width = (WIDTH - 2 * EDGE) / shares.length;
  const steps = shares.map((share) => `V${y.at(share).toFixed(1)}h${width.toFixed(2)}`);
  return `M${EDGE} ${y.at(0)}${steps.join('')}V${y.at(0)}Z`;
}
