import { effectiveCount } from '../analysis/effective-count.ts';
import { planRun } from '../analysis/plan-run.ts';
import { reasonOf } from '../analysis/reason.ts';
import { isCompleted, type Phase } from '../domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';

/** A run as lists show it: a hundredth of its document. */
export interface RunSummary {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  readonly phase: Phase;
  /** RFC 3339, like all times here. */
  readonly createdAt?: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Somebody has asked it to stop. */
  readonly isStopping?: true;
  /** Why it stands where it stands. */
  readonly sentence: string;
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

export function summaryOf(run: AnalysisRun): RunSummary {
  const { metadata, spec, status = {} } = run;
  const { name, namespace = '', uid = '', resourceVersion = '', creationTimestamp, labels } = metadata;
  const { startedAt, completedAt } = status;
  const plan = planRun(spec);
  const metrics = 'fault' in plan ? (spec.metrics ?? []) : plan.metrics;
  const results = new Map(status.metricResults?.map((result) => [result.name, result]));
  const phase = status.phase || 'Pending';
  return {
    namespace,
    name,
    uid,
    revision: resourceVersion,
    phase,
    ...(creationTimestamp && { createdAt: creationTimestamp }),
    ...(startedAt && { startedAt }),
    ...(completedAt && { completedAt }),
    ...(labels && { labels }),
    ...(spec.terminate === true && !isCompleted(phase) && { isStopping: true }),
    sentence: reasonOf(run, metrics).sentence,
    metrics: metrics.map((metric) =>
      progressOf(metric, results.get(metric.name), !('fault' in plan) && plan.dryRun.has(metric.name)),
    ),
  };
}

function progressOf(metric: Metric, result: MetricResult | undefined, isDryRun: boolean): MetricProgress {
  const wanted = effectiveCount(metric);
  const { phase = 'Pending', count = 0, failed, inconclusive, error } = result ?? {};
  return {
    name: metric.name,
    phase,
    ...(isDryRun && { isDryRun }),
    taken: count,
    ...(wanted !== undefined && { wanted }),
    ...(failed && { failed }),
    ...(inconclusive && { inconclusive }),
    ...(error && { error }),
  };
}
