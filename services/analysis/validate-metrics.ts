import { durationMs } from '../domain/duration.ts';
import type { Metric } from '../domain/template.ts';
import { isGiven, readInt } from './int-or-string.ts';

/**
 * The first rule that a list of resolved metrics breaks, in Argo's order and words; undefined when it breaks none. Conditions, provider fields and
 * negative durations are not looked at: they show when measuring.
 */
export function metricsFault(metrics: readonly Metric[]): string | undefined {
  if (metrics.length === 0) return 'no metrics specified';
  const names = new Set<string>();
  for (const [index, metric] of metrics.entries()) {
    const fault = names.has(metric.name) ? `duplicate name '${metric.name}'` : metricFault(metric);
    if (fault !== undefined) return `metrics[${index}]: ${fault}`;
    names.add(metric.name);
  }
  return undefined;
}

function metricFault(metric: Metric): string | undefined {
  return limitsFault(metric) ?? timesFault(metric) ?? providerFault(metric);
}

function limitsFault(metric: Metric): string | undefined {
  const count = readInt(metric.count);
  const failures = readInt(metric.failureLimit);
  const inconclusive = readInt(metric.inconclusiveLimit);
  const successes = readInt(metric.consecutiveSuccessLimit);
  if (successes < 0) return 'consecutiveSuccessLimit must be >= 0';
  if (failures < -1) return 'failureLimit must be >= 0, or -1 to be disabled';
  if (successes === 0 && failures === -1) return 'failureLimit and consecutiveSuccessLimit cannot both be disabled';
  if (inconclusive < 0) return 'inconclusiveLimit must be >= 0';
  if (isGiven(metric.consecutiveErrorLimit) && readInt(metric.consecutiveErrorLimit) < 0)
    return 'consecutiveErrorLimit must be >= 0';
  if (count <= 0) return undefined;
  if (failures >= 0 && count < failures + successes)
    return `count (${count}) must be >= failureLimit + consecutiveSuccessLimit (${failures} + ${successes}) if both >= 0`;
  if (failures < 0 && count < successes) return 'count must be >= consecutiveSuccessLimit';
  if (count < inconclusive) return 'count must be >= inconclusiveLimit';
  return undefined;
}

function timesFault(metric: Metric): string | undefined {
  const interval = metric.interval ?? '';
  const initialDelay = metric.initialDelay ?? '';
  if (readInt(metric.count) > 1 && interval === '') return 'interval must be specified when count > 1';
  if (interval !== '') {
    const fault = durationFault(interval);
    if (fault !== undefined) return `invalid interval string: ${fault}`;
  }
  if (initialDelay !== '') {
    const fault = durationFault(initialDelay);
    if (fault !== undefined) return `invalid startDelay string: ${fault}`;
  }
  return undefined;
}

function durationFault(text: string): string | undefined {
  try {
    durationMs(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function providerFault(metric: Metric): string | undefined {
  const members = providerMembers(metric.provider);
  if (members === 0) return 'no provider specified';
  return members > 1 ? 'multiple providers specified' : undefined;
}

/** Each plugin counts for itself, so that an empty plugin map is no provider. */
function providerMembers(provider: Metric['provider'] | undefined): number {
  return Object.entries(provider ?? {}).reduce((total, [member, query]) => {
    if (query === undefined || query === null) return total;
    return total + (member === 'plugin' ? Object.keys(query).length : 1);
  }, 0);
}
