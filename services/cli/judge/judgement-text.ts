import { styleText } from 'node:util';
import type { Thresholds } from '../../domain/canary-config.ts';
import type { CanaryVerdict, Classification, Judgement, MetricJudgement } from '../../domain/judgement.ts';

const VERDICT_COLORS = { Pass: 'green', Marginal: 'yellow', Fail: 'red' } as const satisfies Record<
  CanaryVerdict,
  string
>;
const COLORS = {
  Pass: 'green',
  High: 'red',
  Low: 'red',
  Nodata: 'gray',
  NodataFailMetric: 'red',
  Error: 'magenta',
} as const satisfies Record<Classification, string>;

/** A judgement for a terminal: the verdict, the groups, a row for each metric and under it the reason. */
export function judgementText(
  { score, groupScores, results, warnings = [] }: Judgement,
  { pass, marginal }: Thresholds,
): string {
  const rows = results.map(rowOf);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [
    `${color(VERDICT_COLORS[score.classification], score.classification)}  score ${score.score}, pass from ${pass}, marginal from ${marginal}`,
    ...(score.classificationReason === '' ? [] : [`  ${score.classificationReason}`]),
    ...groupScores.map((group) => `  ${group.name}: ${group.score}`),
    '',
    line(HEAD),
    ...results.flatMap((result, index) => [
      line(rows[index]!).replace(result.classification, color(COLORS[result.classification], result.classification)),
      `    ${result.evidence.why}`,
      ...(result.evidence.warnings ?? []).map((text) => `    warning: ${text}`),
    ]),
    ...warnings.map((text) => `warning: ${text}`),
    '',
  ].join('\n');
}

const HEAD = ['VERDICT', 'METRIC', 'BASELINE', 'CANARY', 'RATIO', 'SHIFT', 'P', 'SAMPLES'];

function rowOf(result: MetricJudgement): readonly string[] {
  const { name, tags = {}, classification, evidence, resultMetadata, critical, muted } = result;
  const { baseline, canary, shift, pValue } = evidence;
  const labels = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [
    classification,
    `${name}${labels.length > 0 ? ` {${labels.join(', ')}}` : ''}${critical ? ' (critical)' : ''}${muted ? ' (muted)' : ''}`,
    short(baseline.median),
    short(canary.median),
    short(resultMetadata?.ratio),
    shift === undefined ? '-' : `${short(shift.estimate)} [${short(shift.lower)}, ${short(shift.upper)}]`,
    pValue === undefined ? '-' : pValue < 0.001 ? '<0.001' : short(pValue),
    `${baseline.used}/${canary.used}`,
  ];
}

const short = (value: number | undefined): string => (value === undefined ? '-' : String(Number(value.toPrecision(4))));

const color = (name: Parameters<typeof styleText>[0], text: string): string =>
  styleText(name, text, { stream: process.stdout });
