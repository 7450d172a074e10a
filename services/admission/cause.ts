/** One thing wrong with a document, as Kubernetes lists it under `details.causes`. `field` is the JSON form: `spec.metrics[1].provider`. */
export interface Cause {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueTooMany'
    | 'FieldValueTooLong'
    | 'FieldValueForbidden';
  readonly field: string;
  /** Does not repeat the field. */
  readonly message: string;
}

export function required(field: string, hint?: string): Cause {
  return {
    reason: 'FieldValueRequired',
    field,
    message: hint === undefined ? 'Required value' : `Required value: ${hint}`,
  };
}

/** `value` is shown as JSON; `rule` says what would be right. */
export function invalid(field: string, value: unknown, rule: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${shown(value)}: ${rule}` };
}

/** `wanted` is the JSON Schema type, or several joined by commas. */
export function wrongType(field: string, value: unknown, wanted: string): Cause {
  const found = JSON.stringify(jsonType(value));
  const message = `Invalid value: ${found}: ${field} in body must be of type ${wanted}: ${found}`;
  return { reason: 'FieldValueTypeInvalid', field, message };
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): Cause {
  const words = supported.map(shown).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${shown(value)}: supported values: ${words}`,
  };
}

export function tooMany(field: string, found: number, most: number): Cause {
  return { reason: 'FieldValueTooMany', field, message: `Too many: ${found}: must have at most ${most} items` };
}

export function tooLong(field: string, mostBytes: number): Cause {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${mostBytes} bytes` };
}

export function forbidden(field: string, why: string): Cause {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

export function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Values are shown so that a line of errors stays a line. */
const MOST_SHOWN = 200;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
