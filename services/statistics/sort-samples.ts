/** An ascending copy; −0.0 before 0.0, NaN last. */
export function sortSamples(values: Float64Array): Float64Array {
  return values.slice().sort();
}
