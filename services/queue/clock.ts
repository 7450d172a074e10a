import type { Clock } from '../engine/ports.ts';

// Timers take at most 2^31-1 ms (25 days) and fire at once beyond. Naps of a minute also follow a wall clock that is set or a machine that slept.
const LONGEST_NAP_MS = 60_000;

/** The machine's clock. A timer may fire a moment early, so sleeping looks at the time again before it ends. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleepUntil: (epochMs, signal) =>
    new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const nap = (): void => {
        const left = epochMs - Date.now();
        if (left > 0) {
          timer = setTimeout(nap, Math.min(left, LONGEST_NAP_MS));
          return;
        }
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      nap();
    }),
};
