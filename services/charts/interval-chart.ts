import type { Shift } from '../domain/judgement.ts';
import { type Html, html } from './html.ts';
import { linearScale, roundTicks, shortNumber } from './scale.ts';

const WIDTH = 352;
const HEIGHT = 150;
const EDGE = 24;
const MIDDLE = 62;
const AXIS = HEIGHT - 34;
const CAP = 7;

/** The interval of the shift against what is tolerated: a shift counts when the whole interval lies beyond the band. */
export function intervalChart(shift: Shift | undefined): Html {
  if (shift === undefined) return html`<p class="empty">The comparison did not get as far as a shift.</p>`;
  const { estimate, lower, upper, tolerated, confidence } = shift;
  const finite = [lower, upper, estimate, tolerated, -tolerated, 0].filter(Number.isFinite);
  const room = (Math.max(...finite) - Math.min(...finite)) * 0.08;
  const x = linearScale(Math.min(...finite) - room, Math.max(...finite) + room, EDGE, WIDTH - EDGE);
  const at = (value: number): number => x.at(Math.min(x.high, Math.max(x.low, value)));
  const end = (value: number) =>
    Number.isFinite(value)
      ? html`<line x1="${at(value)}" x2="${at(value)}" y1="${MIDDLE - CAP}" y2="${MIDDLE + CAP}"/>`
      : undefined;
  const label = `Shift ${shortNumber(estimate)}, interval ${shortNumber(lower)} to ${shortNumber(upper)}, tolerated ±${shortNumber(tolerated)}`;
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<rect class="tolerated" x="${at(-tolerated)}" width="${at(tolerated) - at(-tolerated)}" y="20" height="${AXIS - 20}"/>
<line class="zero" x1="${at(0)}" x2="${at(0)}" y1="20" y2="${AXIS}"/>
<g class="interval"><line x1="${at(lower)}" x2="${at(upper)}" y1="${MIDDLE}" y2="${MIDDLE}"/>${end(lower)}${end(upper)}<circle cx="${at(estimate)}" cy="${MIDDLE}" r="4.5"/></g>
<line class="axis" x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${AXIS}" y2="${AXIS}"/>
${roundTicks(x, 4).map((tick) => html`<text class="tick" x="${x.at(tick)}" y="${AXIS + 14}" text-anchor="middle">${shortNumber(tick)}</text>`)}
<text class="tick" x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">shift, ${shortNumber(confidence * 100)} % interval; band: tolerated ±${shortNumber(tolerated)}</text>
</svg>`;
}
