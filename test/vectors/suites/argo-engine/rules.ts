import { assessMetric, exceededLimit } from '../../../../services/analysis/assess-metric.ts';
import { assessRun } from '../../../../services/analysis/assess-run.ts';
import { collectTemplates } from '../../../../services/analysis/collect-templates.ts';
import { combineTemplates, mergeArguments } from '../../../../services/analysis/combine-templates.ts';
import { type Conclusion, concludePass, endedEarly } from '../../../../services/analysis/conclude-pass.ts';
import { dueTasks, nextDueAt } from '../../../../services/analysis/due.ts';
import { effectiveCount } from '../../../../services/analysis/effective-count.ts';
import { secretMask } from '../../../../services/analysis/mask-secrets.ts';
import { matchDryRun, matchRetention } from '../../../../services/analysis/match-rules.ts';
import { newRun } from '../../../../services/analysis/new-run.ts';
import { planRun, withSecretsResolved } from '../../../../services/analysis/plan-run.ts';
import { recordMeasurement } from '../../../../services/analysis/record-measurement.ts';
import { withSecrets } from '../../../../services/analysis/resolve-arguments.ts';
import { resolveMetric } from '../../../../services/analysis/resolve-metric.ts';
import { metricCompleted } from '../../../../services/analysis/run-event.ts';
import { fillArguments } from '../../../../services/analysis/template-text.ts';
import { isTerminating } from '../../../../services/analysis/terminating.ts';
import { expiresAt } from '../../../../services/analysis/time-to-live.ts';
import { retentionOf, trimMeasurements } from '../../../../services/analysis/trim-measurements.ts';
import { metricsFault } from '../../../../services/analysis/validate-metrics.ts';
import { durationMs } from '../../../../services/domain/duration.ts';
import { goEscape } from '../../../../services/domain/go-text.ts';
import { isCompleted, isWorse } from '../../../../services/domain/phase.ts';
import { rfc3339 } from '../../../../services/domain/resource.ts';
import type { AnalysisRun, Measurement, MetricResult } from '../../../../services/domain/run.ts';
import type { AnalysisTemplate, Metric } from '../../../../services/domain/template.ts';
import type { KindTable } from './index.ts';

const FROZEN = '2026-01-01T00:00:00Z';

/** Sections 2 to 12 of the engine: the rules of services/analysis. */
export const ruleKinds: KindTable = {
  duration: ({ value }) => ({ milliseconds: durationMs(value) }),
  template: ({ template, args, quoted }) => ({
    output: fillArguments(template, args ?? [], quoted ? goEscape : undefined),
  }),
  resolveMetricArgs: ({ metric, args }) => ({ metric: resolveMetric(metric, args ?? []) }),
  validate: ({ metrics }) => {
    const fault = metricsFault(metrics ?? []);
    return fault === undefined ? { valid: true } : { error: fault };
  },
  effectiveCount: ({ metric }) => ({ count: effectiveCount(metric) ?? null }),
  mergeArgs: ({ incoming, template }) => ({ args: mergeArguments(incoming ?? [], template ?? []) }),
  mergeTemplates: ({ templates, clusterTemplates }) => ({
    spec: combineTemplates(specsOf(templates), specsOf(clusterTemplates)),
  }),
  newRun: ({ name, generateName, namespace, labels, annotations, ...from }) => ({
    run: newRun({ templates: [], metadata: { name, generateName, namespace, labels, annotations }, ...from }),
  }),
  uniqueTemplates: async ({ templates, clusterTemplates }) => {
    const refs = [
      ...templates.map((templateName: string) => ({ templateName })),
      ...clusterTemplates.map((templateName: string) => ({ templateName, clusterScope: true })),
    ];
    const collected = await collectTemplates(refs, ({ templateName, clusterScope }) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: clusterScope ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate',
      metadata: { name: templateName },
      spec: {},
    }));
    return { templates: namesOf(collected.templates), clusterTemplates: namesOf(collected.clusterTemplates) };
  },
  matchDryRun: ({ dryRun, metrics }) => ({ matched: [...matchDryRun(dryRun ?? [], metrics)].sort() }),
  matchRetention: ({ measurementRetention, metrics }) => ({
    limits: Object.fromEntries(matchRetention(measurementRetention ?? [], metrics)),
  }),
  assessMetric: ({ metric, result, terminating }) => ({ phase: assessMetric(metric, result, terminating ?? false) }),
  assessLimits: ({ metric, result }) => {
    const limit = exceededLimit(metric, result);
    return { phase: limit?.phase ?? '', message: limit?.text ?? '' };
  },
  isTerminating: ({ run }) => ({ terminating: isTerminating(run) }),
  worse: ({ current, new: next }) => ({ worse: isWorse(current, next) }),
  generateTasks: ({ run, now }) => ({
    tasks: dueTasks(run, run.spec.metrics, epoch(now)).map(({ metric, inFlight }) => ({
      metric: metric.name,
      resume: inFlight !== undefined,
    })),
  }),
  nextReconcile: ({ run, now }) => {
    const at = nextDueAt(run, run.spec.metrics, epoch(now));
    return { at: at === undefined ? null : rfc3339(at) };
  },
  trimMeasurements: ({ run, retention, defaultLimit }) => {
    const limits = new Map(Object.entries(retention ?? {}).map(([name, rule]) => [name, (rule as Rule).limit]));
    const trimmed = (run as AnalysisRun).status?.metricResults?.map((result) =>
      trimMeasurements(result, retentionOf(result.name, limits, defaultLimit)),
    );
    return {
      values: Object.fromEntries(
        (trimmed ?? []).map((result) => [result.name, (result.measurements ?? []).map(({ value }) => value)]),
      ),
    };
  },
  ttlExpired: ({ run, now }) => ({ expired: isExpired(run, epoch(now)) }),
  resolveSecretArgs: ({ args, metrics, secrets }) => {
    const read = withSecrets(args, (name) => secrets?.[name]);
    return {
      metrics: (metrics as Metric[]).map((metric) => resolveMetric(metric, read.args)),
      redact: read.secrets,
    };
  },
  assessRun: ({ run, dryRunMetrics, now }) => {
    const assessed = assessRun(run, run.spec.metrics, new Set(dryRunMetrics ?? []));
    return {
      ...assessed,
      startedAt: run.status?.startedAt ?? rfc3339(epoch(now)),
      metrics: byName(assessed.metricResults),
      events: assessed.completed.map(({ metric, phase }) => metricCompleted(metric, phase)),
    };
  },
  reconcile: (input) => reconcile(input),
};

