import Type, { type Static } from 'typebox';
import {
  defineProvider,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
  type Series,
} from '../../providers/contract.ts';
import { type CanaryConfig, Thresholds } from '../domain/canary-config.ts';
import { durationMs } from '../domain/duration.ts';
import { CallerError } from '../domain/errors.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSet, MetricSetPair } from '../domain/metric-set.ts';
import type { ResultValue } from '../domain/result.ts';
import { judge } from '../judge/judge.ts';
import { judgementToJson } from '../judge/judge-request.ts';
import { mixMetrics } from '../judge/mix-metrics.ts';
import type { SeriesReader } from './ports.ts';

/** Where a score is Pass and where Marginal unless the metric says otherwise: the values of Kayenta's documentation. */
const DEFAULT_THRESHOLDS: Thresholds = { pass: 95, marginal: 75 };
const DEFAULT_STEP = '1m';
const ONLY_GROUP = 'canary';
/** As many slots as Kayenta's largest answers have; a step far too fine for its window is a mistake. */
const MOST_SLOTS = 100_000;

const block = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    description,
  });
const text = (description: string) => Type.Optional(Type.String({ description }));
const settings = Type.Optional(
  block(
    "The judge's settings, as Kayenta's analysisConfigurations.canary: direction, critical, mustHaveData, nanStrategy, outliers, effectSize.",
  ),
);

const CanaryMetricQuery = Type.Object(
  {
    name: Type.String({ description: 'Name of the metric in the judgement.' }),
    baseline: block('Provider block of the baseline: any provider that can read ranges.'),
    canary: block('Provider block of the canary.'),
    groups: Type.Optional(
      Type.Array(Type.String(), { description: 'Groups it counts in; absent: one group for all.' }),
    ),
    analysis: settings,
  },
  { description: 'One metric to compare.' },
);

export const CanaryQuery = Type.Object(
  {
    baseline: Type.Optional(block('Provider block of the baseline: any provider that can read ranges.')),
    canary: Type.Optional(block('Provider block of the canary.')),
    analysis: settings,
    metrics: Type.Optional(
      Type.Array(CanaryMetricQuery, { description: 'Several metrics instead of one baseline and canary.' }),
    ),
    groupWeights: Type.Optional(
      Type.Record(Type.String(), Type.Number(), {
        description: 'Percentages by group; groups without one share the rest.',
      }),
    ),
    canaryConfig: Type.Optional(block("A whole canary config of Kayenta's, read through its metrics sources.")),
    scopes: Type.Optional(block("Scopes for canaryConfig, as in Kayenta's execution request.")),
    metricsAccountName: text('Account that canaryConfig is read from; absent: the first metrics store.'),
    window: text(
      'What to compare: run (since the run started, the default), interval (the last interval), or a duration.',
    ),
    step: text(`Distance of the samples; ${DEFAULT_STEP} when absent.`),
    baselineOffset: text('The baseline is read this much earlier, such as 24h.'),
    judge: text('Name of the judge; absent: NetflixACAJudge-v1.0.'),
    thresholds: Type.Optional(Thresholds),
  },
  {
    description:
      'Compares canary with baseline statistically. Conditions see the judgement; without any, Pass is Successful, Marginal Inconclusive, Fail Failed.',
    examples: [
      {
        window: '10m',
        analysis: { direction: 'increase' },
        baseline: {
          prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(errors_total{version="v1"}[1m]))' },
        },
        canary: {
          prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(errors_total{version="v2"}[1m]))' },
        },
      },
    ],
  },
);
export type CanaryQuery = Static<typeof CanaryQuery>;
type Call = ProviderCall<CanaryQuery>;

/** What was compared and what came out, for reports and pages. */
export interface CanaryRecord {
  readonly config: CanaryConfig;
  readonly thresholds: Thresholds;
  readonly pairs: readonly MetricSetPair[];
  readonly judgement: Judgement;
}

