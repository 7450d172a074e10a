import { type CompletedPhase, isCompleted } from '../domain/phase.ts';
import { epochMs } from '../domain/resource.ts';
import type { AnalysisRun, MetricResult } from '../domain/run.ts';

/** What can be told of a run, in the order in which it happens. Argo's names: `on-` and the reason of the event; the first breach is Assay's. */
export const TRIGGERS = [
  'on-analysis-run-running',
  'on-analysis-run-first-breach',
  'on-analysis-run-successful',
  'on-analysis-run-failed',
  'on-analysis-run-error',
  'on-analysis-run-inconclusive',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const FIRST_BREACH: Trigger = 'on-analysis-run-first-breach';

/** What a list of triggers may hold. */
export function unknownTriggers(triggers: readonly string[]): readonly string[] {
  return triggers.filter((trigger) => !(TRIGGERS as readonly string[]).includes(trigger));
}

/** Something that has become true of a run; `at` is epoch milliseconds, undefined when the document does not say any more. */
export interface Occurrence {
  readonly trigger: Trigger;
  readonly at: number | undefined;
}

/** Everything that has become true of a run so far, from its document alone: in order, each once. */
export function occurrencesOf(run: Pick<AnalysisRun, 'metadata' | 'status'>): readonly Occurrence[] {
  const { phase, startedAt, completedAt, metricResults = [] } = run.status ?? {};
  const started = epochMs(startedAt);
  const found: Occurrence[] = [];
  // A run that ends with its first pass never was Running. Times are whole seconds: a run that took less than one is not told of as Running once it is over.
  if (phase === 'Running' || (started !== undefined && started < (epochMs(completedAt) ?? 0)))
    found.push({ trigger: 'on-analysis-run-running', at: started });
  if (breachedResult(metricResults) !== undefined) found.push({ trigger: FIRST_BREACH, at: breachedAt(metricResults) });
  if (isCompleted(phase)) found.push({ trigger: triggerOf(phase), at: epochMs(completedAt) ?? lastSign(run) });
  return found;
}

export function triggerOf(phase: CompletedPhase): Trigger {
  return `on-analysis-run-${phase.toLowerCase() as Lowercase<CompletedPhase>}`;
}

/** The metric that counts and whose kept measurements Failed first. */
export function breachedResult(results: readonly MetricResult[]): MetricResult | undefined {
  return breachedResults(results).toSorted(
    (a, b) => (firstFailedAt(a) ?? Infinity) - (firstFailedAt(b) ?? Infinity),
  )[0];
}

function breachedResults(results: readonly MetricResult[]): readonly MetricResult[] {
  return results.filter(({ dryRun, failed = 0 }) => dryRun !== true && failed > 0);
}

/** Unknown once any metric has lost a Failed measurement: that one may have been the first, however late the others Failed. */
function breachedAt(results: readonly MetricResult[]): number | undefined {
  const breached = breachedResults(results);
  const first = breachedResult(results);
  return first === undefined || breached.some(hasLostFailures) ? undefined : firstFailedAt(first);
}

function hasLostFailures({ failed = 0, measurements = [] }: MetricResult): boolean {
  return measurements.filter(({ phase }) => phase === 'Failed').length < failed;
}

function firstFailedAt({ measurements = [] }: MetricResult): number | undefined {
  return epochMs(measurements.find(({ phase }) => phase === 'Failed')?.finishedAt);
}

/** A run whose spec cannot be run completes without a time of its own. */
function lastSign({ metadata, status }: Pick<AnalysisRun, 'metadata' | 'status'>): number | undefined {
  const finished = (status?.metricResults ?? []).flatMap(({ measurements = [] }) =>
    measurements.map(({ finishedAt }) => epochMs(finishedAt) ?? 0),
  );
  const known = [epochMs(status?.startedAt), epochMs(metadata.creationTimestamp), ...finished];
  const last = Math.max(...known.map((time) => time ?? 0));
  return last > 0 ? last : undefined;
}
