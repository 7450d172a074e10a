import { describe, expect, it } from 'vitest';
import { evaluateResult } from '../../../services/analysis/evaluate-result.ts';
import type { Result } from '../../../services/domain/result.ts';

const five: Result = { type: 'float64', value: 5 };
const YES = 'result == 5';
const NO = 'result == 6';

describe('evaluateResult', () => {
  it.each([
    { successCondition: undefined, failureCondition: undefined, phase: 'Successful' },
    { successCondition: YES, failureCondition: undefined, phase: 'Successful' },
    { successCondition: NO, failureCondition: undefined, phase: 'Failed' },
    { successCondition: '', failureCondition: YES, phase: 'Failed' },
    { successCondition: '', failureCondition: NO, phase: 'Successful' },
    { successCondition: YES, failureCondition: NO, phase: 'Successful' },
    { successCondition: NO, failureCondition: YES, phase: 'Failed' },
    { successCondition: YES, failureCondition: YES, phase: 'Failed' },
    { successCondition: NO, failureCondition: NO, phase: 'Inconclusive' },
  ])('success "$successCondition", failure "$failureCondition": $phase', ({ phase, ...conditions }) => {
    expect(evaluateResult(conditions, five, 0)).toEqual({ phase });
  });

  it('is an Error when either condition fails, success first', () => {
    const error = 'could not evaluate successCondition "a "quoted"": unexpected token String("quoted")';
    expect(evaluateResult({ successCondition: 'a "quoted"', failureCondition: 'b' }, five, 0)).toEqual({
      phase: 'Error',
      error,
    });
    expect(evaluateResult({ successCondition: YES, failureCondition: 'b' }, five, 0)).toEqual({
      phase: 'Error',
      error: 'could not evaluate failureCondition "b": unknown name b',
    });
  });

  it.each([
    { type: 'nil', value: null },
    { type: '[]float64', value: [] },
    { type: '*float64', value: null },
  ] as Result[])('says that there was no data in place of any cause: $type', (result) => {
    expect(evaluateResult({ successCondition: 'typo' }, result, 0).error).toBe(
      'could not evaluate successCondition "typo": metric result is nil or empty: no data returned from the metric provider',
    );
  });
});
