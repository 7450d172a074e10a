const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** Java's Random: the stream behind the noise that Kayenta adds to constant series, which a fixed seed repeats. */
export class JavaRandom {
  private state: bigint;
  private spare: number | undefined;

  constructor(seed: number) {
    this.state = (BigInt(seed) ^ MULTIPLIER) & MASK;
  }

  private bits(count: number): number {
    this.state = (this.state * MULTIPLIER + 0xbn) & MASK;
    return Number(this.state >> BigInt(48 - count));
  }

  private nextDouble(): number {
    return (this.bits(26) * 2 ** 27 + this.bits(27)) * 2 ** -53;
  }

  /** Standard normal, by Marsaglia's polar method. */
  nextGaussian(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const first = 2 * this.nextDouble() - 1;
      const second = 2 * this.nextDouble() - 1;
      const square = first * first + second * second;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = second * factor;
      return first * factor;
    }
  }
}

/** Kayenta's addGaussianNoise: `mean + deviation · draw` on top of each value. */
export function addNoise(values: Float64Array, mean: number, deviation: number, random: JavaRandom): Float64Array {
  return values.map((value) => value + (deviation * random.nextGaussian() + mean));
}