interface Rule {
  readonly limit: number;
}

interface ReconcileInput {
  readonly run: AnalysisRun;
  readonly now?: string;
  readonly provider?: Readonly<Record<string, CannedProvider>>;
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface CannedProvider {
  readonly run?: Measurement;
  readonly resume?: Measurement;
  readonly terminate?: Measurement;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly providerError?: string;
}

/** One pass over canned measurements, step by step as services/engine/advance-run.ts takes them. */
function reconcile({ run, now: at, provider = {}, secrets = {} }: ReconcileInput): unknown {
  const now = epoch(at);
  if (run.metadata.deletionTimestamp !== undefined) return { ...seen({ status: run.status ?? {}, events: [] }) };
  if (isCompleted(run.status?.phase))
    return { ...seen({ status: run.status ?? {}, events: [] }), deleted: isExpired(run, now) };

  const plan = planRun(run.spec);
  if ('fault' in plan) return seen(endedEarly(run, plan.fault));
  const tasks = dueTasks(run, plan.metrics, now);
  const measurable = withSecretsResolved(run.spec, plan, (name) => secrets[name]);
  if ('fault' in measurable) return seen(endedEarly(run, measurable.fault));

  const terminating = isTerminating(run);
  const mask = secretMask(measurable.secrets);
  const calls: string[] = [];
  let results: readonly MetricResult[] = run.status?.metricResults ?? [];
  for (const { metric, inFlight } of tasks) {
    const canned = provider[metric.name] ?? {};
    const call = inFlight === undefined ? 'run' : terminating ? 'terminate' : 'resume';
    if (canned.providerError === undefined) calls.push(`${call}:${metric.name}`);
    const answer =
      canned.providerError === undefined
        ? canned[call]
        : { startedAt: rfc3339(now), ...inFlight, phase: 'Error' as const, message: canned.providerError };
    if (answer === undefined) throw new Error(`no canned answer for ${call}:${metric.name}`);
    results = recordMeasurement(
      results,
      {
        metricName: metric.name,
        measurement: answer.message === undefined ? answer : { ...answer, message: mask(answer.message) },
        wasInFlight: inFlight !== undefined,
        wasCancelled: call === 'terminate' && canned.providerError === undefined,
        endedAt: now,
        // A provider that cannot be built notes nothing.
        ...(canned.metadata && canned.providerError === undefined && { metadata: canned.metadata }),
      },
      plan.dryRun,
    );
  }
  const conclusion = concludePass(run, plan, results, now);
  const status = {
    ...conclusion.status,
    // What a provider that cannot be built has left behind is not collected, and stays.
    metricResults: conclusion.status.metricResults?.map((result) =>
      provider[result.name]?.providerError === undefined
        ? trimMeasurements(result, retentionOf(result.name, plan.retention))
        : result,
    ),
  } as AnalysisRun['status'] & object;
  const next = nextDueAt({ spec: run.spec, status }, plan.metrics, now);
  return {
    ...seen({ ...conclusion, status }),
    calls: calls.sort(),
    requeueAfterSeconds: next === undefined ? null : Math.max(0, (next - now) / 1000),
  };
}

function seen({ status, events }: Conclusion): object {
  return { ...status, metrics: byName(status.metricResults ?? []), events, requeueAfterSeconds: null, deleted: false };
}

function isExpired(run: AnalysisRun, now: number): boolean {
  const at = expiresAt(run);
  return at !== undefined && now >= at;
}

const byName = (results: readonly MetricResult[]) => Object.fromEntries(results.map((result) => [result.name, result]));
const namesOf = (templates: readonly AnalysisTemplate[]) => templates.map(({ metadata }) => metadata.name);
const epoch = (time: string | undefined) => Date.parse(time ?? FROZEN);
const specsOf = (templates: readonly { spec: object }[] | null | undefined) =>
  (templates ?? []).map(({ spec }) => spec);
