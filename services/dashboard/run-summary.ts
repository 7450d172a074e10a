import { effectiveCount } from '../analysis/effective-count.ts';
import { planRun } from '../analysis/plan-run.ts';
import { reasonOf } from '../analysis/reason.ts';
import { isCompleted, type Phase } from '../domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';

/** A run as lists show it: a tenth of its document. */
export interface RunSummary {
  readonly namespace: string;
  readonly name: string;
  readonly revision: string;
  readonly phase: Phase;
  /** RFC 3339, like all times here. */
  readonly createdAt?: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Somebody has asked it to stop. */
  readonly isStopping?: true;
  /** Why it stands where it stands; absent for one that is Successful. */
  readonly sentence?: string;
  readonly metrics: readonly MetricProgress[];
}

export interface MetricProgress {
  readonly name: string;
  readonly phase: Phase;
  readonly isDryRun?: true;
  /** Measurements that count. */
  readonly taken: number;
  /** How many there will be; absent when it measures until it is stopped. */
  readonly wanted?: number;
  readonly failed?: number;
  readonly inconclusive?: number;
  readonly error?: number;
}

const summaries = new WeakMap<AnalysisRun, RunSummary>();

/** Kept with the document, since every open page asks for each one that changes. */
export function summaryOf(run: AnalysisRun): RunSummary {
  let summary = summaries.get(run);
  if (summary === undefined) {
    summary = summarize(run);
    summaries.set(run, summary);
  }
  return summary;
}

function summarize(run: AnalysisRun): RunSummary {
  const { metadata, spec, status = {} } = run;
  const { name, namespace = '', resourceVersion = '', creationTimestamp, labels } = metadata;
  const { startedAt, completedAt, metricResults = [] } = status;
  const phase = status.phase || 'Pending';
  const metrics = metricsOf(run);
  const results = new Map(metricResults.map((result) => [result.name, result]));
  const sentence = phase === 'Successful' ? '' : reasonOf(run, metrics).sentence;
  return {
    namespace,
    name,
    revision: resourceVersion,
    phase,
    ...(creationTimestamp && { createdAt: creationTimestamp }),
    ...(startedAt && { startedAt }),
    ...(completedAt && { completedAt }),
    ...(labels && { labels }),
    ...(spec.terminate === true && !isCompleted(phase) && { isStopping: true }),
    ...(sentence && { sentence }),
    metrics: metrics.map((metric) => progressOf(metric, results.get(metric.name))),
  };
}

/**
 * Resolving a spec is nine tenths of the work, so it is done only where it shows: in the conditions of a sentence about a verdict, and where a placeholder stands in
 * what the list shows of a metric.
 */
function metricsOf({ spec, status }: AnalysisRun): readonly Metric[] {
  const { metrics = [] } = spec;
  const phase = status?.phase;
  const saysConditions = isCompleted(phase) && phase !== 'Successful';
  if (!saysConditions && !metrics.some(({ name, count, interval }) => `${name}${count}${interval}`.includes('{{')))
    return metrics;
  const plan = planRun(spec);
  return 'fault' in plan ? metrics : plan.metrics;
}

function progressOf(metric: Metric, result: MetricResult | undefined): MetricProgress {
  const wanted = effectiveCount(metric);
  const { phase = 'Pending', count = 0, dryRun, failed, inconclusive, error } = result ?? {};
  return {
    name: metric.name,
    phase,
    ...(dryRun && { isDryRun: true }),
    taken: count,
    ...(wanted !== undefined && { wanted }),
    ...(failed && { failed }),
    ...(inconclusive && { inconclusive }),
    ...(error && { error }),
  };
}
