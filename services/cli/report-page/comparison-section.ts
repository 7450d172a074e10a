import { distributionChart } from '../../charts/distribution-chart.ts';
import { type Html, html } from '../../charts/html.ts';
import { intervalChart } from '../../charts/interval-chart.ts';
import type { SamplePair } from '../../charts/sample-pair.ts';
import { shortNumber } from '../../charts/scale.ts';
import { seriesChart } from '../../charts/series-chart.ts';
import type {
  CanaryVerdict,
  Classification,
  Judgement,
  MetricJudgement,
  SampleEvidence,
} from '../../domain/judgement.ts';
import type { Comparison } from '../../judge/comparison.ts';

type Tone = 'good' | 'bad' | 'unsure' | 'none';

const VERDICT_TONES: Readonly<Record<CanaryVerdict, Tone>> = { Pass: 'good', Marginal: 'unsure', Fail: 'bad' };
const TONES: Readonly<Record<Classification, Tone>> = {
  Pass: 'good',
  High: 'bad',
  Low: 'bad',
  Nodata: 'none',
  NodataFailMetric: 'bad',
  Error: 'unsure',
};

/** Of more metrics than this, those that pass are folded up. */
const MOST_OPEN = 6;

/** One judgement: the score, its groups, and every metric with its samples. */
export function comparisonSection({ title, thresholds, judgement, pairs }: Comparison): Html {
  const { score, results, warnings = [] } = judgement;
  return html`<section>
<h2>${title}</h2>
<div class="score"><b class="${VERDICT_TONES[score.classification]}">${score.score}</b><div>
<span class="verdict ${VERDICT_TONES[score.classification]}">${score.classification}</span>
<span class="quiet"> pass from ${thresholds.pass}, marginal from ${thresholds.marginal} · ${judgement.judgeName}</span>
${scoreBar(score.score, [thresholds.marginal, thresholds.pass], VERDICT_TONES[score.classification])}</div></div>
${score.classificationReason === '' ? undefined : html`<p>${score.classificationReason}</p>`}
${warningList(warnings)}
${groupTable(judgement)}
${results.map((result, index) => metricDetails(result, pairs[index], results.length <= MOST_OPEN || result.classification !== 'Pass'))}
</section>`;
}

export function warningList(warnings: readonly string[]): Html | undefined {
  if (warnings.length === 0) return undefined;
  return html`<div class="warnings">${warnings.map((text) => html`<p>${text}</p>`)}</div>`;
}

/** Scores can leave 0 … 100 when weights add up to more. */
const onBar = (score: number): number => Math.min(100, Math.max(0, score));

function scoreBar(score: number, marks: readonly number[], tone: Tone): Html {
  return html`<svg class="${tone}" viewBox="0 0 300 14" preserveAspectRatio="none" role="img" aria-label="${`Score ${score} of 100`}" style="height:14px">
<rect class="track" x="0" y="3" width="300" height="8" rx="2"/><rect class="fill" x="0" y="3" width="${onBar(score) * 3}" height="8" rx="2"/>
${marks.map((mark) => html`<line class="mark" x1="${onBar(mark) * 3}" x2="${onBar(mark) * 3}" y1="0" y2="14"/>`)}</svg>`;
}

function groupTable({ groupScores, results }: Judgement): Html | undefined {
  if (groupScores.length === 0) return undefined;
  return html`<div class="scroll"><table><thead><tr><th>Group</th><th class="number">Score</th><th>Metrics</th></tr></thead><tbody>
${groupScores.map(({ name, score }) => {
  const members = results.filter(({ groups, muted }) => groups.includes(name) && !muted);
  return html`<tr><td>${name}</td><td class="number">${shortNumber(score)}</td><td>${members.map(
    ({ name: metric, classification }, index) =>
      html`${index > 0 ? ', ' : ''}${metric} <span class="${TONES[classification]}">${classification}</span>`,
  )}</td></tr>`;
})}
</tbody></table></div>`;
}

function metricDetails(result: MetricJudgement, pair: SamplePair | undefined, isOpen: boolean): Html {
  const { name, tags = {}, classification, evidence, critical, muted } = result;
  const labels = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const marks = [...labels, ...(critical ? ['critical'] : []), ...(muted ? ['muted: not counted'] : [])];
  const medians = { baseline: evidence.baseline.median, canary: evidence.canary.median };
  const open = isOpen ? html`<details open>` : html`<details>`;
  return html`${open}<summary><h3>${name}${marks.length === 0 ? undefined : html` <span class="quiet">${marks.join(', ')}</span>`}</h3>
<span class="verdict ${TONES[classification]}">${classification}</span></summary>
<p>${evidence.why}</p>
${warningList(evidence.warnings ?? [])}
${
  pair === undefined
    ? html`<p class="empty">The samples are no longer stored.</p>`
    : html`<figure><figcaption>Samples<i class="key baseline"></i>baseline<i class="key canary"></i>canary</figcaption>${seriesChart(pair)}</figure>
<div class="pair"><figure><figcaption>Distribution, medians dashed</figcaption>${distributionChart(pair, medians)}</figure>
<figure><figcaption>Canary against baseline</figcaption>${intervalChart(evidence.shift)}</figure></div>`
}
${numbers(result)}
</details>`;
}

function numbers({ evidence, controlMetadata, experimentMetadata }: MetricJudgement): Html {
  const { baseline, canary, effectSize, pValue } = evidence;
  const row = (side: string, { stats }: MetricJudgement['controlMetadata'], samples: SampleEvidence): Html =>
    html`<tr><td><i class="key ${side}" style="margin-left:0"></i>${side}</td>${[
      ...[samples.median, stats.mean, stats.min, stats.max, stats.std].map(shortNumber),
      `${samples.used} of ${samples.received}`,
      dropped(samples),
    ].map((text) => html`<td class="number">${text}</td>`)}</tr>`;
  const effects =
    effectSize === undefined
      ? []
      : [
          `mean ratio ${shortNumber(effectSize.meanRatio)}`,
          `canary higher in ${shortNumber(effectSize.cles * 100)} % of pairs`,
          `gates on ${effectSize.measure}: up ${shortNumber(effectSize.allowedIncrease)}, down ${shortNumber(effectSize.allowedDecrease)}`,
        ];
  const test = pValue === undefined ? [] : [`p ${pValue < 0.001 ? '< 0.001' : shortNumber(pValue)}`];
  return html`<div class="scroll"><table><thead><tr><th></th>${[
    'Median',
    'Mean',
    'Min',
    'Max',
    'Std',
    'Samples',
    'Left out',
  ].map(
    (head) => html`<th class="number">${head}</th>`,
  )}</tr></thead><tbody>${row('baseline', controlMetadata, baseline)}${row('canary', experimentMetadata, canary)}</tbody></table></div>
<p class="quiet">${[...test, ...effects].join(' · ')}</p>`;
}

function dropped({ missing, outliers }: SampleEvidence): string {
  const parts = [...(missing > 0 ? [`${missing} NaN`] : []), ...(outliers > 0 ? [`${outliers} outliers`] : [])];
  return parts.join(', ') || '–';
}
