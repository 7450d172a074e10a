import { fractionAndExponent, scale } from './parse-number.ts';

/**
 * Go's `math.Pow`, whose last digit differs from JavaScript's. Whole exponents are powered on fraction and exponent apart, so
 * that nothing is rounded twice. For other fractions than a half, Go's own platforms differ in the last digit.
 */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (exponent === 1) return base;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return NaN;
  if (base === 0) return powerOfZero(base, exponent);
  if (!Number.isFinite(exponent)) {
    if (base === -1) return 1;
    return Math.abs(base) < 1 === exponent > 0 ? 0 : Infinity;
  }
  if (!Number.isFinite(base)) {
    if (base > 0) return exponent < 0 ? 0 : Infinity;
    return base === -Infinity ? powerOfZero(-0, -exponent) : NaN;
  }
  if (exponent === 0.5) return Math.sqrt(base);
  if (exponent === -0.5) return 1 / Math.sqrt(base);

  let whole = Math.trunc(Math.abs(exponent));
  let fraction = Math.abs(exponent) - whole;
  if (fraction !== 0 && base < 0) return NaN;
  if (whole >= 2 ** 63) {
    // Every such exponent is even and overflows or vanishes.
    if (base === -1) return 1;
    return Math.abs(base) < 1 === exponent > 0 ? 0 : Infinity;
  }

  let result = 1;
  let resultExponent = 0;
  if (fraction !== 0) {
    if (fraction > 0.5) {
      fraction -= 1;
      whole += 1;
    }
    result = Math.exp(fraction * Math.log(base));
  }
  let [square, squareExponent] = fractionAndExponent(base);
  for (let bits = BigInt(whole); bits !== 0n; bits >>= 1n) {
    if (squareExponent < -4096 || squareExponent > 4096) {
      // Further squaring could overflow the exponent itself; the result is 0 or infinite already.
      resultExponent += squareExponent;
      break;
    }
    if (bits & 1n) {
      result *= square;
      resultExponent += squareExponent;
    }
    square *= square;
    squareExponent *= 2;
    if (square < 0.5) {
      square += square;
      squareExponent -= 1;
    }
  }
  if (exponent < 0) {
    result = 1 / result;
    resultExponent = -resultExponent;
  }
  return scale(result, resultExponent);
}

function powerOfZero(zero: number, exponent: number): number {
  const isOdd = Number.isInteger(exponent) && Math.abs(exponent % 2) === 1;
  if (exponent < 0) return Object.is(zero, -0) && isOdd ? -Infinity : Infinity;
  return isOdd ? zero : 0;
}
