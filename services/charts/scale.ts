/** Where values stand on a chart. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
}

/** `low` … `high` on pixels `from` … `to`; a single value gets room around it. */
export function linearScale(low: number, high: number, from: number, to: number): Scale {
  const [least, most] = low / 2 < high / 2 ? [low, high] : [low - roomAround(low), low + roomAround(low)];
  // In halves, so that the whole range of numbers is no infinity.
  const half = most / 2 - least / 2;
  return { low: least, high: most, at: (value) => from + ((value / 2 - least / 2) / half) * (to - from) };
}

const roomAround = (value: number): number => Math.abs(value) / 10 || 1;

const STEPS = [1, 2, 5, 10];

/** Round numbers between the ends, about `count` of them. */
export function roundTicks({ low, high }: Scale, count: number): readonly number[] {
  const rough = high / count - low / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((one) => one * power >= rough) ?? 10) * power;
  if (!Number.isFinite(step) || step === 0) return [];
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** The ends of the finite values; undefined when there are none. */
export function extent(...lists: readonly ArrayLike<number>[]): readonly [low: number, high: number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const list of lists)
    for (let index = 0; index < list.length; index += 1) {
      const value = list[index]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : undefined;
}

/** Four digits, with k, M or an exponent where it would be long. */
export function shortNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2).replace('e+', 'e').replace('-', '−');
  const text =
    size >= 1e6
      ? `${Number((value / 1e6).toPrecision(4))}M`
      : size >= 1e4
        ? `${Number((value / 1e3).toPrecision(4))}k`
        : String(Number(value.toPrecision(4)));
  return text.replace('-', '−');
}
