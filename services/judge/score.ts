import type { Thresholds } from '../domain/canary-config.ts';
import type { Classification, GroupScore, SummaryScore } from '../domain/judgement.ts';
import { roundHalfUp } from '../statistics/round-half-up.ts';
import { orderGroups } from './group-order.ts';

/** The part of a metric's judgement that scores depend on. Muted results are left out by the caller. */
export interface ScoredResult {
  readonly classification: Classification;
  readonly classificationReason?: string;
  readonly critical: boolean;
  readonly groups: readonly string[];
}

export interface Scores {
  readonly groupScores: readonly GroupScore[];
  readonly score: number;
  /** Why the score is 0 whatever the groups say. */
  readonly reason?: string;
}

interface Tally {
  passed: number;
  counted: number;
}

/** Percentage of Nodata results from which a canary fails. */
const NODATA_LIMIT = 50;

/** Kayenta's weighted sum of group scores. `weights` are percentages and need not add up to 100. */
export function scoreResults(results: readonly ScoredResult[], weights: Readonly<Record<string, number>>): Scores {
  const tallies = tallyGroups(results);
  const names = orderGroups([...tallies.keys()]);
  const groupScores = names.map((name) => ({
    name,
    score: groupScore(tallies.get(name)!, 0),
    classification: '',
    classificationReason: '',
  }));
  const reason = reasonToFail(results);
  if (reason !== undefined) return { groupScores, score: 0, reason };

  const configured = Object.values(weights);
  const unweighted = names.filter((name) => !Object.hasOwn(weights, name)).length;
  const left = (100 - configured.reduce((sum, weight) => sum + weight, 0)) / unweighted;
  let sum = 0;
  for (const name of names) {
    const weight = Object.hasOwn(weights, name) ? weights[name]! : left;
    sum += groupScore(tallies.get(name)!, 100) * (weight / 100);
  }
  return { groupScores, score: roundHalfUp(sum) };
}

/** Nodata and Error count nowhere; a metric counts once a listing of the group. */
function tallyGroups(results: readonly ScoredResult[]): ReadonlyMap<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const { classification, groups } of results)
    for (const group of groups) {
      const tally = tallies.get(group) ?? { passed: 0, counted: 0 };
      tallies.set(group, tally);
      if (classification === 'Nodata' || classification === 'Error') continue;
      tally.counted++;
      if (classification === 'Pass') tally.passed++;
    }
  return tallies;
}

/** A group without data shows 0 and counts as 100. */
const groupScore = ({ passed, counted }: Tally, withoutData: number): number =>
  counted === 0 ? withoutData : (passed / counted) * 100;

function reasonToFail(results: readonly ScoredResult[]): string | undefined {
  const critical = results.find((result) => result.critical && result.classification !== 'Pass');
  if (critical !== undefined) return `Canary Failed: ${critical.classificationReason ?? ''}`;
  const missing = results.filter((result) => result.classification === 'Nodata').length;
  return (missing / results.length) * 100 >= NODATA_LIMIT
    ? 'Canary Failed: 50% or more metrics returned NODATA'
    : undefined;
}

export function summarizeScore(
  { score, reason }: Pick<Scores, 'score' | 'reason'>,
  thresholds: Thresholds,
): SummaryScore {
  const classification = score >= thresholds.pass ? 'Pass' : score >= thresholds.marginal ? 'Marginal' : 'Fail';
  return { score, classification, classificationReason: reason ?? '' };
}
