import { type ProviderCall, ProviderError, type SeriesRange } from '../../providers/contract.ts';
import { durationMs } from '../domain/duration.ts';
import { type CanaryQuery, DEFAULT_STEP } from './canary-query.ts';

/** As many slots as Kayenta's largest answers have; a step far too fine for its window is a mistake. */
const MOST_SLOTS = 100_000;

export interface Windows {
  readonly baseline: SeriesRange;
  readonly canary: SeriesRange;
}

/**
 * What a canary metric looks at now, on each side. Both end at a whole step, so that they have the same slots and a repeated question is the same question.
 * Throws ProviderError: `no-data` for a window that is still empty, `refused` for what is no duration.
 */
export function windowsOf(call: Pick<ProviderCall<CanaryQuery>, 'query' | 'run' | 'metric' | 'now'>): Windows {
  const { query, run, metric, now } = call;
  const stepMs = positive(query.step ?? DEFAULT_STEP, 'step');
  const endMs = Math.floor(now / stepMs) * stepMs;
  const length = lengthOf(query.window ?? 'run', metric.interval);
  const begin = length === undefined ? Date.parse(run.startedAt ?? '') : endMs - length;
  const startMs = Math.ceil(begin / stepMs) * stepMs;
  if (!(startMs < endMs))
    throw new ProviderError(
      'no-data',
      'the window holds no whole step: set a longer window, or an initialDelay of several steps so that there is something to compare',
    );
  if ((endMs - startMs) / stepMs > MOST_SLOTS)
    throw new ProviderError('refused', `the window holds more than ${MOST_SLOTS} steps: choose a larger step`);
  const offset = duration(query.baselineOffset ?? '0s', 'baselineOffset');
  return {
    baseline: { startMs: startMs - offset, endMs: endMs - offset, stepMs },
    canary: { startMs, endMs, stepMs },
  };
}

/** Undefined: since the run started. */
function lengthOf(window: string, interval: string | undefined): number | undefined {
  if (window === 'run') return undefined;
  if (window !== 'interval') return positive(window, 'window');
  if (interval === undefined) throw new ProviderError('refused', 'window: interval needs a metric with an interval');
  return positive(interval, 'interval');
}

function duration(value: string, field: string): number {
  try {
    return durationMs(value);
  } catch (error) {
    throw new ProviderError('refused', `canary.${field}: ${(error as Error).message}`, { cause: error });
  }
}

function positive(value: string, field: string): number {
  const ms = duration(value, field);
  if (ms > 0) return ms;
  throw new ProviderError('refused', `canary.${field}: ${value} is not longer than nothing`);
}
