/** JSON has no number for NaN and the infinities; Kayenta writes and reads them as texts, and so does everything that speaks to it. */
export type JsonDouble = number | 'NaN' | 'Infinity' | '-Infinity';

export function doubleToJson(value: number): JsonDouble {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

const TEXTS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+Infinity': Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  '+INF': Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
};

/** A number, or text that Kayenta reads as one (`"NaN"`, `"-Infinity"`, `"60"`). Undefined for anything else. */
export function doubleFromJson(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (Object.hasOwn(TEXTS, text)) return TEXTS[text];
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
