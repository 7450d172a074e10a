import { describe, expect, it } from 'vitest';
import type { Classification } from '../../../services/domain/judgement.ts';
import { scoreResults, summarizeScore } from '../../../services/judge/score.ts';

/** `Pass:a` is a passing metric in group a; `High!:a,b` one in two groups that fails critically. */
function results(text: string) {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [classification = '', groups = ''] = word.split(':');
      return {
        classification: classification.replace('!', '') as Classification,
        classificationReason: `why ${classification}`,
        critical: classification.endsWith('!'),
        groups: groups.split(',').filter(Boolean),
      };
    });
}

describe('the summary score', () => {
  it.each([
    { given: 'Pass:a', weights: {}, want: 100 },
    { given: 'Pass:a High:a Low:a', weights: {}, want: 33.33 },
    { given: 'Pass:a High:b', weights: { a: 75, b: 25 }, want: 75 },
    { given: 'Pass:a High:b', weights: { a: 80 }, want: 80 },
    // Two unweighted groups share what is left of 100.
    { given: 'Pass:a High:b Pass:c', weights: { a: 50 }, want: 75 },
    // A weight without a metric takes from the others.
    { given: 'Pass:a', weights: { ghost: 40 }, want: 60 },
    // Weights over 100 are taken as they are, and leave less than nothing for the rest.
    { given: 'Pass:a Pass:b', weights: { a: 150, b: 50 }, want: 200 },
    { given: 'High:a Pass:b', weights: { a: 130 }, want: -30 },
    { given: 'Pass:a', weights: { a: 0 }, want: 0 },
    // A group without data counts as 100; NodataFailMetric is a failure, Error and Nodata are nothing.
    { given: 'Pass:a Pass:a Nodata:b', weights: {}, want: 100 },
    { given: 'NodataFailMetric:a Pass:a', weights: {}, want: 50 },
    { given: 'Error:a Pass:a', weights: {}, want: 100 },
    { given: 'Error!:a', weights: {}, want: 0 },
    // Counted once a listing.
    { given: 'Pass:a,a High:a', weights: {}, want: 66.67 },
    { given: 'Pass: High:', weights: {}, want: 0 },
    { given: '', weights: { a: 100 }, want: 0 },
  ])('of "$given" with $weights is $want', ({ given, weights, want }) => {
    expect(scoreResults(results(given), weights).score).toBe(want);
  });

  it.each([
    { given: 'Pass:a High!:a Low!:a', reason: 'Canary Failed: why High!' },
    { given: 'Pass:a Nodata:b', reason: 'Canary Failed: 50% or more metrics returned NODATA' },
    { given: 'Nodata!:a Pass:a Pass:a', reason: 'Canary Failed: why Nodata!' },
    { given: 'Pass!:a', reason: undefined },
    { given: 'Pass:a Pass:a Nodata:a', reason: undefined },
  ])('of "$given" is decided by: $reason', ({ given, reason }) => {
    const scores = scoreResults(results(given), {});
    expect(scores.reason).toBe(reason);
    if (reason !== undefined) expect(scores.score).toBe(0);
  });

  it.each([
    { score: 95, want: 'Pass' },
    { score: 94.99, want: 'Marginal' },
    { score: 75, want: 'Marginal' },
    { score: 74.99, want: 'Fail' },
  ])('$score is $want', ({ score, want }) => {
    expect(summarizeScore({ score }, { pass: 95, marginal: 75 }).classification).toBe(want);
  });
});

it('shows a group without data as 0', () => {
  expect(scoreResults(results('Pass:a Pass:a Nodata:b'), {}).groupScores).toEqual(
    expect.arrayContaining([{ name: 'b', score: 0, classification: '', classificationReason: '' }]),
  );
});
