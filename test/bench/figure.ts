/** One line of the bench: what was measured, and what it is to be held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Says how much better (above 1) the value is than its bound, or than what it is compared with: `3.2x under 300 ns`. */
  readonly ratio?: string;
}

/** A part of the bench. What it prints of its own is progress, on stderr. */
export type Bench = () => Promise<readonly Figure[]>;

/** For figures that should stay below a bound. */
export function under(name: string, value: number, unit: string, bound: number): Figure {
  return { name, value, unit, ratio: `${(bound / value).toFixed(1)}x under ${bound} ${unit}` };
}

export function print(figures: readonly Figure[]): void {
  for (const { name, value, unit, ratio = '' } of figures) {
    const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    console.log(`  ${name.padEnd(82)}${value.toFixed(digits).padStart(10)} ${unit.padEnd(8)}${ratio}`.trimEnd());
  }
}
