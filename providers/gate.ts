/** Lets in as many at once as there are places, in the order in which they came. */
export class Gate {
  readonly #places: () => number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(places: () => number) {
    this.#places = places;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves inside, with whether it had to wait; rejects with the signal's reason. Whoever is inside leaves again. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (this.#waiting.length === 0 && this.#inside < this.#places()) {
      this.#inside += 1;
      return false;
    }
    await new Promise<void>((resolve, reject) => {
      const take = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      this.#waiting.push(take);
      signal.addEventListener('abort', giveUp, { once: true });
    });
    return true;
  }

  leave(): void {
    this.#inside -= 1;
    this.admit();
  }

  /** There may be more places than before. */
  admit(): void {
    while (this.#waiting.length > 0 && this.#inside < this.#places()) {
      this.#inside += 1;
      this.#waiting.shift()!();
    }
  }
}
