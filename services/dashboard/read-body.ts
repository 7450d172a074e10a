import type { FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { applySchema } from '../admission/apply-schema.ts';
import { structuralSchema } from '../admission/structural-schema.ts';
import { CallerError, type Cause } from '../domain/errors.ts';
import { readOneDocument } from '../manifest/read-manifest.ts';

/** The JSON body of what a person did on the page, held to its schema; no body is an empty object. Throws CallerError `invalid` and ManifestError. */
export function readBody(request: FastifyRequest, schema: TSchema): unknown {
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const { value, causes, unknownFields } = applySchema(
    structuralSchema(schema),
    bytes.length === 0 ? {} : readOneDocument(bytes, 'json').value,
  );
  refuse([...causes, ...unknownFields.map((field) => ({ field, message: 'unknown field' }))]);
  return value;
}

/** Throws CallerError `invalid` with all of them, if there are any. */
export function refuse(causes: readonly Cause[]): void {
  if (causes.length === 0) return;
  throw new CallerError('invalid', causes.map(({ field, message }) => `${field}: ${message}`).join(', '), causes);
}