export interface CanaryDeps {
  readonly series: () => SeriesReader;
  /** Reads the metrics of a canary config in Kayenta's dialect; absent where there are no accounts to read from. */
  readConfigured?(
    config: unknown,
    scopes: unknown,
    metricsAccountName: string | undefined,
    http: Call['http'],
  ): Promise<{ readonly config: CanaryConfig; readonly pairs: readonly MetricSetPair[] }>;
  /** Keeps a record and answers the name to find it by, which the measurement notes. */
  keep?(call: Pick<Call, 'run' | 'metric' | 'attempt'>, record: CanaryRecord): Promise<string>;
  newId(): string;
}

/** `canary`: reads both sides over a window and judges them. */
export function canaryProvider(deps: CanaryDeps): Provider {
  return defineProvider<CanaryQuery>({
    member: 'canary',
    typeName: 'Canary',
    schema: CanaryQuery,
    account: () => 'canary',
    // Its series are shared where they are read.
    shareable: false,
    async measure(call) {
      try {
        const { config, pairs } = await readPairs(deps, call);
        const thresholds = call.query.thresholds ?? DEFAULT_THRESHOLDS;
        const judgement = judge(call.query.judge ?? config.judge?.name, config, thresholds, pairs);
        const record = await deps.keep?.(call, { config, thresholds, pairs, judgement });
        return readingOf(judgement, record);
      } catch (error) {
        if (error instanceof CallerError) throw new ProviderError('refused', error.message, { cause: error });
        throw error;
      }
    },
  });
}

async function readPairs(
  deps: CanaryDeps,
  call: Call,
): Promise<{ readonly config: CanaryConfig; readonly pairs: readonly MetricSetPair[] }> {
  const { canaryConfig, scopes, metricsAccountName } = call.query;
  if (canaryConfig === undefined) return readQueries(deps, call);
  if (deps.readConfigured === undefined)
    throw new ProviderError(
      'refused',
      'canaryConfig needs metrics accounts: name their file with the setting kayenta.accounts',
    );
  return deps.readConfigured(canaryConfig, scopes, metricsAccountName, call.http);
}

async function readQueries(deps: CanaryDeps, call: Call) {
  const metrics = metricsOf(call);
  const { baselineOffset = '0s', step = DEFAULT_STEP } = call.query;
  const stepMs = positive(step, 'step');
  const window = windowOf(call, stepMs);
  const offset = duration(baselineOffset, 'baselineOffset');
  const sides = await Promise.all(
    metrics.map(async ({ name, baseline, canary }) => ({
      name,
      control: await readSide(deps, call, name, 'baseline', baseline, shifted(window, offset)),
      experiment: await readSide(deps, call, name, 'canary', canary, window),
    })),
  );
  const pairs = mixMetrics(
    metrics.map(({ name }) => name),
    sides.flatMap(({ control }) => control),
    sides.flatMap(({ experiment }) => experiment),
    deps.newId,
  );
  return { config: configOf(call, metrics), pairs };
}

function metricsOf({ query, metric }: Call): readonly Static<typeof CanaryMetricQuery>[] {
  const { metrics, baseline, canary, analysis } = query;
  if (metrics !== undefined && metrics.length > 0) return metrics;
  if (baseline === undefined || canary === undefined)
    throw new ProviderError('refused', 'canary needs a baseline and a canary, or metrics, or a canaryConfig');
  return [{ name: metric.name, baseline, canary, ...(analysis === undefined ? {} : { analysis }) }];
}

