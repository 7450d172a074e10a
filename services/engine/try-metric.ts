import { randomUUID } from 'node:crypto';
import type { Deferred, Reading } from '../../providers/contract.ts';
import type { Finding } from '../analysis/lint.ts';
import { secretMask } from '../analysis/mask-secrets.ts';
import { planRun, withSecretsResolved } from '../analysis/plan-run.ts';
import type { SecretData } from '../analysis/resolve-arguments.ts';
import { decidesItself } from '../analysis/self-deciding.ts';
import { CallerError } from '../domain/errors.ts';
import { ANALYSIS_API_VERSION } from '../domain/resource.ts';
import type { Result } from '../domain/result.ts';
import type { Measurement } from '../domain/run.ts';
import type { Argument, Metric } from '../domain/template.ts';
import { checkCondition, evaluateCondition, type SourceError } from '../expression/condition.ts';
import type { EngineDeps } from './deps.ts';
import { lintDocument } from './lint-document.ts';
import { untilAborted } from './pass-deadline.ts';
import type { Measurer } from './ports.ts';
import { takeMeasurement } from './take-measurement.ts';

/** One measurement that belongs to no run. */
export interface MetricTrial {
  readonly namespace: string;
  readonly metric: Metric;
  readonly args: readonly Argument[];
  readonly signal: AbortSignal;
}

/** What came of it, without secrets. */
export interface TriedMetric {
  /** As a run would record it. */
  readonly measurement: Measurement;
  /** What was read, as text; a measurement whose condition cannot be evaluated may keep none of it. */
  readonly value?: string;
  /** The Go type of `result` in conditions; absent when there was none. */
  readonly resultType?: Result['type'];
  readonly conditions: readonly TriedCondition[];
  /** What the provider notes of the metric: the query with its arguments in place. */
  readonly notes: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

export interface TriedCondition {
  readonly field: 'successCondition' | 'failureCondition';
  readonly text: string;
  /** What it said; absent when it could not be evaluated, or there was nothing to evaluate it with. */
  readonly held?: boolean;
  /** With the place in the text and a caret under it. */
  readonly error?: string;
}

/** No run has such a name, so that what a provider keeps under it is nobody's. */
const NAME = 'a trial';

/**
 * Measures once, as a pass of a run would, and stores nothing: to see what a query answers and what conditions make of it. Throws CallerError `invalid` for
 * what could not be run at all, and for sources that would do something.
 */
export async function tryMetric(
  deps: EngineDeps,
  { namespace, metric, args, signal }: MetricTrial,
): Promise<TriedMetric> {
  if (decidesItself(metric) && metric.provider['canary'] === undefined)
    throw invalid(
      'metric.provider',
      `${Object.keys(metric.provider).join(', ')} does something and decides itself: make a run of it`,
    );
  const spec = { metrics: [metric], args };
  const plan = planRun(spec);
  if ('fault' in plan) throw invalid('metric', plan.fault);
  const read = new Map<string, SecretData | undefined>();
  for (const name of plan.secretNames)
    read.set(
      name,
      await untilAborted(deps.secrets.read(namespace, name), signal).catch((error: unknown) => {
        throw invalid('args', (error as Error).message);
      }),
    );
  const measurable = withSecretsResolved(spec, plan, (name) => read.get(name));
  if ('fault' in measurable) throw invalid('args', measurable.fault);

  const [resolved = metric] = measurable.metrics;
  const mask = secretMask(measurable.secrets);
  const heard = overheard(deps.measurer);
  const call = { run: { uid: randomUUID(), name: NAME, namespace }, attempt: 1, signal };
  const { observer: _, ...unseen } = deps;
  const startedAt = deps.clock.now();
  const { measurement, metadata = {} } = await takeMeasurement(
    { ...unseen, measurer: heard.measurer },
    {
      due: { metric: plan.metrics[0] ?? metric },
      metric: resolved,
      call: { ...call, dueAt: startedAt },
      terminating: false,
      isFirst: true,
      mask,
    },
  );
  const durationMs = deps.clock.now() - startedAt;
  const answer = heard.answer();
  if (measurement.finishedAt === undefined)
    await deps.measurer.cancel(
      { ...call, metric: { name: metric.name }, provider: resolved.provider, now: startedAt },
      measurement,
    );
  const result = answer === undefined || 'deferred' in answer ? undefined : answer.result;
  const value = answer?.value ?? '';
  return {
    measurement,
    ...(value !== '' && { value: mask(value) }),
    ...(result !== undefined && { resultType: result.type }),
    conditions: triedConditions(resolved, result, startedAt, mask),
    notes: metadata,
    findings: await lintDocument({
      apiVersion: ANALYSIS_API_VERSION,
      kind: 'AnalysisRun',
      metadata: { name: NAME, namespace },
      spec,
    }),
    durationMs,
  };
}

/** The measurement does not hold what conditions saw: it is noted on its way. */
function overheard(measurer: Measurer): { measurer: Measurer; answer(): Reading | Deferred | undefined } {
  let answer: Reading | Deferred | undefined;
  return {
    measurer: {
      measure: async (call) => {
        answer = await measurer.measure(call);
        return answer;
      },
      metadata: (call) => measurer.metadata(call),
      resume: (call, inFlight) => measurer.resume(call, inFlight),
      cancel: (call, inFlight) => measurer.cancel(call, inFlight),
      collect: (call, result, limit) => measurer.collect(call, result, limit),
    },
    answer: () => answer,
  };
}

function triedConditions(
  metric: Metric,
  result: Result | undefined,
  now: number,
  mask: (text: string) => string,
): readonly TriedCondition[] {
  return (['successCondition', 'failureCondition'] as const).flatMap((field) => {
    const text = metric[field];
    if (!text) return [];
    const tried = { field, text: mask(text) };
    const failed = (error: SourceError) => [{ ...tried, error: mask(error.formatted) }];
    if (result === undefined) {
      const error = checkCondition(text);
      return error === undefined ? [tried] : failed(error);
    }
    const outcome = evaluateCondition(text, result, now);
    return outcome.ok ? [{ ...tried, held: outcome.value }] : failed(outcome.error);
  });
}

function invalid(field: string, message: string): CallerError {
  return new CallerError('invalid', `${field}: ${message}`, [{ field, message }]);
}
