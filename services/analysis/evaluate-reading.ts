import type { Deferred, Reading } from '../../providers/contract.ts';
import { rfc3339 } from '../domain/resource.ts';
import type { Measurement } from '../domain/run.ts';
import type { Metric } from '../domain/template.ts';
import { evaluateResult } from './evaluate-result.ts';

/** When a measurement began and when its answer came; `inFlight` is the measurement that the answer goes on from. */
export interface MeasurementTimes {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly inFlight?: Measurement | undefined;
}

/** What a source answered becomes a measurement: the conditions decide its phase, unless the source decided itself. */
export function measurementOf(metric: Metric, answer: Reading | Deferred, times: MeasurementTimes): Measurement {
  if ('deferred' in answer) return measurementInFlight(answer, times);
  const { phase, message, keepsValue } = decided(metric, answer, times.endedAt);
  return {
    phase,
    ...(message && { message }),
    ...(keepsValue && answer.value !== '' && { value: answer.value }),
    startedAt: times.inFlight?.startedAt ?? rfc3339(times.startedAt),
    finishedAt: rfc3339(times.endedAt),
    ...metadataOf(times, answer.metadata),
  };
}

/** The source failed: an Error measurement with the reason as its message. */
export function failedMeasurement(
  message: string,
  times: MeasurementTimes,
  metadata?: Readonly<Record<string, string>>,
): Measurement {
  return {
    phase: 'Error',
    message,
    startedAt: times.inFlight?.startedAt ?? rfc3339(times.startedAt),
    finishedAt: rfc3339(times.endedAt),
    ...metadataOf(times, metadata),
  };
}

function decided(metric: Metric, reading: Reading, now: number) {
  const { successCondition, failureCondition } = metric;
  const verdict = reading.verdict ?? (successCondition || failureCondition ? undefined : reading.withoutConditions);
  if (verdict !== undefined) return { ...verdict, keepsValue: true };
  if (reading.result === undefined)
    return { phase: 'Error' as const, message: 'the provider answered without a result', keepsValue: false };
  const { phase, error } = evaluateResult(metric, reading.result, now);
  // On an error most of Argo's providers lose the value that they read.
  return { phase, message: error, keepsValue: error === undefined || reading.keepsValueOnError === true };
}

function measurementInFlight(answer: Deferred, times: MeasurementTimes): Measurement {
  const value = answer.value ?? times.inFlight?.value;
  return {
    phase: 'Running',
    ...(answer.message && { message: answer.message }),
    ...(value && { value }),
    startedAt: times.inFlight?.startedAt ?? rfc3339(times.startedAt),
    ...(answer.resumeAt !== undefined && { resumeAt: rfc3339(answer.resumeAt) }),
    ...metadataOf(times, answer.metadata),
  };
}

/** What was noted before stays noted. */
function metadataOf({ inFlight }: MeasurementTimes, noted: Readonly<Record<string, string>> | undefined) {
  const metadata = { ...inFlight?.metadata, ...noted };
  return Object.keys(metadata).length > 0 && { metadata };
}
