// The standard normal distribution: quantiles for intervals, tails for p-values.

/** Coefficients of the inverse error function in double precision, highest power first (M. Giles, "Approximating the erfinv function", 2010). */
const CENTRAL = [
  -3.64441206401782e-21, -1.6850591381820166e-19, 1.28584807152564e-18, 1.1157877678025181e-17, -1.333171662854621e-16,
  2.0972767875968562e-17, 6.637638134358324e-15, -4.054566272975207e-14, -8.151934197605472e-14, 2.6335093153082323e-12,
  -1.2975133253453532e-11, -5.415412054294628e-11, 1.0512122733215323e-9, -4.112633980346984e-9, -2.9070369957882005e-8,
  4.2347877827932404e-7, -1.3654692000834679e-6, -1.3882523362786469e-5, 0.00018673420803405714, -0.000740702534166267,
  -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
];
const TAIL = [
  2.2137376921775787e-9, 9.075656193888539e-8, -2.7517406297064545e-7, 1.8239629214389228e-8, 1.5027403968909828e-6,
  -4.013867526981546e-6, 2.9234449089955446e-6, 1.2475304481671779e-5, -4.7318229009055734e-5, 6.828485145957318e-5,
  2.4031110387097894e-5, -0.0003550375203628475, 0.0009532893797373805, -0.0016882755560235047, 0.002491442096107851,
  -0.003751208507569241, 0.005370914553590064, 1.0052589676941592, 3.0838856104922208,
];
const FAR_TAIL = [
  -2.7109920616438573e-11, -2.555641816996525e-10, 1.5076572693500548e-9, -3.789465440126737e-9, 7.61570120807834e-9,
  -1.496002662714924e-8, 2.914795345090108e-8, -6.771199775845234e-8, 2.2900482228026655e-7, -9.9298272942317e-7,
  4.526062597223154e-6, -1.968177810553167e-5, 7.599527703001776e-5, -0.00021503011930044477, -0.00013871931833623122,
  1.0103004648645344, 4.849906401408584,
];

function polynomial(coefficients: readonly number[], at: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = coefficient + sum * at;
  return sum;
}

function inverseErrorFunction(x: number): number {
  const product = (1 - x) * (1 + x);
  // Where the logarithm is small, log1p keeps the last bit that commons-math's more precise logarithm has.
  const w = product > 0.25 ? -Math.log1p(product - 1) : -Math.log(product);
  if (w < 6.25) return polynomial(CENTRAL, w - 3.125) * x;
  if (w < 16) return polynomial(TAIL, Math.sqrt(w) - 3.25) * x;
  return w < Number.POSITIVE_INFINITY ? polynomial(FAR_TAIL, Math.sqrt(w) - 5) * x : w * x;
}

/**
 * The value that a standard normal variable stays below with probability `p`; ±Infinity at the ends, NaN outside [0, 1].
 *
 * `normalQuantile(0.99)` is 2.326347874040841, to the bit what commons-math gives Kayenta.
 */
export function normalQuantile(p: number): number {
  return Math.SQRT2 * inverseErrorFunction(2 * p - 1);
}

// Hart's rational approximation 5666 of the tail, constants as published by G. West ("Better approximations to cumulative normal functions", 2005).
const TAIL_NUMERATOR = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const TAIL_DENOMINATOR = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
const CONTINUED_FRACTION_FROM = 7.07106781186547;

/** Probability that a standard normal variable exceeds `z` in size, either way: the two-sided p-value of a z score. `normalTails(1.96)` is 0.04999…. */
export function normalTails(z: number): number {
  const size = Math.abs(z);
  const density = Math.exp((-size * size) / 2);
  if (size < CONTINUED_FRACTION_FROM)
    return Math.min(1, (2 * density * polynomial(TAIL_NUMERATOR, size)) / polynomial(TAIL_DENOMINATOR, size));
  const fraction = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))));
  return (2 * density) / fraction / Math.sqrt(2 * Math.PI);
}
