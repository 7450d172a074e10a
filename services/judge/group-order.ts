/** Java's String.hashCode. */
function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

const reverseBytes = (v: number): number => (v >>> 24) | ((v >>> 8) & 0xff00) | ((v & 0xff00) << 8) | (v << 24) | 0;

/** Scala's mix of a hash for small maps: the low four bits choose the place. */
const smallMapSlot = (hash: number): number => Math.imul(reverseBytes(Math.imul(hash, 0x9e3775cd)), 0x9e3775cd) & 15;

/** Scala's mix of a hash for tries. */
function trieHash(hash: number): number {
  let mixed = (hash + ~(hash << 9)) | 0;
  mixed ^= mixed >>> 14;
  mixed = (mixed + (mixed << 4)) | 0;
  return mixed ^ (mixed >>> 10);
}

const SMALL_MAP = 4;
const TRIE_DIGIT_BITS = 5;

/**
 * The order in which Kayenta lists groups and adds their scores: that of Scala's immutable maps after a groupBy. `names` are distinct, in order
 * of first appearance.
 */
export function orderGroups(names: readonly string[]): readonly string[] {
  if (names.length <= SMALL_MAP) {
    const slots = new Map(names.map((name) => [name, smallMapSlot(javaHash(name))]));
    return names.toReversed().sort((a, b) => slots.get(b)! - slots.get(a)!);
  }
  const hashes = new Map(names.map((name) => [name, trieHash(javaHash(name))]));
  return [...names].sort((a, b) => compareDigits(hashes.get(a)!, hashes.get(b)!));
}

/** Tries are walked by the digits of the hash, lowest first. */
function compareDigits(a: number, b: number): number {
  for (let shift = 0; shift < 32; shift += TRIE_DIGIT_BITS) {
    const difference = ((a >>> shift) & 31) - ((b >>> shift) & 31);
    if (difference !== 0) return difference;
  }
  return 0;
}
