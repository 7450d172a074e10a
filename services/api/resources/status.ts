import type { Cause } from '../../domain/errors.ts';

/** Kubernetes' reasons, and the HTTP status of each. */
export const REASONS = {
  BadRequest: 400,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const satisfies Record<string, number>;
export type Reason = keyof typeof REASONS;

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural, but the Kind where the reason is Invalid. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** The answer to everything that is not an object: `kubectl` prints `Error from server (REASON): MESSAGE`. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: Reason;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A request that ends in a Status. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly reason: Reason;
  readonly details: StatusDetails;
  constructor(reason: Reason, message: string, details: StatusDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.details = details;
  }
}

export function failure(reason: Reason, message: string, details: StatusDetails = {}): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(Object.keys(details).length > 0 ? { details } : {}),
    code: REASONS[reason],
  };
}

/** What an error names: the parts of a served kind that its texts need. */
export interface Named {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** `analysisruns.argoproj.io`; for core kinds the plural alone. */
export function resourceName({ group, plural }: Named): string {
  return group === '' ? plural : `${plural}.${group}`;
}

const groupOf = ({ group }: Named) => (group === '' ? {} : { group });

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message);
}

export function notFound(kind: Named, name: string): StatusError {
  const details = { name, ...groupOf(kind), kind: kind.plural };
  return new StatusError('NotFound', `${resourceName(kind)} "${name}" not found`, details);
}

export function alreadyExists(kind: Named, name: string): StatusError {
  const details = { name, ...groupOf(kind), kind: kind.plural };
  return new StatusError('AlreadyExists', `${resourceName(kind)} "${name}" already exists`, details);
}

export function conflict(kind: Named, name: string, why?: string): StatusError {
  const details = { name, ...groupOf(kind), kind: kind.plural };
  const reason = why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  return new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${reason}`,
    details,
  );
}

/** More causes than this help nobody. */
const MOST_CAUSES = 100;

export function invalid(
  kind: Named,
  name: string,
  causes: readonly (Cause & { readonly reason?: string })[],
): StatusError {
  const shown = causes.slice(0, MOST_CAUSES);
  const texts = shown.map((cause) => (cause.field === '' ? cause.message : `${cause.field}: ${cause.message}`));
  if (causes.length > shown.length) texts.push(`and ${causes.length - shown.length} more`);
  const summary = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError('Invalid', `${qualified} "${name}" is invalid: ${summary}`, {
    name,
    ...groupOf(kind),
    kind: kind.kind,
    causes: shown.map(({ reason = 'FieldValueInvalid', message, field }) => ({ reason, message, field })),
  });
}
