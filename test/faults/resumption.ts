/** How long it took from a moment on until work was seen to go on: of any run, and of every one that was under way at the moment. */
export class Resumption {
  readonly #since = performance.now();
  readonly #waiting: Set<string>;
  #firstMs: number | undefined;
  #allMs: number | undefined;

  constructor(underWay: readonly string[]) {
    this.#waiting = new Set(underWay);
    if (underWay.length === 0) this.#allMs = 0;
  }

  /** A measurement of the run was recorded, or the run has ended. */
  saw(run: string): void {
    const ms = performance.now() - this.#since;
    this.#firstMs ??= ms;
    this.#waiting.delete(run);
    if (this.#waiting.size === 0) this.#allMs ??= ms;
  }

  get firstMs(): number | undefined {
    return this.#firstMs;
  }

  get allMs(): number | undefined {
    return this.#allMs;
  }

  get waiting(): readonly string[] {
    return [...this.#waiting];
  }
}
