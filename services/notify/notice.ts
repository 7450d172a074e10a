import { planRun } from '../analysis/plan-run.ts';
import { type ConditionOutcome, metricReason, type Reason, reasonOf } from '../analysis/reason.ts';
import type { Phase } from '../domain/phase.ts';
import { rfc3339 } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { TRACEPARENT } from '../engine/traced.ts';
import { plainText } from './plain-text.ts';
import { breachedResult, FIRST_BREACH, type Occurrence, type Trigger } from './triggers.ts';

/** What is told of a run, in facts: stored with each delivery, so that it can be told when the run is gone. Secrets are masked in a run's document already. */
export interface Notice {
  readonly trigger: Trigger;
  readonly phase: Phase;
  /** RFC 3339. */
  readonly at: string;
  readonly run: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** All of it as one sentence. */
  readonly sentence: string;
  readonly metric?: string;
  readonly value?: string;
  readonly conditions?: readonly ConditionOutcome[];
  /** The limit that was exceeded, in words. */
  readonly limit?: string;
  readonly samples: number;
  readonly since?: string;
  readonly metrics: readonly MetricNotice[];
  /** Of the span that created the run: telling of it is a part of that trace. */
  readonly traceparent?: string;
}

interface MetricNotice {
  readonly name: string;
  readonly phase: Phase;
  readonly value?: string;
  readonly dryRun?: boolean;
}

const MOST_METRICS = 20;
const LONGEST_SENTENCE = 2_000;

/** `now` stands in for a time that the run does not say. */
export function noticeOf(run: AnalysisRun, { trigger, at }: Occurrence, now: number): Notice {
  const { name, namespace = '', uid = '', labels, annotations } = run.metadata;
  const traceparent = annotations?.[TRACEPARENT];
  const plan = planRun(run.spec);
  const metrics = 'fault' in plan ? run.spec.metrics : plan.metrics;
  const { phase, reason } = told(run, trigger, metrics);
  const { metric, value, conditions, threshold, samples, since, sentence } = reason;
  return {
    trigger,
    phase,
    at: rfc3339(at ?? now),
    run: { namespace, name, uid, ...(labels && { labels }) },
    sentence: plainText(sentence, LONGEST_SENTENCE),
    ...(metric !== undefined && { metric: plainText(metric) }),
    ...(value !== undefined && { value: plainText(value) }),
    ...(conditions && { conditions: conditions.map((each) => ({ ...each, text: plainText(each.text) })) }),
    ...(threshold && { limit: plainText(threshold.text) }),
    samples,
    ...(since && { since }),
    ...(traceparent && { traceparent }),
    metrics: (run.status?.metricResults ?? []).slice(0, MOST_METRICS).map((result) => ({
      name: plainText(result.name),
      phase: result.phase,
      ...(result.measurements?.at(-1)?.value && { value: plainText(result.measurements.at(-1)?.value ?? '') }),
      ...(result.dryRun && { dryRun: true }),
    })),
  };
}

/** Something may be told when the run has already moved on: it is told as it was. */
function told(
  run: AnalysisRun,
  trigger: Trigger,
  metrics: readonly Metric[],
): { readonly phase: Phase; readonly reason: Reason } {
  const { completedAt: _, message: __, ...status } = run.status ?? {};
  if (trigger === 'on-analysis-run-running')
    return { phase: 'Running', reason: reasonOf({ spec: run.spec, status: { ...status, phase: 'Running' } }, metrics) };
  const breached = trigger === FIRST_BREACH ? breachedResult(status.metricResults ?? []) : undefined;
  const metric = metrics.find(({ name }) => name === breached?.name);
  if (breached === undefined || metric === undefined)
    return { phase: status.phase || 'Running', reason: reasonOf(run, metrics) };
  const { measurements = [] } = breached;
  const first = measurements.findIndex(({ phase }) => phase === 'Failed');
  const reason = metricReason(metric, { ...breached, phase: 'Failed', measurements: measurements.slice(0, first + 1) });
  const { threshold: _limit, ...shown } = reason;
  const found = [shown.value && `value ${shown.value}`, ...(shown.conditions ?? []).map(inWords)].filter(Boolean);
  return {
    phase: status.phase || 'Running',
    reason: { ...shown, sentence: `First breach of metric "${breached.name}": ${found.join('; ')}` },
  };
}

export function inWords({ field, text, held }: ConditionOutcome): string {
  return `${field} "${text}" was ${held}`;
}
