const INT64_MAX = 2n ** 63n - 1n;

/**
 * What a count or limit says: a string is read in base 10 with an optional sign. Anything else, blanks included, reads as 0, as in Argo, which drops the
 * error of Go's strconv.Atoi; a number too large for 64 bits is cut to the largest.
 */
export function readInt(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? 0;
  if (!/^[+-]?[0-9]+$/.test(value)) return 0;
  const read = BigInt(value.startsWith('+') ? value.slice(1) : value);
  if (read > INT64_MAX) return Number(INT64_MAX);
  return read < -INT64_MAX ? Number(-INT64_MAX) : Number(read);
}

/** Is it given at all? A limit of 0 and an absent one differ in a few rules. */
export function isGiven(value: number | string | undefined | null): value is number | string {
  return value !== undefined && value !== null;
}
