import type { Evidence } from '../domain/judgement.ts';
import type { Samples, Sides } from '../domain/metric-set.ts';
import type { Summary } from '../statistics/summary.ts';
import { type Classified, classify } from './classify.ts';
import { clean, SampleMemory } from './clean.ts';
import { compare, NETFLIX_LEVEL, type TestLevel } from './compare.ts';
import { explain } from './explain.ts';
import type { MetricSettings } from './settings.ts';

export interface SeriesComparison extends Classified {
  readonly stats: Sides<Summary>;
  readonly evidence: Evidence;
}

const canaryMemory = new SampleMemory();
const baselineMemory = new SampleMemory();

/** One metric's samples from cleaning to classification, with the evidence. Never throws for what the samples hold. */
export function compareSeries(
  name: string,
  settings: MetricSettings,
  values: Sides<Samples>,
  level: TestLevel = NETFLIX_LEVEL,
): SeriesComparison {
  const canary = clean(values.experiment, settings, canaryMemory);
  const baseline = clean(values.control, settings, baselineMemory);
  const comparison = compare(canary, baseline, level.confidence);
  const classified = classify(name, comparison, settings, level.tolerance);
  return {
    ...classified,
    stats: { experiment: canary.stats, control: baseline.stats },
    evidence: explain({ canary, baseline, comparison, settings, classified, level }),
  };
}
