/** Working arrays up to this length are kept for the next use, however much shorter that is. */
const KEPT_LENGTH = 2 ** 16;

/** The working array itself when it fits, else a new one: larger when it is too short, smaller when it holds on to far too much. */
export function reserve(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const isTooLong = array.length > KEPT_LENGTH && array.length > 4 * length;
  return array.length < length || isTooLong ? new Float64Array(length) : array;
}
