/** What Kayenta would answer: the status is HTTP's, the message its own text. */
export class KayentaError extends Error {
  override readonly name = 'KayentaError';
  readonly status: number;
  /** A passing fault of a metrics source, worth another try. */
  readonly retryable: boolean;
  constructor(message: string, options: { status?: number; retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? 400;
    this.retryable = options.retryable ?? false;
  }
}
