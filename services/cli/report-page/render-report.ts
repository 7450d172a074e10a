import { type Html, html } from '../../charts/html.ts';
import { comparisonSection, warningList } from './comparison-section.ts';
import type { ReportMetric, RunReport } from './run-report.ts';
import { STYLE } from './style.ts';

const TONES: Readonly<Record<string, string>> = {
  Successful: 'good',
  succeeded: 'good',
  Failed: 'bad',
  terminal: 'bad',
  Error: 'bad',
  Inconclusive: 'unsure',
};
const toneOf = (phase: string): string => TONES[phase] ?? 'none';

/** One self-contained page: no script, nothing loaded, whatever the names in it hold. */
export function renderReport(report: RunReport): string {
  const { name, namespace, kind, phase, sentence, startedAt, completedAt, warnings, metrics, comparisons } = report;
  const facts = [
    `${kind} in ${namespace}`,
    ...(startedAt === undefined ? [] : [`started ${startedAt}`]),
    ...(completedAt === undefined ? [] : [`completed ${completedAt}`]),
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${`${name}: ${phase}`}</title><style>${STYLE}</style></head><body>
<header><h1>${name}</h1><span class="verdict ${toneOf(phase)}">${phase}</span></header>
<p class="quiet">${facts.join(' · ')}</p>
<p>${sentence}</p>
${warningList(warnings)}
${comparisons.map(comparisonSection)}
${metricTable(metrics)}
</body></html>
`.text;
}

function metricTable(metrics: readonly ReportMetric[]): Html | undefined {
  if (metrics.length === 0) return undefined;
  return html`<section><h2>Measurements</h2><div class="scroll"><table>
<thead><tr><th>Metric</th><th>Phase</th><th>Value</th><th>Finished</th><th>Message</th></tr></thead><tbody>
${metrics.map(({ name, phase, message, dryRun, measurements }) => [
  html`<tr><td><b>${name}</b>${dryRun ? ' (dry run)' : ''}</td><td class="verdict ${toneOf(phase)}">${phase}</td><td></td><td></td><td>${message}</td></tr>`,
  ...measurements.map(
    (one) =>
      html`<tr><td></td><td class="${toneOf(one.phase)}">${one.phase}</td><td>${one.value}</td><td>${one.finishedAt}</td><td>${one.message}</td></tr>`,
  ),
])}
</tbody></table></div></section>`;
}
