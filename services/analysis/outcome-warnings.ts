import { isCompleted } from '../domain/phase.ts';
import type { AnalysisRun, AnalysisRunStatus, MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { exceededLimit } from './assess-metric.ts';
import { effectiveCount } from './effective-count.ts';
import { readInt } from './int-or-string.ts';
import type { RunPlan } from './plan-run.ts';
import { decidesItself } from './self-deciding.ts';

/**
 * Where the verdict of a run that completes is Argo's and yet may surprise. The phase stays; this says what it does not.
 */
export function outcomeWarnings(
  spec: AnalysisRun['spec'],
  status: AnalysisRunStatus,
  { metrics, dryRun }: Pick<RunPlan, 'metrics' | 'dryRun'>,
): readonly string[] {
  const results = new Map((status.metricResults ?? []).map((result) => [result.name, result]));
  return [
    ...stoppedWarning(spec, status, metrics, results),
    ...(dryRun.size === metrics.length
      ? ['every metric is a dry run: the run is Successful whatever they measure']
      : []),
    ...metrics.flatMap((metric) => metricWarnings(metric, results.get(metric.name))),
    ...milderMessageWarning(status, metrics, results),
  ];
}

/** A run that ends before it is assessed. */
export function earlyEndWarnings(spec: AnalysisRun['spec']): readonly string[] {
  return spec.ttlStrategy
    ? ['ttlStrategy has no effect: the run ended before it was assessed and has no completedAt']
    : [];
}

function stoppedWarning(
  { terminate }: AnalysisRun['spec'],
  { phase }: AnalysisRunStatus,
  metrics: readonly Metric[],
  results: ReadonlyMap<string, MetricResult>,
): readonly string[] {
  if (terminate !== true || phase !== 'Successful') return [];
  const unfinished = metrics
    .map((metric) => unfinishedText(metric, results.get(metric.name)))
    .filter((text) => text !== '');
  if (unfinished.length === 0) return [];
  return [
    `stopped before it was done, and Successful only because no limit was exceeded by then: ${unfinished.join(', ')}`,
  ];
}

function unfinishedText(metric: Metric, result: MetricResult | undefined): string {
  const taken = result?.count ?? 0;
  const count = effectiveCount(metric);
  const streak = readInt(metric.consecutiveSuccessLimit);
  if (streak > 0 && (result?.consecutiveSuccess ?? 0) >= streak) return '';
  if (taken === 0) return `metric "${metric.name}" was never measured`;
  if (count === undefined) return `metric "${metric.name}" has no count, ${taken} taken`;
  return taken < count ? `metric "${metric.name}" took ${taken} of ${count} measurements` : '';
}

function metricWarnings(metric: Metric, result: MetricResult | undefined): readonly string[] {
  if (result === undefined) return [];
  const name = `metric "${metric.name}"`;
  if (!isCompleted(result.phase))
    return [`${name} is still ${result.phase}: the run did not wait for the measurement in flight`];
  const warnings: string[] = [];
  if (
    !decidesItself(metric) &&
    metric.provider['plugin'] === undefined &&
    !metric.successCondition &&
    !metric.failureCondition
  )
    warnings.push(`${name} has no condition: every answer of its source counts as Successful`);
  if (result.phase === 'Successful' && (result.count ?? 0) > 0 && (result.successful ?? 0) === 0)
    warnings.push(
      `${name} is Successful although none of its ${result.count} measurements was: its limits tolerate them`,
    );
  const isMissedStreak =
    (result.phase === 'Failed' || result.phase === 'Inconclusive') && exceededLimit(metric, result) === undefined;
  if (isMissedStreak)
    warnings.push(
      `${name} is ${result.phase} because ${readInt(metric.consecutiveSuccessLimit)} successes in a row did not come; runSummary counts it as successful`,
    );
  return warnings;
}

/** A metric that ended without exceeding a limit has no text, so that the message may be that of a milder one. */
function milderMessageWarning(
  { phase, message }: AnalysisRunStatus,
  metrics: readonly Metric[],
  results: ReadonlyMap<string, MetricResult>,
): readonly string[] {
  const deciding = metrics.find(({ name }) => results.get(name)?.phase === phase && results.get(name)?.dryRun !== true);
  if (deciding === undefined || phase === 'Successful' || !message || message.startsWith(`Metric "${deciding.name}" `))
    return [];
  return [`the message is about a milder metric: "${deciding.name}" decided`];
}
