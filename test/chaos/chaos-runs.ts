import type { CompletedPhase } from '../../services/domain/phase.ts';
import type { AnalysisRun, RunSummary } from '../../services/domain/run.ts';

/** A kind of run whose end does not depend on when it measures: its source always says the same. */
export interface ChaosPlan {
  readonly phase: CompletedPhase;
  /** Measurements by outcome at the end, of each metric. */
  readonly ends: Readonly<Record<string, Readonly<Record<'successful' | 'failed' | 'inconclusive' | 'error', number>>>>;
  readonly summary: RunSummary;
  readonly spec: (source: string) => object;
}

const none = { successful: 0, failed: 0, inconclusive: 0, error: 0 };
// What a busy machine takes is no fault of a source.
const TIMEOUT_SECONDS = 120;
// Answers to the same question are shared for a second, and stored times are cut to seconds, so that a measurement may come a second early. Every metric of every
// run has an address of its own, and measures every other second: then no two measurements may have the same answer.
const metric = (name: string, source: string, path: string, more: object) => ({
  name,
  interval: '2s',
  successCondition: 'result.rate > 0.95',
  failureCondition: 'result.rate < 0.5',
  provider: { web: { url: `${source}${path}?run={{args.run}}&metric=${name}`, timeoutSeconds: TIMEOUT_SECONDS } },
  ...more,
});

export const CHAOS_PLANS: Readonly<Record<string, ChaosPlan>> = {
  healthy: {
    phase: 'Successful',
    ends: { rate: { ...none, successful: 3 } },
    summary: { count: 1, successful: 1 },
    spec: (source) => ({ metrics: [metric('rate', source, '/good', { count: 3 })] }),
  },
  failing: {
    phase: 'Failed',
    ends: { rate: { ...none, failed: 2 } },
    summary: { count: 1, failed: 1 },
    spec: (source) => ({ metrics: [metric('rate', source, '/bad', { count: 9, failureLimit: 1 })] }),
  },
  undecided: {
    phase: 'Inconclusive',
    ends: { rate: { ...none, inconclusive: 2 } },
    summary: { count: 1, inconclusive: 1 },
    spec: (source) => ({ metrics: [metric('rate', source, '/between', { count: 9, inconclusiveLimit: 1 })] }),
  },
  broken: {
    phase: 'Error',
    ends: { rate: { ...none, error: 1 } },
    summary: { count: 1, error: 1 },
    spec: (source) => ({ metrics: [metric('rate', source, '/broken', { count: 3, consecutiveErrorLimit: 0 })] }),
  },
  slow: {
    phase: 'Successful',
    ends: { rate: { ...none, successful: 2 } },
    summary: { count: 1, successful: 1 },
    spec: (source) => ({ metrics: [metric('rate', source, '/slow', { count: 2, initialDelay: '1s' })] }),
  },
  streak: {
    phase: 'Successful',
    ends: { rate: { ...none, successful: 3 }, beside: { ...none, failed: 4 } },
    summary: { count: 2, successful: 2 },
    spec: (source) => ({
      metrics: [
        metric('rate', source, '/good', { consecutiveSuccessLimit: 3, count: 9 }),
        metric('beside', source, '/bad', { count: 4, failureLimit: 4 }),
      ],
    }),
  },
};

export function chaosRun(name: string, plan: ChaosPlan, source: string): object {
  const keepAll = [{ metricName: '.*', limit: 1_000 }];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'chaos' },
    spec: { args: [{ name: 'run', value: name }], ...plan.spec(source), measurementRetention: keepAll },
  } satisfies Partial<Record<keyof AnalysisRun, unknown>>;
}
