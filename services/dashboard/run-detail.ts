import { limitsOf, type MetricLimit } from '../analysis/assess-metric.ts';
import { effectiveCount } from '../analysis/effective-count.ts';
import { planRun } from '../analysis/plan-run.ts';
import { metricReason, reasonOf } from '../analysis/reason.ts';
import { hideStandIns } from '../analysis/resolve-arguments.ts';
import { type Threshold, thresholdsOf } from '../analysis/threshold.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { madeFrom } from '../engine/made-from.ts';
import type { Key } from '../engine/ports.ts';

/** A run with what follows from its document. */
export interface RunDetail {
  readonly run: AnalysisRun;
  readonly sentence: string;
  /** The metric that decided. */
  readonly deciding?: string;
  readonly metrics: readonly MetricDetail[];
  /** The templates that it was put together from. */
  readonly templates: readonly Key[];
}

/** One metric of a run; its measurements are in the run's status under the same name. */
export interface MetricDetail {
  /** With arguments in place, and stars for secrets. */
  readonly metric: Metric;
  readonly isDryRun: boolean;
  /** Absent before the first measurement. */
  readonly sentence?: string;
  readonly thresholds: readonly Threshold[];
  readonly limits: readonly MetricLimit[];
  /** Measurements that complete the metric; absent when it measures until something else ends it. */
  readonly wanted?: number;
}

export function detailOf(run: AnalysisRun): RunDetail {
  const plan = planRun(run.spec);
  const isSound = !('fault' in plan);
  const metrics = isSound ? plan.metrics : (run.spec.metrics ?? []);
  const results = new Map(run.status?.metricResults?.map((result) => [result.name, result]));
  const { sentence, metric: deciding } = reasonOf(run, metrics);
  return {
    run,
    sentence,
    ...(deciding !== undefined && { deciding }),
    templates: madeFrom(run),
    metrics: metrics.map((metric) => {
      const result = results.get(metric.name);
      const wanted = effectiveCount(metric);
      return {
        metric: JSON.parse(hideStandIns(JSON.stringify(metric))) as Metric,
        isDryRun: isSound && plan.dryRun.has(metric.name),
        ...(result !== undefined && { sentence: metricReason(metric, result).sentence }),
        thresholds: isSound ? thresholdsOf(metric) : [],
        limits: limitsOf(metric, result ?? {}),
        ...(wanted !== undefined && { wanted }),
      };
    }),
  };
}
