import { type Deferred, ProviderError, type Reading } from '../../providers/contract.ts';
import type { DueTask } from '../analysis/due.ts';
import { failedMeasurement, measurementOf } from '../analysis/evaluate-reading.ts';
import { maskMap } from '../analysis/mask-secrets.ts';
import type { Taken } from '../analysis/record-measurement.ts';
import type { Measurement } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import type { EngineDeps } from './deps.ts';
import { untilAborted } from './pass-deadline.ts';
import type { MeasureCall } from './ports.ts';
import { traced } from './traced.ts';

/** One measurement to take. */
export interface MeasurementTask {
  /** For its limits, its conditions and what is in flight. */
  readonly due: DueTask;
  /** The same metric with secrets in place. */
  readonly metric: Metric;
  readonly call: Omit<MeasureCall, 'now' | 'metric' | 'provider'>;
  /** Whether the run stops: what is in flight is ended instead of looked at. */
  readonly terminating: boolean;
  /** Whether it is the metric's first, so that the provider's notes on the metric are asked for. */
  readonly isFirst: boolean;
  readonly mask: (text: string) => string;
}

/** What came of it, and the millisecond that the next look is counted from (see `nextDueAt`). */
export interface TakenAt extends Taken {
  readonly exact?: number;
  /** Where it began something that goes on at the source: ends that. */
  readonly cancel?: () => Promise<unknown>;
}

/**
 * Asks the source, and makes a measurement of its answer or its failure. Rejects only when the process shuts down: then nothing is recorded, and the
 * measurement is taken again under the same attempt number.
 */
export function takeMeasurement(deps: EngineDeps, task: MeasurementTask): Promise<TakenAt> {
  const attributes = {
    'assay.provider': Object.keys(task.metric.provider)[0] ?? '',
    'assay.metric': task.due.metric.name,
    'assay.attempt': task.call.attempt,
  };
  return traced(deps.tracer, 'measure', { kind: 'client', attributes }, async (span) => {
    const taken = await take(deps, task);
    span?.set({ 'assay.phase': taken.measurement.phase });
    return taken;
  });
}

async function take(deps: EngineDeps, task: MeasurementTask): Promise<TakenAt> {
  const { metric, mask } = task;
  const { inFlight } = task.due;
  const startedAt = deps.clock.now();
  const call: MeasureCall = {
    ...task.call,
    metric: { name: task.due.metric.name, ...(metric.interval && { interval: metric.interval }) },
    provider: metric.provider,
    now: startedAt,
  };
  const [outcome, metadata] = await Promise.all([
    settle(deps, call, task),
    task.isFirst ? untilAborted(deps.measurer.metadata(call), call.signal).catch(() => undefined) : undefined,
  ]);
  deps.shutdown?.throwIfAborted();

  const endedAt = deps.clock.now();
  const times = { startedAt, endedAt, inFlight };
  const measurement =
    'failure' in outcome
      ? failedMeasurement(outcome.failure, times, outcome.metadata)
      : outcome.answer === undefined
        ? (inFlight as Measurement)
        : measurementOf(metric, outcome.answer, times);
  deps.observer?.measured({
    provider: Object.keys(metric.provider)[0] ?? '',
    phase: measurement.phase,
    durationMs: endedAt - startedAt,
  });
  const exact = measurement.finishedAt === undefined ? resumeAtOf(outcome) : endedAt;
  return {
    metricName: task.due.metric.name,
    measurement: masked(measurement, mask),
    wasInFlight: inFlight !== undefined,
    wasCancelled: task.terminating && inFlight !== undefined && !('failure' in outcome),
    endedAt,
    ...(metadata && { metadata: maskMap(metadata, mask) }),
    ...(exact !== undefined && { exact }),
    ...(inFlight === undefined &&
      measurement.finishedAt === undefined && { cancel: () => deps.measurer.cancel(call, measurement) }),
  };
}

type Outcome =
  | { readonly answer: Reading | Deferred | undefined }
  | { readonly failure: string; readonly metadata?: Readonly<Record<string, string>> };

async function settle(deps: EngineDeps, call: MeasureCall, task: MeasurementTask): Promise<Outcome> {
  try {
    return { answer: await untilAborted(ask(deps, call, task), call.signal) };
  } catch (error) {
    if (error instanceof ProviderError)
      return { failure: error.message, ...(error.metadata && { metadata: error.metadata }) };
    // A bug of a provider ends in an Error measurement too: the run goes on by its limits.
    const message = error instanceof Error ? error.message : String(error);
    deps.log.error(
      { run: call.run.name, metric: call.metric.name, error: task.mask(stackOf(error)) },
      'measuring failed',
    );
    return { failure: message };
  }
}

function ask({ measurer }: EngineDeps, call: MeasureCall, { due, terminating }: MeasurementTask) {
  if (due.inFlight === undefined) return measurer.measure(call);
  return terminating ? measurer.cancel(call, due.inFlight) : measurer.resume(call, due.inFlight);
}

/**
 * The metadata of a measurement in flight is the provider's handle and stays as it is: a short secret would cut it to pieces. Once the measurement is
 * complete it is evidence, and masked like the rest.
 */
function masked(measurement: Measurement, mask: (text: string) => string): Measurement {
  return {
    ...measurement,
    ...(measurement.message && { message: mask(measurement.message) }),
    ...(measurement.value && { value: mask(measurement.value) }),
    ...(measurement.metadata &&
      measurement.finishedAt !== undefined && { metadata: maskMap(measurement.metadata, mask) }),
  };
}

function resumeAtOf(outcome: Outcome): number | undefined {
  const answer = 'answer' in outcome ? outcome.answer : undefined;
  return answer !== undefined && 'deferred' in answer ? answer.resumeAt : undefined;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
