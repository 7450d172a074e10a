import type { Log } from '../../engine/ports.ts';

/** For waits that end by their signal: that end is no error, every other one is logged. */
export function warnUnlessAborted(signal: AbortSignal, log: Log): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) log.warn({ err: error }, 'stream ended early');
  };
}
