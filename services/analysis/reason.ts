import { isCompleted, type Phase } from '../domain/phase.ts';
import type { AnalysisRun, Measurement, MetricResult } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { type ExceededLimit, exceededLimit } from './assess-metric.ts';
import { planRun } from './plan-run.ts';
import { hideStandIns } from './resolve-arguments.ts';
import { decidesItself } from './self-deciding.ts';

/** Why a run, or one of its metrics, stands where it stands: made here only, and shown by messages, logs, pages and the command line. */
export interface Reason {
  readonly phase: Phase | '';
  /** The metric that decided; absent when none did (still running, or the spec cannot be run). */
  readonly metric?: string;
  /** What was read when it was decided, as text. */
  readonly value?: string;
  /** The conditions that were evaluated for that value, and how each came out. */
  readonly conditions?: readonly ConditionOutcome[];
  /** The limit that was exceeded. */
  readonly threshold?: ExceededLimit;
  /** Measurements taken, errors included. */
  readonly samples: number;
  /** RFC 3339: start of the first kept measurement that speaks for the phase; for a run that is not complete, the start of the run. */
  readonly since?: string;
  /** All of it as one sentence. */
  readonly sentence: string;
}

export interface ConditionOutcome {
  readonly field: 'successCondition' | 'failureCondition';
  readonly text: string;
  readonly held: boolean;
}

/** `metrics` are the resolved ones, when the caller has them at hand. */
export function reasonOf(run: Pick<AnalysisRun, 'spec' | 'status'>, metrics = resolvedMetrics(run)): Reason {
  const { phase = '', message = '', startedAt, completedAt, metricResults = [] } = run.status ?? {};
  const samples = metricResults.reduce((total, result) => total + samplesOf(result), 0);
  if (!isCompleted(phase)) {
    const since = startedAt === undefined ? {} : { since: startedAt };
    return { phase, samples, ...since, sentence: runningSentence(metrics, metricResults, samples, startedAt) };
  }
  if (phase === 'Error' && completedAt === undefined) return { phase, samples, sentence: message };

  const counting = metricResults.filter(({ dryRun }) => dryRun !== true);
  const deciding = metrics
    .map((metric) => ({ metric, result: counting.find(({ name }) => name === metric.name) }))
    .find(({ result }) => result?.phase === phase);
  if (deciding?.result === undefined)
    return { phase, samples, sentence: message || `${phase}: no metric that counts was measured` };
  const reason = metricReason(deciding.metric, deciding.result);
  if (phase !== 'Successful') return reason;
  const stopped = run.spec.terminate === true ? 'Stopped on request; no limit was exceeded. ' : '';
  const others = counting.length > 1 ? `All ${counting.length} metrics that count are Successful. ` : '';
  return { ...reason, samples, sentence: `${stopped}${others}${reason.sentence}` };
}

/** Why a metric stands where it stands. */
export function metricReason(metric: Metric, result: MetricResult): Reason {
  const { name, phase, measurements = [] } = result;
  const threshold = isCompleted(phase) ? exceededLimit(metric, result) : undefined;
  const evidence = measurements.findLast((each) => each.phase === phase) ?? measurements.at(-1);
  const since = measurements.find((each) => each.phase === evidence?.phase)?.startedAt;
  const conditions = evidence === undefined ? [] : conditionsOf(metric, evidence);
  const samples = samplesOf(result);
  return {
    phase,
    metric: name,
    ...(evidence?.value && { value: evidence.value }),
    ...(conditions.length > 0 && { conditions }),
    ...(threshold && { threshold }),
    samples,
    ...(since && { since }),
    sentence: metricSentence(result, evidence, conditions, threshold, since),
  };
}

function metricSentence(
  result: MetricResult,
  evidence: Measurement | undefined,
  conditions: readonly ConditionOutcome[],
  threshold: ExceededLimit | undefined,
  since: string | undefined,
): string {
  const parts = [
    evidence?.value && `value ${evidence.value}`,
    ...conditions.map(({ field, text, held }) => `${field} "${text}" was ${held}`),
    evidence?.phase !== 'Successful' && evidence?.message,
    threshold?.text,
    `${samplesOf(result)} ${samplesOf(result) === 1 ? 'sample' : 'samples'}${since ? ` since ${since}` : ''}`,
  ];
  return `Metric "${result.name}" ${result.phase}: ${parts.filter((part) => part).join('; ')}`;
}

function runningSentence(
  metrics: readonly Metric[],
  results: readonly MetricResult[],
  samples: number,
  startedAt: string | undefined,
): string {
  if (startedAt === undefined) return 'Waiting for its first pass';
  const done = results.filter(({ phase }) => isCompleted(phase)).length;
  const tally = (['failed', 'inconclusive', 'error'] as const)
    .map((counter) => [counter, results.reduce((total, result) => total + (result[counter] ?? 0), 0)] as const)
    .filter(([, total]) => total > 0)
    .map(([counter, total]) => `, ${total} ${counter}`);
  return `Running since ${startedAt}: ${samples} ${samples === 1 ? 'sample' : 'samples'}${tally.join('')}; ${done} of ${metrics.length} metrics complete`;
}

/** How the conditions came out, told backwards from the phase: the table of `evaluate-result.ts` has one way to each. */
function conditionsOf(metric: Metric, { phase }: Measurement): readonly ConditionOutcome[] {
  if (decidesItself(metric) || !isCompleted(phase) || phase === 'Error') return [];
  const { successCondition: success, failureCondition: failure } = metric;
  const outcomes: ConditionOutcome[] = [];
  // A failureCondition that holds decides alone: what successCondition said then is not known any more.
  if (success && !(phase === 'Failed' && failure))
    outcomes.push({ field: 'successCondition', text: hideStandIns(success), held: phase === 'Successful' });
  if (failure) outcomes.push({ field: 'failureCondition', text: hideStandIns(failure), held: phase === 'Failed' });
  return outcomes;
}

function samplesOf({ count = 0, error = 0 }: MetricResult): number {
  return count + error;
}

function resolvedMetrics({ spec }: Pick<AnalysisRun, 'spec'>): readonly Metric[] {
  const plan = planRun(spec);
  return 'fault' in plan ? (spec.metrics ?? []) : plan.metrics;
}
