import type { CanaryConfig, CanaryMetric, Thresholds } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';
import type { Judgement, MetricJudgement } from '../domain/judgement.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import { compareSeries } from './compare-series.ts';
import { scoreResults, summarizeScore } from './score.ts';
import { readSettings } from './settings.ts';

export const NETFLIX_JUDGE = 'NetflixACAJudge-v1.0';

/** Kayenta's statistical judge. Throws CallerError where Kayenta gives no result at all. */
export function judgeAsNetflix(
  config: CanaryConfig,
  thresholds: Thresholds,
  pairs: readonly MetricSetPair[],
): Judgement {
  const configured = new Map<string, CanaryMetric>();
  // Of several metrics with one name the first counts.
  for (const metric of config.metrics) if (!configured.has(metric.name)) configured.set(metric.name, metric);
  const results = pairs.map((pair) => judgePair(configured.get(pair.name), pair));
  if (config.classifier === undefined)
    throw invalid('classifier', 'the judge needs a classifier (it may be empty: {})');
  const scores = scoreResults(
    results.filter(({ muted }) => !muted),
    config.classifier.groupWeights ?? {},
  );
  return {
    judgeName: NETFLIX_JUDGE,
    results,
    groupScores: [...scores.groupScores],
    score: summarizeScore(scores, thresholds),
  };
}

function judgePair(metric: CanaryMetric | undefined, pair: MetricSetPair): MetricJudgement {
  if (metric === undefined) throw invalid('metrics', `Could not find metric config for ${pair.name}`);
  const { name, groups } = metric;
  if (groups === undefined)
    throw invalid(`metrics[${JSON.stringify(name)}].groups`, 'the judge needs a list of groups (it may be empty: [])');
  const settings = readSettings(metric);
  const { classification, reason, critical, ratio, stats, evidence } = compareSeries(name, settings, pair.values);
  return {
    name,
    ...(pair.id !== undefined && { id: pair.id }),
    ...(pair.tags !== undefined && { tags: pair.tags }),
    classification,
    ...(reason !== undefined && { classificationReason: reason }),
    groups,
    critical,
    muted: settings.muted,
    experimentMetadata: { stats: stats.experiment },
    controlMetadata: { stats: stats.control },
    ...(ratio !== undefined && { resultMetadata: { ratio } }),
    evidence,
  };
}

const invalid = (field: string, message: string): CallerError =>
  new CallerError('invalid', message, [{ field, message }]);
