/** What a caller can do wrong, one word each; the API maps each to a status in one place. */
export type CallerFault = 'invalid' | 'not-found' | 'already-exists' | 'conflict' | 'forbidden';

/** Where the mistake is and what would be right. `field` is a path as Kubernetes writes it: `spec.metrics[0].count`. */
export interface Cause {
  readonly field: string;
  readonly message: string;
}

/** A mistake of whoever asked; its message is for them. */
export class CallerError extends Error {
  override readonly name = 'CallerError';
  readonly fault: CallerFault;
  readonly causes: readonly Cause[];
  constructor(fault: CallerFault, message: string, causes: readonly Cause[] = []) {
    super(message);
    this.fault = fault;
    this.causes = causes;
  }
}
