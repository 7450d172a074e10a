/** The samples of both sides, as charts draw them. */
export interface SamplePair {
  readonly name: string;
  /** May hold NaN and infinities. */
  readonly baseline: ArrayLike<number>;
  readonly canary: ArrayLike<number>;
  /** Of the canary, epoch milliseconds. */
  readonly startMs?: number;
  readonly stepMs?: number;
}
