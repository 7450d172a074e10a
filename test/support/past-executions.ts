/** What Kayenta's API leaves in a store: executions with their samples, one that failed, and a standalone analysis. */
import type { CanaryConfig } from '../../services/domain/canary-config.ts';
import type { MetricSetPair } from '../../services/domain/metric-set.ts';
import type { Resource } from '../../services/domain/resource.ts';
import { judge } from '../../services/judge/judge.ts';
import { toJson } from '../../services/judge/judge-request.ts';
import { newDocument } from '../../services/kayenta/documents.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 60_000;
const SAMPLES = 60;
const THRESHOLDS = { pass: 95, marginal: 75 };

const CONFIG: CanaryConfig = {
  name: 'checkout-canary',
  metrics: [
    { name: 'error rate', groups: ['Errors'], analysisConfigurations: { canary: { direction: 'increase' } } },
    { name: 'latency p95', groups: ['Latency'], analysisConfigurations: { canary: { direction: 'increase' } } },
  ],
  classifier: { groupWeights: { Errors: 60, Latency: 40 } },
};

/** Ids sort by the time they were made. */
export const GOOD = '01JDXPZ0000000000000000001';
export const BAD = '01JDXPZ0000000000000000002';
export const FAILED = '01JDXPZ0000000000000000003';
export const ANALYSIS_ID = '01JDXPZ0000000000000000004';
const JUDGED = ['01JDXPZ0000000000000000005', '01JDXPZ0000000000000000006'] as const;

export function pastExecutions(now: number): readonly Resource[] {
  return [
    ...execution(GOOD, now - 5 * HOUR_MS, 0),
    ...execution(BAD, now - 4 * HOUR_MS, 1),
    newDocument('CanaryExecution', FAILED, {
      ...asked('payments', now - 3 * HOUR_MS),
      endTimeMillis: now - 3 * HOUR_MS + 4000,
      exception: {
        timestamp: now - 3 * HOUR_MS + 4000,
        exceptionType: 'IllegalArgumentException',
        operation: 'prometheusFetch',
        shouldRetry: false,
        details: { error: 'Unexpected Task Failure', errors: ['prometheus answers 400: parse error at char 7'] },
      },
    }),
    ...execution(JUDGED[0], now - 2 * HOUR_MS, 0),
    ...execution(JUDGED[1], now - HOUR_MS, 0.1),
    newDocument('CanaryAnalysis', ANALYSIS_ID, {
      ...asked('shop', now - 2 * HOUR_MS),
      context: { ...context('shop'), user: 'release-pipeline' },
      startTimeMillis: now - 2 * HOUR_MS,
      endTimeMillis: now - HOUR_MS,
      request: {
        scopes: [{ scopeName: 'default', controlScope: 'v1', experimentScope: 'v2', step: 60 }],
        thresholds: THRESHOLDS,
        lifetimeDurationMins: 120,
        analysisIntervalMins: 60,
      },
      executionIds: [...JUDGED],
    }),
  ];
}

const context = (application: string) => ({
  application,
  canaryConfigId: 'checkout-canary',
  metricsAccountName: 'prometheus-main',
  storageAccountName: 'assay',
});

function asked(application: string, at: number) {
  const side = { location: 'eu', start: iso(at - HOUR_MS), end: iso(at), step: 60, extendedScopeParams: {} };
  return {
    context: context(application),
    config: CONFIG,
    request: {
      scopes: {
        default: { controlScope: { ...side, scope: 'v1' }, experimentScope: { ...side, scope: 'v2' } },
      },
      thresholds: THRESHOLDS,
    },
    buildTimeMillis: at,
    startTimeMillis: at,
  };
}

/** `shift` is how much worse the canary is: 0 not at all, 1 twice as bad. */
function execution(id: string, at: number, shift: number): readonly Resource[] {
  const pairs = CONFIG.metrics.map(({ name }, index): MetricSetPair => {
    const level = index === 0 ? 0.02 : 180;
    const wave = (step: number, phase: number) =>
      level * (1 + 0.15 * Math.sin(step * 1.7 + phase) + 0.05 * Math.cos(step * 5));
    const scope = { startTimeIso: iso(at - HOUR_MS), startTimeMillis: at - HOUR_MS, stepMillis: STEP_MS };
    return {
      name,
      id: `${id}-${index}`,
      tags: {},
      scopes: { control: scope, experiment: scope },
      values: {
        control: Array.from({ length: SAMPLES }, (_, step) => wave(step, 0)),
        experiment: Array.from({ length: SAMPLES }, (_, step) =>
          step % 17 === 5 ? Number.NaN : wave(step, 2) * (1 + (index === 0 ? shift : 0)),
        ),
      },
    };
  });
  const listId = `${id}-samples`;
  return [
    newDocument('CanaryExecution', id, {
      ...asked('shop', at),
      endTimeMillis: at + 3000,
      metricSetPairListId: listId,
      judgement: toJson(judge(undefined, CONFIG, THRESHOLDS, pairs)) as ReturnType<typeof judge>,
    }),
    newDocument('MetricSetPairList', listId, { content: toJson(pairs), updatedTimestamp: at }),
  ];
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
