import type { DeadLetter } from '../domain/dead-letter.ts';

/** Notifications keep them; the dashboard lets a person see, retry and dismiss them. */
export interface DeadLetters {
  /** Newest first, no more than `limit`. */
  list(limit: number): Promise<{ readonly total: number; readonly letters: readonly DeadLetter[] }>;
  /** Sends it again from the start. False: there is no such dead letter any more. */
  retry(namespace: string, name: string): Promise<boolean>;
  /** Forgets it. False: as above. */
  dismiss(namespace: string, name: string): Promise<boolean>;
}
