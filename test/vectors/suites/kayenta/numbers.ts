import { doubleFromJson } from '../../../../services/domain/json-double.ts';

/** A number of a vector file: non-finite ones are texts. */
export function double(value: unknown): number {
  const number = doubleFromJson(value);
  if (number === undefined) throw new Error(`not a number: ${JSON.stringify(value)}`);
  return number;
}

export const doubles = (values: readonly unknown[]): Float64Array => Float64Array.from(values, double);

/** Equal to the bit; with an allowance, relative to the larger of the two and `scale`. */
export function isNear(actual: number, expected: number, relative = 0, scale = 0): boolean {
  if (Object.is(actual, expected)) return true;
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= relative * Math.max(Math.abs(expected), scale);
}
