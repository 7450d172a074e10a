import type { CanaryConfig } from '../../../services/domain/canary-config.ts';
import type { MetricJudgement } from '../../../services/domain/judgement.ts';
import type { MetricSetPair, Samples } from '../../../services/domain/metric-set.ts';
import { judge } from '../../../services/judge/judge.ts';

export const THRESHOLDS = { pass: 95, marginal: 75 };

/** A config with one metric `m` in group `g` and the given settings. */
export const configOf = (canary: unknown = {}): CanaryConfig => ({
  metrics: [{ name: 'm', groups: ['g'], analysisConfigurations: { canary } }],
  classifier: { groupWeights: { g: 100 } },
});

export const pairOf = (experiment: Samples, control: Samples, name = 'm'): MetricSetPair => ({
  name,
  values: { control, experiment },
});

/** The judgement of one metric. */
export function judgeOne(experiment: Samples, control: Samples, canary: unknown = {}): MetricJudgement {
  return judge(undefined, configOf(canary), THRESHOLDS, [pairOf(experiment, control)]).results[0]!;
}

/** `count` values around `center` that differ from each other, the same each time. */
export const around = (center: number, count = 20, spread = 0.1): number[] =>
  Array.from({ length: count }, (_, index) => center * (1 + spread * Math.sin(index * 12.9898)));
