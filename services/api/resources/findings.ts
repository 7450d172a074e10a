import { notSupported } from '../../admission/cause.ts';
import { MOST_FIELDS_FOUND, shownPath } from '../../manifest/field-path.ts';
import type { ServedKind } from './kinds.ts';
import type { Query } from './request.ts';
import { badRequest, invalid, type Named } from './status.ts';

type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/**
 * What `fieldValidation` says about fields that are unknown or repeated: nothing, warnings, or a refusal. Throws StatusError BadRequest under
 * Strict.
 */
export function fieldWarnings(
  kind: ServedKind,
  query: Query,
  unknown: readonly string[],
  repeated: readonly string[],
): string[] {
  const mode = readFieldValidation(kind, query);
  const findings = [
    ...unknown.map((field) => `unknown field "${shownPath(field)}"`),
    ...repeated.map((field) => `duplicate field "${shownPath(field)}"`),
  ].slice(0, MOST_FIELDS_FOUND);
  if (mode === 'Ignore' || findings.length === 0) return [];
  if (mode === 'Warn') return findings;
  throw badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${findings.join(', ')}`,
  );
}

function readFieldValidation(kind: ServedKind, query: Query): FieldValidation {
  const mode = query.text('fieldValidation') ?? 'Warn';
  if (mode === 'Ignore' || mode === 'Warn' || mode === 'Strict') return mode;
  throw invalid(kind, '', [notSupported('fieldValidation', mode, ['Ignore', 'Warn', 'Strict'])]);
}

/** Whether nothing is to be written. */
export function readDryRun(kind: Named, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value === 'All') return true;
  throw invalid(kind, '', [notSupported('dryRun', value, ['All'])]);
}