function configOf({ query, metric }: Call, metrics: readonly Static<typeof CanaryMetricQuery>[]): CanaryConfig {
  return {
    name: metric.name,
    metrics: metrics.map(({ name, groups, analysis }) => ({
      name,
      groups: groups ?? [ONLY_GROUP],
      analysisConfigurations: { canary: analysis ?? {} },
    })),
    classifier: { groupWeights: query.groupWeights ?? {} },
  };
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Ends at the last whole step, so that both sides have the same slots and a repeated question is the same question. */
function windowOf({ query, run, metric, now }: Call, stepMs: number): Window {
  const { window = 'run' } = query;
  const endMs = Math.floor(now / stepMs) * stepMs;
  const length = lengthOf(window, metric.interval);
  const begin = length === undefined ? Date.parse(run.startedAt ?? '') : endMs - length;
  if (!(begin < endMs))
    throw new ProviderError(
      'no-data',
      'the window is empty: set a window, or an initialDelay of several steps so that there is something to compare',
    );
  const startMs = Math.ceil(begin / stepMs) * stepMs;
  if ((endMs - startMs) / stepMs > MOST_SLOTS)
    throw new ProviderError('refused', `the window holds more than ${MOST_SLOTS} steps: choose a larger step`);
  return { startMs, endMs, stepMs };
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

const shifted = ({ startMs, endMs, stepMs }: Window, offset: number): Window => ({
  startMs: startMs - offset,
  endMs: endMs - offset,
  stepMs,
});

async function readSide(
  { series }: CanaryDeps,
  call: Call,
  name: string,
  side: 'baseline' | 'canary',
  provider: Readonly<Record<string, unknown>>,
  window: Window,
): Promise<readonly MetricSet[]> {
  if ('canary' in provider || 'formula' in provider)
    throw new ProviderError(
      'refused',
      `${side} of ${name} must be a query that reads a range, not a canary or formula`,
    );
  const { run, metric, attempt, now, signal } = call;
  const ask = { run, metric: { ...metric, name }, attempt, now, signal, provider };
  const read = await series()
    .series(ask, window)
    .catch((error: unknown) => {
      if (!(error instanceof ProviderError)) throw error;
      throw new ProviderError(error.kind, `${side} of ${name}: ${error.message}`, { cause: error });
    });
  // No series is no data on this side, not a failure: the judge says so of the metric.
  if (read.length === 0) return [setOf(name, { name, tags: {}, ...window, values: new Float64Array(0) })];
  return read.map((one) => setOf(name, one));
}

const setOf = (name: string, { tags, startMs, stepMs, values }: Omit<Series, 'notes'>): MetricSet => ({
  name,
  tags,
  startTimeMillis: startMs,
  endTimeMillis: startMs + values.length * stepMs,
  stepMillis: stepMs,
  values,
  attributes: {},
});

function readingOf(judgement: Judgement, record: string | undefined): Reading {
  const { score, classification } = judgement.score;
  const phase = ({ Pass: 'Successful', Marginal: 'Inconclusive', Fail: 'Failed' } as const)[classification];
  const why = whyOf(judgement);
  return {
    result: { type: 'map[string]interface {}', value: conditionView(judgement) },
    value: String(score),
    metadata: { classification, why, ...(record === undefined ? {} : { judgement: record }) },
    withoutConditions: phase === 'Successful' ? { phase } : { phase, message: why },
  };
}

/** One sentence: the judge's own reason for the verdict, else of the first metric that is not fine. */
function whyOf({ score, results }: Judgement): string {
  const { classificationReason } = score;
  const worst = results.find(({ classification, muted }) => classification !== 'Pass' && !muted) ?? results[0];
  const reason = classificationReason === '' ? '' : `${classificationReason}. `;
  return `${reason}Score ${score.score} is ${score.classification}${worst === undefined ? '' : `; ${worst.name}: ${worst.evidence.why}`}`;
}

/**
 * `result` in conditions: the judgement's score and classification on top, `results` and `groupScores` as Kayenta has them, and of a single metric its
 * ratio, p-value, shift and effect size on top as well. Numbers that are no numbers stay NaN.
 */
function conditionView(judgement: Judgement): Readonly<Record<string, ResultValue>> {
  const { score, classification, classificationReason } = judgement.score;
  const [only, ...others] = judgement.results;
  const single =
    only === undefined || others.length > 0
      ? {}
      : {
          metricClassification: only.classification,
          ratio: only.resultMetadata?.ratio ?? null,
          pValue: only.evidence.pValue ?? null,
          shift: only.evidence.shift ?? null,
          effectSize: only.evidence.effectSize ?? null,
        };
  const { results, groupScores } = judgementToJson(judgement) as { results: ResultValue; groupScores: ResultValue };
  return {
    score,
    classification,
    reason: classificationReason,
    judgeName: judgement.judgeName,
    results,
    groupScores,
    ...(single as Readonly<Record<string, ResultValue>>),
  };
}
