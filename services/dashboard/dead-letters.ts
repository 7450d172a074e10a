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

/** Notifications keep them; the dashboard lets a person see, retry and dismiss them. */
export interface DeadLetters {
  /** Newest first, no more than `limit`. */
  list(limit: number): Promise<{ readonly total: number; readonly letters: readonly DeadLetter[] }>;
  /** Sends it again from the start. False: there is no such dead letter any more. */
  retry(namespace: string, name: string): Promise<boolean>;
  /** Forgets it. False: as above. */
  dismiss(namespace: string, name: string): Promise<boolean>;
}
