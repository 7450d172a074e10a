import { ANALYSIS_API_VERSION, type ObjectMeta } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { AnalysisTemplateSpec, Argument, MetricRule, RetentionRule } from '../domain/template.ts';
import { combineDryRun, combineRetention, combineTemplates, mergeArguments } from './combine-templates.ts';

export interface NewRun {
  readonly metadata: ObjectMeta;
  readonly templates: readonly { readonly spec: AnalysisTemplateSpec }[];
  readonly clusterTemplates?: readonly { readonly spec: AnalysisTemplateSpec }[];
  readonly args?: readonly Argument[];
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly RetentionRule[];
}

/** A run out of collected templates and what its caller adds; the caller's rules stand before the templates'. Throws Error with Argo's text. */
export function newRun(from: NewRun): AnalysisRun {
  const combined = combineTemplates(
    from.templates.map(({ spec }) => spec),
    from.clusterTemplates?.map(({ spec }) => spec),
  );
  const spec = {
    metrics: combined.metrics,
    args: mergeArguments(from.args ?? [], combined.args),
    dryRun: combineDryRun(from.dryRun, combined.dryRun),
    measurementRetention: combineRetention(from.measurementRetention, combined.measurementRetention),
  };
  return {
    apiVersion: ANALYSIS_API_VERSION,
    kind: 'AnalysisRun',
    metadata: from.metadata,
    spec: {
      metrics: spec.metrics,
      ...(spec.args.length > 0 && { args: spec.args }),
      ...(spec.dryRun.length > 0 && { dryRun: spec.dryRun }),
      ...(spec.measurementRetention.length > 0 && { measurementRetention: spec.measurementRetention }),
    },
  };
}
