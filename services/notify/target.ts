/** Whom to tell: a service of the settings, and whom it reaches there (a channel, an address, a team); `callback` is the run's own address. */
export interface Target {
  readonly service: string;
  readonly recipient: string;
  /** Of a callback: which key of which Secret of the run's namespace signs it. */
  readonly secret?: string;
}

/** The run's callback: annotations of Assay's own. */
export const CALLBACK = 'callback';
export const CALLBACK_URL = 'assay/callback';
export const CALLBACK_SECRET = 'assay/callback-secret';
