/** A second's passes come in this many portions at most: so long a pause is made up for, and no longer one. */
const PORTIONS_A_SECOND = 10;

/** How many passes may begin in a second. Times are milliseconds of one clock. */
export class Pace {
  readonly #gapMs: number;
  /** When the next pass may begin. */
  #next = Number.NEGATIVE_INFINITY;

  /** Undefined or 0: as many as there are. */
  constructor(passesPerSecond: number | undefined) {
    this.#gapMs = passesPerSecond ? 1000 / passesPerSecond : 0;
  }

  /** When the next pass may begin: in the past, at once. */
  get nextAt(): number {
    return this.#next;
  }

  get isLimited(): boolean {
    return this.#gapMs > 0;
  }

  /** A pass begins. */
  take(now: number): void {
    this.#next = Math.max(this.#next, now - 1000 / PORTIONS_A_SECOND) + this.#gapMs;
  }

  /** One that was to begin did not. */
  giveBack(): void {
    this.#next -= this.#gapMs;
  }
}
