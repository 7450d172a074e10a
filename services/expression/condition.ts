import type { Result } from '../domain/result.ts';
import { type Outcome, SourceError } from './source-error.ts';

export { type Outcome, SourceError } from './source-error.ts';

const unfinished = (text: string) => new SourceError('the condition language is not in place yet', 'compile', text);

/** Evaluates a success or failure condition against what a provider read. `now` is in milliseconds since the epoch. */
export function evaluateCondition(text: string, _result: Result, _now: number): Outcome<boolean> {
  return { ok: false, error: unfinished(text) };
}

/** Evaluates the `start` or `end` of a range query to milliseconds since the epoch, perhaps with a fraction. */
export function evaluateTime(text: string, _now: number): Outcome<number> {
  return { ok: false, error: unfinished(text) };
}

/** The first mistake that can be seen without running; without a type, `result` may be anything. */
export function checkCondition(text: string, _resultType?: Result['type']): SourceError | undefined {
  return unfinished(text);
}
