import { WorkingMemory } from './working-memory.ts';

/** Below this length the engine's own sort is as fast. */
const RADIX_FROM = 200;
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;
const PASSES = 3;
/** Moves a value that the finishing insertion may make before it gives way: values closer than a millionth of their size look alike to the radix. */
const MOVES_A_VALUE = 8;

/** Keys, twice, and values. */
const memory = new WorkingMemory();
const counts = new Uint32Array(PASSES * DIGITS);

/** Sorts in place, ascending; −0.0 before 0.0, NaN last. Returns its argument. */
export function sortSamples(values: Float64Array): Float64Array {
  if (values.length < RADIX_FROM || !sortByUpperBits(values) || !finishByInsertion(values)) values.sort();
  return values;
}

/** Radix sort by the upper 32 bits of each double, three digits from the lowest; false when it met NaN. Sampled data costs a comparison sort most in mispredicted branches, and this has none. */
function sortByUpperBits(values: Float64Array): boolean {
  const length = values.length;
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const scratch = memory.take(2 * length);
  let keys = new Uint32Array(scratch.buffer, 0, length);
  let otherKeys = new Uint32Array(scratch.buffer, 4 * length, length);
  let source = values;
  let target: Float64Array = scratch.subarray(length, 2 * length);
  counts.fill(0);
  for (let i = 0; i < length; i++) {
    if (Number.isNaN(values[i]!)) return false;
    const upper = words[2 * i + 1]!;
    // Negative doubles grow downwards: flipping all their bits, and the sign of the others, makes whole numbers in the same order.
    const key = upper ^ ((upper >> 31) | 0x80000000);
    keys[i] = key;
    counts[key & (DIGITS - 1)]! += 1;
    counts[DIGITS + ((key >>> DIGIT_BITS) & (DIGITS - 1))]! += 1;
    counts[2 * DIGITS + (key >>> (2 * DIGIT_BITS))]! += 1;
  }
  for (let pass = 0; pass < PASSES; pass++) {
    const base = pass * DIGITS;
    const shift = pass * DIGIT_BITS;
    if (counts[base + ((keys[0]! >>> shift) & (DIGITS - 1))] === length) continue;
    let start = 0;
    for (let digit = base; digit < base + DIGITS; digit++) {
      const count = counts[digit]!;
      counts[digit] = start;
      start += count;
    }
    for (let i = 0; i < length; i++) {
      const key = keys[i]!;
      const digit = base + ((key >>> shift) & (DIGITS - 1));
      const place = counts[digit]!;
      counts[digit] = place + 1;
      otherKeys[place] = key;
      target[place] = source[i]!;
    }
    [keys, otherKeys] = [otherKeys, keys];
    [source, target] = [target, source];
  }
  if (source !== values) values.set(source);
  return true;
}

/** Sorts what is nearly sorted; false when it is not. */
function finishByInsertion(values: Float64Array): boolean {
  let moves = MOVES_A_VALUE * values.length;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let j = i - 1;
    while (j >= 0 && values[j]! > value) {
      values[j + 1] = values[j]!;
      j--;
    }
    values[j + 1] = value;
    moves -= i - 1 - j;
    if (moves < 0) return false;
  }
  return true;
}
