import { earlyEndWarnings, outcomeWarnings } from '../../analysis/outcome-warnings.ts';
import { planRun } from '../../analysis/plan-run.ts';
import { reasonOf } from '../../analysis/reason.ts';
import { isCompleted } from '../../domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../../domain/run.ts';
import { type Comparison, comparisonOf } from '../../judge/comparison.ts';
import type { ExecutionEvidence, ReportSource } from './report-source.ts';
import type { ReportMetric, RunReport } from './run-report.ts';

/** A run, an execution of Kayenta's API, or a standalone analysis, by its name or id; undefined when there is none. */
export async function collectReport(source: ReportSource, name: string): Promise<RunReport | undefined> {
  const run = await source.run(name);
  if (run !== undefined) return runReport(source, run);
  const execution = await source.execution(name);
  if (execution !== undefined) return executionReport(name, 'Canary execution', [execution]);
  const ids = await source.executionIds(name);
  if (ids === undefined) return undefined;
  const executions = await Promise.all(ids.map((id) => source.execution(id)));
  return executionReport(
    name,
    'Standalone canary analysis',
    executions.filter((one) => one !== undefined),
  );
}

async function runReport(source: ReportSource, run: AnalysisRun): Promise<RunReport> {
  const { status = {}, metadata } = run;
  const { metricResults = [], startedAt, completedAt } = status;
  const namespace = metadata.namespace ?? '';
  const comparisons = await Promise.all(metricResults.map((result) => lastComparison(source, namespace, result)));
  return {
    name: metadata.name,
    namespace,
    kind: 'Analysis run',
    phase: status.phase || 'Pending',
    sentence: reasonOf(run).sentence,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
    warnings: warningsOn(run),
    metrics: metricResults.map(metricOf),
    comparisons: comparisons.filter((one) => one !== undefined),
  };
}

/** Later measurements see what earlier ones saw, and more. */
async function lastComparison(
  source: ReportSource,
  namespace: string,
  { name, measurements = [] }: MetricResult,
): Promise<Comparison | undefined> {
  const record = measurements.findLast(({ metadata }) => metadata?.['judgement'] !== undefined)?.metadata?.[
    'judgement'
  ];
  if (record === undefined) return undefined;
  const document = await source.judgement(namespace, record);
  return document === undefined
    ? undefined
    : comparisonOf(name, document.thresholds, document.judgement, document.pairs);
}

function metricOf({ name, phase, message, dryRun, measurements = [] }: MetricResult): ReportMetric {
  return {
    name,
    phase,
    ...(message === undefined ? {} : { message }),
    ...(dryRun === undefined ? {} : { dryRun }),
    measurements: measurements.map(({ phase, value, message, finishedAt }) => ({
      phase,
      ...(value === undefined ? {} : { value }),
      ...(message === undefined ? {} : { message }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
    })),
  };
}

function warningsOn({ spec, status }: AnalysisRun): readonly string[] {
  if (status === undefined || !isCompleted(status.phase)) return [];
  const plan = planRun(spec);
  return 'fault' in plan ? earlyEndWarnings(spec) : outcomeWarnings(spec, status, plan);
}

function executionReport(name: string, kind: string, executions: readonly ExecutionEvidence[]): RunReport {
  const last = executions.at(-1);
  const judged = executions.filter(({ judgement }) => judgement !== undefined);
  const comparisons = judged.map(({ thresholds, judgement, pairs }, index) =>
    comparisonOf(judged.length > 1 ? `Judgement ${index + 1}` : 'Judgement', thresholds, judgement, pairs),
  );
  const score = comparisons.at(-1)?.judgement.score;
  const [first] = executions;
  return {
    name,
    namespace: last === undefined ? 'kayenta' : `application ${last.application}`,
    kind,
    phase: last?.status ?? 'running',
    sentence:
      last !== undefined && last.errors.length > 0
        ? last.errors.join('; ')
        : score === undefined
          ? 'Nothing was judged.'
          : `Score ${score.score} is ${score.classification}.`,
    ...(first?.startedAt === undefined ? {} : { startedAt: first.startedAt }),
    ...(last?.completedAt === undefined ? {} : { completedAt: last.completedAt }),
    warnings: [],
    metrics: [],
    comparisons,
  };
}
