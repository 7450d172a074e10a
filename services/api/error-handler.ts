import type { FastifyReply, FastifyRequest } from 'fastify';
import { CallerError } from '../domain/errors.ts';
import { type Log, StoreError } from '../engine/ports.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { failure, REASONS, type Reason, type Status, StatusError } from './resources/status.ts';
import { sendJson } from './send.ts';

/** The one place where errors become answers: each of our own kinds has a reason, each reason its HTTP status. */
const FAULTS = {
  invalid: 'Invalid',
  'not-found': 'NotFound',
  'already-exists': 'AlreadyExists',
  conflict: 'Conflict',
  forbidden: 'Forbidden',
} as const satisfies Record<CallerError['fault'], Reason>;

const STORE_CODES = {
  'already-exists': 'AlreadyExists',
  conflict: 'Conflict',
  'not-found': 'NotFound',
  expired: 'Expired',
  malformed: 'BadRequest',
  unavailable: 'ServiceUnavailable',
} as const satisfies Record<StoreError['code'], Reason>;

/** Seconds after which a client should come back while the store does not answer. */
const RETRY_AFTER_SECONDS = 1;

/** What the caller is told. An error that nobody foresaw tells nothing of our insides. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return failure(error.reason, error.message, error.details);
  if (error instanceof CallerError) {
    const causes = error.causes.map((cause) => ({ reason: 'FieldValueInvalid', ...cause }));
    return failure(FAULTS[error.fault], error.message, causes.length > 0 ? { causes } : {});
  }
  if (error instanceof ManifestError) return failure('BadRequest', `the body cannot be read: ${error.message}`);
  if (error instanceof StoreError) {
    const reason = STORE_CODES[error.code];
    return failure(
      reason,
      error.message,
      reason === 'ServiceUnavailable' ? { retryAfterSeconds: RETRY_AFTER_SECONDS } : {},
    );
  }
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return failure('RequestEntityTooLarge', 'the request body is larger than 1 MiB');
  // What fastify itself refuses: a malformed URL, a content length that does not fit.
  if (code?.startsWith('FST_') && statusCode !== undefined && statusCode < 500)
    return failure('BadRequest', message ?? 'the request cannot be read');
  return failure('InternalError', 'something went wrong in Assay; its log says what');
}

export function errorHandler(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = statusOf(error);
    const { run } = request;
    const fields = {
      ...(run === undefined ? {} : { run }),
      method: request.method,
      path: request.url.split('?')[0],
      err: error,
    };
    if (status.code === REASONS.InternalError) log.error(fields, 'request failed');
    else if (status.code === REASONS.ServiceUnavailable) log.warn(fields, 'store unavailable');
    const { retryAfterSeconds } = status.details ?? {};
    if (retryAfterSeconds !== undefined) reply.header('Retry-After', String(retryAfterSeconds));
    return sendJson(reply.code(status.code ?? REASONS.InternalError), status);
  };
}
