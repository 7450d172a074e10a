import {
  createProviders,
  type MeasureCall,
  type Providers,
  type ProvidersOptions,
} from '../../providers/create-providers.ts';
import { registry } from '../../providers/registry.ts';
import { systemClock } from '../../services/queue/clock.ts';

/** Providers as the program has them, without sharing and limits. */
export function testProviders(options: Partial<ProvidersOptions> = {}, known = registry): Providers {
  return createProviders(
    {
      clock: systemClock,
      setting: () => undefined,
      secrets: { read: async () => undefined },
      controllerNamespace: 'argo-rollouts',
      evaluateTime: (text) => Date.parse(text),
      planner: { shareWindowMs: 0, limits: () => ({ concurrency: 10, requestsPerSecond: 0, retries: 0 }) },
      ...options,
    },
    known,
  );
}

/** Providers with what `assay serve` shares and limits by default. */
export function servedProviders(): Providers {
  const limits = () => ({ concurrency: 20, requestsPerSecond: 0, retries: 0 });
  return testProviders({ planner: { shareWindowMs: 1000, limits } });
}

/** The first measurement of a metric with this provider block. */
export function callFor(provider: MeasureCall['provider'], more: Partial<MeasureCall> = {}): MeasureCall {
  return {
    provider,
    run: { uid: 'uid', name: 'run', namespace: 'default' },
    metric: { name: 'metric' },
    attempt: 1,
    now: Date.now(),
    signal: new AbortController().signal,
    ...more,
  };
}
