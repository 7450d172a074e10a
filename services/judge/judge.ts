import type { CanaryConfig, Thresholds } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import { configWarnings } from './config-warnings.ts';
import { judgeAsNetflix, NETFLIX_JUDGE } from './netflix.ts';

/** A judge is a pure function: the same input gives the same bytes. Pairs are judged in their order. */
export type Judge = (config: CanaryConfig, thresholds: Thresholds, pairs: readonly MetricSetPair[]) => Judgement;

interface KnownJudge {
  readonly judge: Judge;
  /** Whether user interfaces offer it. */
  readonly visible: boolean;
  /** What whoever asks for it should know. */
  readonly warning?: string;
}

/** Judges by the name that canary configs give them. A new judge is a file beside netflix.ts and a line here. */
const JUDGES: Readonly<Record<string, KnownJudge>> = {
  [NETFLIX_JUDGE]: { judge: judgeAsNetflix, visible: true },
  'dredd-v1.0': {
    judge: judgeAsNetflix,
    visible: false,
    warning: `dredd-v1.0 answers at random in Kayenta; ${NETFLIX_JUDGE} judged instead`,
  },
};

export const judgeNames = (): readonly { readonly name: string; readonly visible: boolean }[] =>
  Object.entries(JUDGES).map(([name, { visible }]) => ({ name, visible }));

/** What a config, and thresholds, say and the judge reads otherwise than its author will have meant. One sentence each. */
export function warningsOn(config: CanaryConfig, thresholds?: Thresholds): string[] {
  const { name = NETFLIX_JUDGE } = config.judge ?? {};
  const { warning } = (Object.hasOwn(JUDGES, name) ? JUDGES[name] : undefined) ?? {};
  return [
    ...(warning === undefined ? [] : [warning]),
    ...(thresholds !== undefined && thresholds.marginal > thresholds.pass
      ? [`thresholds: marginal ${thresholds.marginal} is above pass ${thresholds.pass}, so no score is Marginal`]
      : []),
    ...configWarnings(config),
  ];
}

/**
 * Judges aligned pairs by the judge of this name; without a name, Kayenta's default. Throws CallerError when there is no such judge and where the
 * config, the thresholds or the pairs leave Kayenta without a result.
 */
export function judge(
  name: string | undefined,
  config: CanaryConfig,
  thresholds: Thresholds,
  pairs: readonly MetricSetPair[],
): Judgement {
  const wanted = name ?? NETFLIX_JUDGE;
  if (!Object.hasOwn(JUDGES, wanted))
    throw new CallerError('invalid', `Unable to resolve canary judge '${wanted}'.`, [
      { field: 'judge.name', message: `must be one of ${Object.keys(JUDGES).join(', ')}` },
    ]);
  const known = JUDGES[wanted]!;
  const judgement = known.judge(config, thresholds, pairs);
  const warnings = warningsOn({ ...config, judge: { name: wanted } }, thresholds);
  return warnings.length === 0 ? judgement : { ...judgement, warnings };
}
