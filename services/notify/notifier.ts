import type { Clock, Log, Queue, Secrets, StatusListener, Store, Tracer } from '../engine/ports.ts';
import { Dispatcher, type DispatcherDeps } from './dispatcher.ts';
import { Outbox } from './outbox.ts';
import { createSender, type Outside } from './sender.ts';
import type { NotificationSettings } from './settings.ts';

const SWEEP_LOOK_MS = 30_000;
const TRY_AGAIN_MS = 2_000;

export interface NotifierDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly settings: NotificationSettings;
  readonly publicUrl: string | undefined;
  readonly outside: Outside;
  /** When deliveries are due, in this process. */
  readonly queue: Queue;
  readonly holder: string;
  readonly tracer?: Tracer | undefined;
  random(): number;
  readonly settled: DispatcherDeps['settled'];
}

/** Tells of runs: a part of every worker. */
export interface Notifier extends StatusListener {
  /** Sends what waits and looks for what was not told; resolves when it has looked once, or could not. */
  start(): Promise<void>;
  /** Makes what it has heard of, breaks off what it is sending, and waits for both. */
  stop(): Promise<void>;
}

export function createNotifier(deps: NotifierDeps): Notifier {
  const { clock, log } = deps;
  const dispatcher = new Dispatcher({ ...deps, sender: createSender(deps) });
  const outbox = new Outbox({ ...deps, made: (delivery) => dispatcher.offer(delivery) });
  const stopping = new AbortController();
  let sweeping: Promise<void> | undefined;

  async function sweepOnce(always: boolean): Promise<boolean> {
    try {
      await outbox.sweep(always);
      return true;
    } catch (error) {
      log.warn({ err: error }, 'looking for what was not told failed; it comes again');
      return false;
    }
  }

  async function keepSweeping(isSwept: boolean): Promise<void> {
    const { signal } = stopping;
    // What a process that died did not come to is not found by whoever does not look at its own start.
    let swept = isSwept;
    while (!signal.aborted) {
      await clock.sleepUntil(clock.now() + (swept ? SWEEP_LOOK_MS : TRY_AGAIN_MS), signal).catch(() => undefined);
      if (signal.aborted) return;
      swept = (await sweepOnce(!swept)) || swept;
    }
  }

  return {
    statusWritten: (after, before) => outbox.statusWritten(after, before),
    async start() {
      dispatcher.start();
      const first = sweepOnce(true);
      sweeping = first.then(keepSweeping);
      await first;
    },
    async stop() {
      stopping.abort();
      await Promise.all([sweeping, outbox.settled()]);
      await dispatcher.stop();
    },
  };
}
