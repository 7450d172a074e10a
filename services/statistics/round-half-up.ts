/**
 * Rounds to two decimals, halves away from zero, on the shortest decimal text of the number as Java's BigDecimal.valueOf does: 1.005 becomes
 * 1.01, although the double is a little below. A rounded zero keeps its sign. Infinities and NaN stay.
 */
export function roundHalfUp(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const kept = Number(exponent) + 3;
  if (digits.length <= kept) return value;
  const hundredths = kept <= 0 ? 0n : BigInt(digits.slice(0, kept));
  const roundsUp = kept >= 0 && digits.charAt(kept) >= '5';
  return Math.sign(value) * Number(`${roundsUp ? hundredths + 1n : hundredths}e-2`);
}
