import type { SamplePair } from '../charts/sample-pair.ts';
import type { Thresholds } from '../domain/canary-config.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import { fromJson } from './judge-request.ts';

/** One judgement with the samples that it looked at, for reports and pages. Numbers are numbers: NaN, infinities. */
export interface Comparison {
  readonly title: string;
  readonly thresholds: Thresholds;
  readonly judgement: Judgement;
  /** In the order of the judgement's results; undefined where samples are no longer there. */
  readonly pairs: readonly (SamplePair | undefined)[];
}

/** From what is stored or was sent, where numbers that are no numbers are texts. */
export function comparisonOf(title: string, thresholds: Thresholds, judgement: unknown, pairs: unknown): Comparison {
  const known = fromJson(judgement) as Judgement;
  const samples = (fromJson(pairs ?? []) as readonly MetricSetPair[]).map(pairOf);
  const isWhole = samples.length === known.results.length;
  return {
    title,
    thresholds,
    judgement: known,
    pairs: known.results.map((_, index) => (isWhole ? samples[index] : undefined)),
  };
}

function pairOf({ name, values, scopes }: MetricSetPair): SamplePair {
  const { startTimeMillis, stepMillis } = scopes?.experiment ?? {};
  return {
    name,
    baseline: values.control,
    canary: values.experiment,
    ...(startTimeMillis === undefined ? {} : { startMs: startTimeMillis }),
    ...(stepMillis === undefined ? {} : { stepMs: stepMillis }),
  };
}
