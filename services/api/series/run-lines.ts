import { matchDryRun } from '../../analysis/match-rules.ts';
import { type NumericValue, numericValues } from '../../analysis/numeric-value.ts';
import { planRun } from '../../analysis/plan-run.ts';
import { type Threshold, thresholdsOf } from '../../analysis/threshold.ts';
import { PHASES, type Phase } from '../../domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../../domain/run.ts';
import type { Metric, ProviderSpec } from '../../domain/template.ts';
import { type Family, type Labels, sample } from './text-format.ts';

/** A list or object of more numbers shows its first. */
const MOST_VALUES = 10;

/** What `/metrics` says of one run. The first four are Argo's, by name and label. */
export const RUN_FAMILIES = [
  { name: 'analysis_run_info', type: 'gauge', help: 'Information about analysis run.' },
  { name: 'analysis_run_phase', type: 'gauge', help: 'Information on the state of the Analysis Run.' },
  {
    name: 'analysis_run_metric_type',
    type: 'gauge',
    help: 'Information on the type of a specific metric in the Analysis Runs.',
  },
  {
    name: 'analysis_run_metric_phase',
    type: 'gauge',
    help: 'Information on the duration of a specific metric in the Analysis Run.',
  },
  {
    name: 'assay_metric_value',
    type: 'gauge',
    help: 'The number that a metric of a run read last; index is its place in a list or its name in an object.',
  },
  {
    name: 'assay_metric_threshold',
    type: 'gauge',
    help: 'Where the condition of a metric draws its line: it holds while the value stands so to it.',
  },
] as const satisfies readonly Family[];

type RunFamily = (typeof RUN_FAMILIES)[number]['name'];

/** A run's samples by family, and how many it has too many. */
export interface RunLines {
  readonly text: Readonly<Record<RunFamily, string>>;
  readonly omitted: number;
}

export type TypeOf = (provider: ProviderSpec | undefined) => string;

/** As in Argo, names of metrics are those of the unresolved spec. */
export function runLines(run: AnalysisRun, typeOf: TypeOf): RunLines {
  const samples: Record<RunFamily, string[]> = {
    analysis_run_info: [],
    analysis_run_phase: [],
    analysis_run_metric_type: [],
    analysis_run_metric_phase: [],
    assay_metric_value: [],
    assay_metric_threshold: [],
  };
  let omitted = 0;
  const add = (family: RunFamily, labels: Labels, value: number): void => {
    samples[family].push(sample(family, labels, value));
  };
  const { name, namespace = '' } = run.metadata;
  const { metrics = [], dryRun = [] } = run.spec;
  const phase = run.status?.phase ?? '';
  add('analysis_run_info', { namespace, name, phase }, 1);
  addPhases('analysis_run_phase', { namespace, name }, phase, add);

  const plan = planRun(run.spec);
  const dry = dryNames(dryRun, metrics);
  for (const [index, metric] of metrics.entries()) {
    const labels = { namespace, name, metric: metric.name };
    const type = typeOf(metric.provider);
    const resolved = 'fault' in plan ? undefined : plan.metrics[index];
    const result = resultOf(run, resolved?.name ?? metric.name);
    add('analysis_run_metric_type', { ...labels, type }, 1);
    const kind = { ...labels, type, dry_run: String(dry.has(metric.name)) };
    addPhases('analysis_run_metric_phase', kind, result?.phase ?? '', add);
    const values = lastValues(result);
    for (const value of values.slice(0, MOST_VALUES))
      add('assay_metric_value', { ...labels, index: indexOf(value) }, value.value);
    omitted += Math.max(0, values.length - MOST_VALUES);
    const lines = resolved === undefined ? [] : thresholdsOf(resolved);
    const distinct = distinctThresholds(lines);
    for (const line of distinct.slice(0, MOST_VALUES)) {
      const { field, operator, value } = line;
      add('assay_metric_threshold', { ...labels, index: indexOf(line), condition: field, operator }, value);
    }
    omitted += lines.length - Math.min(distinct.length, MOST_VALUES);
  }
  // Joined they take a quarter of the memory that strings put together with + would keep.
  const text = Object.fromEntries(Object.entries(samples).map(([family, lines]) => [family, lines.join('')]));
  return { text: text as Record<RunFamily, string>, omitted };
}

/** One series for each phase; no phase counts as Pending. */
function addPhases(
  family: 'analysis_run_phase' | 'analysis_run_metric_phase',
  labels: Labels,
  phase: Phase | '',
  add: (family: RunFamily, labels: Labels, value: number) => void,
): void {
  for (const each of PHASES) add(family, { ...labels, phase: each }, (phase || 'Pending') === each ? 1 : 0);
}

function dryNames(rules: AnalysisRun['spec']['dryRun'], metrics: readonly Metric[]): ReadonlySet<string> {
  try {
    return matchDryRun(
      rules ?? [],
      metrics.map(({ name }) => name),
    );
  } catch {
    // A rule that cannot be read ends the run in Error.
    return new Set();
  }
}

function resultOf({ status }: AnalysisRun, name: string): MetricResult | undefined {
  return status?.metricResults?.find((result) => result.name === name);
}

function lastValues(result: MetricResult | undefined): readonly NumericValue[] {
  return numericValues(result?.measurements?.findLast(({ value }) => value)?.value);
}

function indexOf({ element, member }: Pick<NumericValue, 'element' | 'member'>): string {
  return member ?? (element === undefined ? '' : String(element));
}

/** Of two lines with equal labels (`result == 1 || result == 2`) Prometheus can take only one. */
function distinctThresholds(lines: readonly Threshold[]): readonly Threshold[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const key = `${line.field} ${line.operator} ${indexOf(line)}`;
    return !seen.has(key) && seen.add(key);
  });
}
