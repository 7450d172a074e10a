import { ProviderError } from '../../providers/contract.ts';
import type { EngineDeps } from './deps.ts';

/**
 * The longest that one pass waits for Secrets and sources. Each source has a shorter deadline of its own unless a template sets a longer one; this one bounds how
 * long a run can hold one of the process' places.
 */
export const PASS_LIMIT_MS = 5 * 60_000;

/** Runs `work` with a signal that aborts at the pass' limit and when the process shuts down. */
export async function withinPassLimit<T>(
  { clock, shutdown }: Pick<EngineDeps, 'clock' | 'shutdown'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const limit = new AbortController();
  // Not AbortSignal.any: what it leaves behind at a signal that lives as long as the process adds up, pass by pass.
  const onShutdown = (): void => limit.abort(shutdown?.reason);
  if (shutdown?.aborted) onShutdown();
  shutdown?.addEventListener('abort', onShutdown);
  clock.sleepUntil(clock.now() + PASS_LIMIT_MS, ended.signal).then(
    () => limit.abort(new ProviderError('unavailable', `no answer within ${PASS_LIMIT_MS / 60_000} minutes`)),
    () => {},
  );
  try {
    return await work(limit.signal);
  } finally {
    // A reason of its own: the default one is made with a stack, which costs more than the rest of a pass' bookkeeping.
    ended.abort('done');
    shutdown?.removeEventListener('abort', onShutdown);
  }
}

/** A source that overhears the signal must not hold the pass. */
export async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  // Nobody waits for it any more: a rejection that nobody takes would end the process.
  if (signal.aborted) answer.catch(() => undefined);
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
