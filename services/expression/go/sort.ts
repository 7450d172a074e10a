// Go's `sort.Sort`: pattern-defeating quicksort. It is not stable, and with equal keys or NaN the order depends on every
// step of the algorithm, so this follows Go's steps; up to 12 elements it is an insertion sort.

type Hint = 'unknown' | 'increasing' | 'decreasing';

/** Sorts positions 0 to length-1 of something that can compare and swap two of them. */
export function sortPositions(
  length: number,
  isLess: (i: number, j: number) => boolean,
  swap: (i: number, j: number) => void,
): void {
  const limit = length === 0 ? 0 : 32 - Math.clz32(length);
  new PatternSort(isLess, swap).sort(0, length, limit);
}

class PatternSort {
  readonly #isLess: (i: number, j: number) => boolean;
  readonly #swap: (i: number, j: number) => void;

  constructor(isLess: (i: number, j: number) => boolean, swap: (i: number, j: number) => void) {
    this.#isLess = isLess;
    this.#swap = swap;
  }

  sort(from: number, to: number, limit: number): void {
    let a = from;
    let b = to;
    let badChoices = limit;
    let wasBalanced = true;
    let wasPartitioned = true;
    for (;;) {
      const length = b - a;
      if (length <= 12) {
        this.#insertionSort(a, b);
        return;
      }
      if (badChoices === 0) {
        this.#heapSort(a, b);
        return;
      }
      if (!wasBalanced) {
        this.#breakPatterns(a, b);
        badChoices -= 1;
      }
      let [pivot, hint] = this.#choosePivot(a, b);
      if (hint === 'decreasing') {
        this.#reverse(a, b);
        pivot = b - 1 - (pivot - a);
        hint = 'increasing';
      }
      if (wasBalanced && wasPartitioned && hint === 'increasing' && this.#partialInsertionSort(a, b)) return;
      if (a > 0 && !this.#isLess(a - 1, pivot)) {
        a = this.#partitionEqual(a, b, pivot);
        continue;
      }
      const [middle, alreadyPartitioned] = this.#partition(a, b, pivot);
      wasPartitioned = alreadyPartitioned;
      const leftLength = middle - a;
      const rightLength = b - middle;
      const threshold = Math.trunc(length / 8);
      if (leftLength < rightLength) {
        wasBalanced = leftLength >= threshold;
        this.sort(a, middle, badChoices);
        a = middle + 1;
      } else {
        wasBalanced = rightLength >= threshold;
        this.sort(middle + 1, b, badChoices);
        b = middle;
      }
    }
  }

  #insertionSort(a: number, b: number): void {
    for (let i = a + 1; i < b; i++) for (let j = i; j > a && this.#isLess(j, j - 1); j--) this.#swap(j, j - 1);
  }

  #siftDown(low: number, high: number, first: number): void {
    let root = low;
    for (;;) {
      let child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && this.#isLess(first + child, first + child + 1)) child += 1;
      if (!this.#isLess(first + root, first + child)) return;
      this.#swap(first + root, first + child);
      root = child;
    }
  }

  #heapSort(a: number, b: number): void {
    const high = b - a;
    for (let i = Math.trunc((high - 1) / 2); i >= 0; i--) this.#siftDown(i, high, a);
    for (let i = high - 1; i >= 0; i--) {
      this.#swap(a, a + i);
      this.#siftDown(0, i, a);
    }
  }

  /** The place of the pivot, and whether everything was in order before. */
  #partition(a: number, b: number, pivot: number): [number, boolean] {
    this.#swap(a, pivot);
    let i = a + 1;
    let j = b - 1;
    while (i <= j && this.#isLess(i, a)) i += 1;
    while (i <= j && !this.#isLess(j, a)) j -= 1;
    if (i > j) {
      this.#swap(j, a);
      return [j, true];
    }
    this.#swap(i, j);
    i += 1;
    j -= 1;
    for (;;) {
      while (i <= j && this.#isLess(i, a)) i += 1;
      while (i <= j && !this.#isLess(j, a)) j -= 1;
      if (i > j) break;
      this.#swap(i, j);
      i += 1;
      j -= 1;
    }
    this.#swap(j, a);
    return [j, false];
  }

  #partitionEqual(a: number, b: number, pivot: number): number {
    this.#swap(a, pivot);
    let i = a + 1;
    let j = b - 1;
    for (;;) {
      while (i <= j && !this.#isLess(a, i)) i += 1;
      while (i <= j && this.#isLess(a, j)) j -= 1;
      if (i > j) break;
      this.#swap(i, j);
      i += 1;
      j -= 1;
    }
    return i;
  }

  #partialInsertionSort(a: number, b: number): boolean {
    const maxSteps = 5;
    const shortestShifting = 50;
    let i = a + 1;
    for (let step = 0; step < maxSteps; step++) {
      while (i < b && !this.#isLess(i, i - 1)) i += 1;
      if (i === b) return true;
      if (b - a < shortestShifting) return false;
      this.#swap(i, i - 1);
      if (i - a >= 2) {
        for (let j = i - 1; j >= 1; j--) {
          if (!this.#isLess(j, j - 1)) break;
          this.#swap(j, j - 1);
        }
      }
      if (b - i >= 2) {
        for (let j = i + 1; j < b; j++) {
          if (!this.#isLess(j, j - 1)) break;
          this.#swap(j, j - 1);
        }
      }
    }
    return false;
  }

  #breakPatterns(a: number, b: number): void {
    const length = b - a;
    if (length < 8) return;
    let random = BigInt(length);
    const modulus = 1 << (32 - Math.clz32(length));
    const index = a + Math.trunc(length / 4) * 2 - 1;
    for (let i = 0; i < 3; i++) {
      // Xorshift on 64 bits.
      random ^= BigInt.asUintN(64, random << 13n);
      random ^= random >> 7n;
      random ^= BigInt.asUintN(64, random << 17n);
      let other = Number(BigInt.asUintN(32, random)) & (modulus - 1);
      if (other < 0) other += modulus;
      if (other >= length) other -= length;
      this.#swap(index - 1 + i, a + other);
    }
  }

  #choosePivot(a: number, b: number): [number, Hint] {
    const length = b - a;
    const swaps = { count: 0 };
    const quarter = Math.trunc(length / 4);
    let i = a + quarter;
    let j = a + quarter * 2;
    let k = a + quarter * 3;
    if (length >= 8) {
      if (length >= 50) {
        i = this.#median(i - 1, i, i + 1, swaps);
        j = this.#median(j - 1, j, j + 1, swaps);
        k = this.#median(k - 1, k, k + 1, swaps);
      }
      j = this.#median(i, j, k, swaps);
    }
    if (swaps.count === 0) return [j, 'increasing'];
    return [j, swaps.count === 12 ? 'decreasing' : 'unknown'];
  }

  #median(a: number, b: number, c: number, swaps: { count: number }): number {
    let [low, middle, high] = [a, b, c];
    if (this.#isLess(middle, low)) {
      swaps.count += 1;
      [low, middle] = [middle, low];
    }
    if (this.#isLess(high, middle)) {
      swaps.count += 1;
      [middle, high] = [high, middle];
    }
    if (this.#isLess(middle, low)) {
      swaps.count += 1;
      [low, middle] = [middle, low];
    }
    return middle;
  }

  #reverse(a: number, b: number): void {
    for (let i = a, j = b - 1; i < j; i++, j--) this.#swap(i, j);
  }
}
