import { isDeepStrictEqual } from 'node:util';
import type { Judgement, MetricJudgement } from '../../../../services/domain/judgement.ts';
import { answerJudgeRequest } from '../../../../services/judge/judge-request.ts';
import type { Outcome, Suite } from '../../suite.ts';
import { double, isNear } from './numbers.ts';

type WireResult = Omit<MetricJudgement, 'evidence'>;
type WireJudgement = Omit<Judgement, 'results' | 'warnings'> & { readonly results: readonly WireResult[] };

interface Case {
  readonly id: string;
  readonly canaryConfig: unknown;
  readonly scoreThresholds: unknown;
  readonly metricSetPairs: unknown;
  readonly expected?: WireJudgement;
  readonly expectedError?: { readonly message: string };
  readonly detail?: readonly {
    readonly path: string;
    readonly noise?: { readonly outcomes: Readonly<Record<string, number>> };
  }[];
  readonly seedDependent?: boolean;
  readonly observedScores?: readonly unknown[];
}

/** The messages that are Kayenta's own and not accidents of Java. */
const KEPT_MESSAGES = /^(Could not find metric config for|requirement failed: )/;

export const suite: Suite = function* (content): Generator<Outcome> {
  for (const vector of content as readonly Case[]) {
    const { id, canaryConfig, scoreThresholds, metricSetPairs, expected, expectedError } = vector;
    let actual: WireJudgement | { readonly error: string };
    try {
      const answer = answerJudgeRequest({ canaryConfig, scoreThresholds, metricSetPairList: metricSetPairs });
      actual = withoutEvidence(answer as Judgement);
    } catch (error) {
      actual = { error: (error as Error).message };
    }
    const isRight =
      expected === undefined
        ? 'error' in actual &&
          (!KEPT_MESSAGES.test(expectedError?.message ?? '') || actual.error === expectedError?.message)
        : 'score' in actual && matches(actual, expected, vector);
    if (isRight) yield { name: id, status: 'passed' };
    else yield { name: id, status: 'failed', expected: expected ?? expectedError, actual };
  }
};

function withoutEvidence({ warnings: _, ...judgement }: Judgement): WireJudgement {
  return { ...judgement, results: judgement.results.map(({ evidence: _evidence, ...result }) => result) };
}

function matches(
  actual: WireJudgement,
  expected: WireJudgement,
  { detail = [], seedDependent, observedScores }: Case,
): boolean {
  const isScoreRight = seedDependent
    ? observedScores?.some((score) => isDeepStrictEqual(score, actual.score))
    : isDeepStrictEqual(actual.score, expected.score);
  // Scores of groups hang on the outcome, so a seed-dependent case has several.
  const areGroupsRight = seedDependent || isDeepStrictEqual(byName(actual.groupScores), byName(expected.groupScores));
  return (
    isScoreRight === true &&
    areGroupsRight &&
    actual.judgeName === expected.judgeName &&
    actual.results.length === expected.results.length &&
    actual.results.every((result, index) =>
      matchesResult(result, expected.results[index]!, detail[index], seedDependent),
    )
  );
}

/** Kayenta adds noise to constant series: its ratio is then near the true one, and where the seed decides, any outcome it can have is right. */
function matchesResult(
  actual: WireResult,
  expected: WireResult,
  detail: NonNullable<Case['detail']>[number] | undefined,
  seedDependent = false,
): boolean {
  if (detail?.path !== 'noise') return isDeepStrictEqual(actual, expected);
  const outcome = actual.critical ? `${actual.classification} critical` : actual.classification;
  if (seedDependent) return Object.keys(detail.noise?.outcomes ?? {}).includes(outcome);
  const { resultMetadata: actualRatio, ...actualRest } = actual;
  const { resultMetadata: expectedRatio, ...expectedRest } = expected;
  return (
    isDeepStrictEqual(actualRest, expectedRest) &&
    (actualRatio === undefined) === (expectedRatio === undefined) &&
    (expectedRatio === undefined || isNear(double(actualRatio?.ratio), double(expectedRatio.ratio), 1e-4))
  );
}

const byName = (groups: readonly { readonly name: string }[]): ReadonlyMap<string, unknown> =>
  new Map(groups.map((group) => [group.name, group]));
