/** A number behind a measurement's value, addressed as a condition's threshold is. */
export interface NumericValue {
  /** Its place in a list. */
  readonly element?: number;
  /** Its name in an object. */
  readonly member?: string;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** As Go prints floats, by whichever of its ways: `0.97`, `-1.5e+06`, `NaN`, `+Inf`. */
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf)|NaN)$/u;

/**
 * The numbers that stand in a measurement's stored text, whose notation is its provider's: `0.97`, `[0.97,NaN]`, `[0.97 up <nil>]`, `{"rate":0.97}`. Only
 * those at the top level count. CloudWatch's `[[0.1 0.2] [3]]` has a list for each query, newest first: the newest stands for it.
 */
export function numericValues(text: string | undefined): readonly NumericValue[] {
  const trimmed = text?.trim() ?? '';
  if (trimmed.startsWith('{')) return ofJson(trimmed).map(([member, value]) => ({ member, value }));
  if (!/^\[.*\]$/su.test(trimmed)) return numbersOf([unquoted(trimmed)]).map(([, value]) => ({ value }));
  const inside = trimmed.slice(1, -1);
  const found = /["{]|\],/u.test(inside) ? ofJson(trimmed) : numbersOf(elementsOf(inside));
  return found.map(([index, value]) => ({ element: Number(index), value }));
}

type Found = readonly (readonly [key: string, value: number])[];

function elementsOf(inside: string): readonly string[] {
  if (!inside.startsWith('[')) return inside.split(/[, ]/u);
  return inside.split('] [').map((row) => row.replace(/^\[/u, '').replace(/[\] ].*$/su, ''));
}

function numbersOf(texts: readonly string[]): Found {
  return texts.flatMap((text, index) =>
    NUMBER.test(text) ? [[String(index), Number(text.replace('Inf', 'Infinity'))] as const] : [],
  );
}

/** Texts that only look like JSON have no numbers. */
function ofJson(text: string): Found {
  try {
    return Object.entries(JSON.parse(text) as object).filter(([, value]) => typeof value === 'number');
  } catch {
    return [];
  }
}

/** A number in quotes is one to `asFloat`. */
function unquoted(text: string): string {
  return /^"[^"\\]*"$/u.test(text) ? text.slice(1, -1) : text;
}
