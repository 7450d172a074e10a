import type { Result } from '../domain/result.ts';
import { evaluateCondition } from '../expression/condition.ts';

export interface Conditions {
  readonly successCondition?: string | undefined;
  readonly failureCondition?: string | undefined;
}

export interface Evaluation {
  readonly phase: 'Successful' | 'Failed' | 'Inconclusive' | 'Error';
  readonly error?: string;
}

/**
 * The phase of a measurement by its metric's conditions, as Argo's `EvaluateResult` decides it: both are evaluated, success
 * first, and an error in either is the outcome. An empty text is no condition. `now` is in milliseconds since the epoch.
 */
export function evaluateResult(conditions: Conditions, result: Result, now: number): Evaluation {
  const outcomes: Partial<Record<keyof Conditions, boolean>> = {};
  for (const name of ['successCondition', 'failureCondition'] as const) {
    const text = conditions[name];
    if (text === undefined || text === '') continue;
    const outcome = evaluateCondition(text, result, now);
    if (!outcome.ok) {
      const cause = isNilOrEmpty(result) ? NO_DATA : outcome.error.message;
      return { phase: 'Error', error: `could not evaluate ${name} "${text}": ${cause}` };
    }
    outcomes[name] = outcome.value;
  }
  const { successCondition: success, failureCondition: failure } = outcomes;
  if (failure === true) return { phase: 'Failed' };
  if (success === true) return { phase: 'Successful' };
  if (success === undefined) return { phase: 'Successful' };
  return { phase: failure === undefined ? 'Failed' : 'Inconclusive' };
}

/** Argo says this instead of the cause, whatever the cause was. */
const NO_DATA = 'metric result is nil or empty: no data returned from the metric provider';

function isNilOrEmpty(result: Result): boolean {
  return result.value === null || (Array.isArray(result.value) && result.value.length === 0);
}
