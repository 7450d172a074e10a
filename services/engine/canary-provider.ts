import {
  defineProvider,
  type Http,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
  type Series,
  type SeriesRange,
} from '../../providers/contract.ts';
import type { CanaryConfig, Thresholds } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSet, MetricSetPair } from '../domain/metric-set.ts';
import type { ResultValue } from '../domain/result.ts';
import { judge } from '../judge/judge.ts';
import { judgementToJson } from '../judge/judge-request.ts';
import { mixMetrics } from '../judge/mix-metrics.ts';
import { type CanaryMetricQuery, CanaryQuery } from './canary-query.ts';
import { type Windows, windowsOf } from './canary-window.ts';
import type { SeriesReader } from './ports.ts';

/** Where a score is Pass and where Marginal unless the metric says otherwise: the values of Kayenta's documentation. */
const DEFAULT_THRESHOLDS: Thresholds = { pass: 95, marginal: 75 };
const ONLY_GROUP = 'canary';

type Call = ProviderCall<CanaryQuery>;

/** Both sides of every metric, and the config they are judged by. */
export interface CanarySamples {
  readonly config: CanaryConfig;
  readonly pairs: readonly MetricSetPair[];
}

/** What was compared and what came out, for reports and pages. */
export interface CanaryRecord extends CanarySamples {
  readonly thresholds: Thresholds;
  readonly judgement: Judgement;
}

/** Where records are kept beside their runs. */
export interface CanaryRecords {
  /** Answers the name to find the record by; the same measurement taken again replaces its record. */
  keep(call: Pick<Call, 'run' | 'metric' | 'attempt'>, record: CanaryRecord): Promise<string>;
  /** Names without a record are passed over. */
  forget(namespace: string, names: readonly string[]): Promise<void>;
}

/** A canary config of Kayenta's inside a template, with what its scopes leave open. */
export interface ConfiguredCanary {
  readonly canaryConfig: unknown;
  readonly scopes: unknown;
  readonly metricsAccountName: string | undefined;
  /** For scopes without times or step; throws ProviderError like `windowsOf`. */
  windows(): Windows;
  readonly http: Http;
}

export interface CanaryDeps {
  readonly series: () => SeriesReader;
  /** Reads the metrics of a canary config in Kayenta's dialect; absent where there are no accounts to read from. Throws CallerError. */
  readConfigured?(ask: ConfiguredCanary): Promise<CanarySamples>;
  /** Absent where nothing is stored. */
  readonly records?: CanaryRecords;
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
        const { config, pairs } = await readSamples(deps, call);
        const thresholds = call.query.thresholds ?? DEFAULT_THRESHOLDS;
        const judgement = judge(call.query.judge ?? config.judge?.name, config, thresholds, pairs);
        const record = await deps.records?.keep(call, withoutQueries({ config, thresholds, pairs, judgement }));
        return readingOf(judgement, record);
      } catch (error) {
        if (error instanceof CallerError) throw new ProviderError('refused', error.message, { cause: error });
        throw error;
      }
    },
    async collect({ run }, { measurements = [] }, limit) {
      const old = measurements.slice(0, Math.max(0, measurements.length - limit));
      const names = old.flatMap(({ metadata }) => metadata?.['judgement'] ?? []);
      await deps.records?.forget(run.namespace, names);
    },
  });
}

async function readSamples(deps: CanaryDeps, call: Call): Promise<CanarySamples> {
  const { canaryConfig, scopes, metricsAccountName } = call.query;
  if (canaryConfig === undefined) return readQueries(deps, call);
  if (deps.readConfigured === undefined)
    throw new ProviderError(
      'refused',
      'canaryConfig needs metrics accounts: name their file with the setting kayenta.accounts',
    );
  const windows = () => windowsOf(call);
  return deps.readConfigured({ canaryConfig, scopes, metricsAccountName, windows, http: call.http });
}

async function readQueries(deps: CanaryDeps, call: Call): Promise<CanarySamples> {
  const metrics = metricsOf(call);
  const windows = windowsOf(call);
  const sides = await Promise.all(
    metrics.map(async ({ name, baseline, canary }) => {
      const [control, experiment] = await Promise.all([
        readSide(deps, call, `baseline of ${name}`, baseline, windows.baseline),
        readSide(deps, call, `canary of ${name}`, canary, windows.canary),
      ]);
      // Two queries that give one series each are compared whatever their labels, which may well hold the version.
      const isPlain = control.length <= 1 && experiment.length <= 1;
      const asSets = (series: readonly Series[], window: SeriesRange) =>
        setsOf(name, isPlain ? series.map((one) => ({ ...one, tags: {} })) : series, window);
      return { control: asSets(control, windows.baseline), experiment: asSets(experiment, windows.canary) };
    }),
  );
  const pairs = mixMetrics(
    metrics.map(({ name }) => name),
    sides.flatMap(({ control }) => control),
    sides.flatMap(({ experiment }) => experiment),
    deps.newId,
  );
  return { config: configOf(call, metrics), pairs };
}

function metricsOf({ query, metric }: Call): readonly CanaryMetricQuery[] {
  const { metrics, baseline, canary, analysis } = query;
  if (metrics !== undefined && metrics.length > 0) return metrics;
  if (baseline === undefined || canary === undefined)
    throw new ProviderError('refused', 'canary needs a baseline and a canary, or metrics, or a canaryConfig');
  return [{ name: metric.name, baseline, canary, ...(analysis === undefined ? {} : { analysis }) }];
}

/** The queries of a canary metric as the judge's config. */
export function configOf(
  { query, metric }: { readonly query: CanaryQuery; readonly metric: { readonly name: string } },
  metrics: readonly CanaryMetricQuery[],
): CanaryConfig {
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

async function readSide(
  { series }: CanaryDeps,
  { run, metric, attempt, now, signal }: Call,
  side: string,
  provider: Readonly<Record<string, unknown>>,
  window: SeriesRange,
): Promise<readonly Series[]> {
  if ('canary' in provider || 'formula' in provider)
    throw new ProviderError('refused', `${side} must be a query that reads a range, not a canary or formula`);
  try {
    return await series().series({ run, metric, attempt, now, signal, provider }, window);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(error.kind, `${side}: ${error.message}`, { cause: error });
  }
}

/** No series is no data on this side, not a failure: the judge says so of the metric. */
function setsOf(name: string, series: readonly Series[], { startMs, endMs, stepMs }: SeriesRange): MetricSet[] {
  const common = { name, stepMillis: stepMs, attributes: {} };
  if (series.length === 0)
    return [{ ...common, tags: {}, startTimeMillis: startMs, endTimeMillis: endMs, values: new Float64Array(0) }];
  return series.map(({ tags, startMs, stepMs, values }) => ({
    ...common,
    tags,
    startTimeMillis: startMs,
    stepMillis: stepMs,
    endTimeMillis: startMs + values.length * stepMs,
    values,
  }));
}

/** Queries may hold arguments from Secrets: they are not kept. */
function withoutQueries({ config, pairs, ...record }: CanaryRecord): CanaryRecord {
  const { templates: _templates, ...rest } = config;
  return {
    ...record,
    config: { ...rest, metrics: config.metrics.map(({ query: _query, ...metric }) => metric) },
    pairs: pairs.map(({ attributes: _attributes, ...pair }) => pair),
  };
}

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
