/** A notification that was given up. Times are RFC 3339. */
export interface DeadLetter {
  readonly namespace: string;
  readonly name: string;
  /** What it was about: `on-failed`. */
  readonly trigger: string;
  readonly service: string;
  /** Without secrets. */
  readonly recipient: string;
  readonly run: string;
  readonly sentence: string;
  readonly attempts: number;
  readonly lastError?: string;
  readonly createdAt: string;
  readonly gaveUpAt?: string;
}
