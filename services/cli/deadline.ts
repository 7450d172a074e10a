import { durationMs } from '../domain/duration.ts';
import { type Input, NoVerdictError, textOption, UsageError } from './command.ts';

/** A signal that aborts when `--timeout` is over, and what the wait was for. Throws UsageError for what is no duration. */
export function deadlineOf(input: Input, waitingFor: string): AbortSignal {
  const text = textOption(input, 'timeout');
  const stop = new AbortController();
  if (text === undefined) return stop.signal;
  const ms = positiveMs(text);
  const timer = setTimeout(() => stop.abort(new NoVerdictError(`${waitingFor} has no verdict after ${text}`)), ms);
  timer.unref();
  return stop.signal;
}

function positiveMs(text: string): number {
  try {
    const ms = durationMs(text);
    if (ms > 0 && ms < 2 ** 31) return ms;
  } catch {
    // Told below, with what is right.
  }
  throw new UsageError(`--timeout: "${text}" is no duration`, 'for example 90s, 10m or 1h');
}
