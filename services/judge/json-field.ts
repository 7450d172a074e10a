import { CallerError } from '../domain/errors.ts';
import { doubleFromJson } from '../domain/json-double.ts';

/**
 * A value of a parsed body and the place where it stands. Reads as Kayenta's mapper does: null is absent, scalars become texts, texts become
 * numbers, unknown keys are not looked at. What does not fit throws CallerError with the place.
 */
export class JsonField {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value === null ? undefined : value;
    this.path = path;
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  fail(message: string): never {
    const field = this.path === '' ? 'body' : this.path;
    throw new CallerError('invalid', `${field}: ${message}`, [{ field, message }]);
  }

  get(key: string): JsonField {
    return new JsonField(this.object()[key], this.path === '' ? key : `${this.path}.${key}`);
  }

  entries(): (readonly [string, JsonField])[] {
    return Object.keys(this.object()).map((key) => [key, this.get(key)]);
  }

  items(): JsonField[] {
    if (!Array.isArray(this.value)) return this.fail('must be a list');
    return this.value.map((item: unknown, index) => new JsonField(item, `${this.path}[${index}]`));
  }

  text(): string {
    if (this.isAbsent || typeof this.value === 'object') return this.fail('must be text');
    return String(this.value);
  }

  number(): number {
    return doubleFromJson(this.value) ?? this.fail('must be a number');
  }

  /** Kept as it is: only somebody else understands it. */
  record(): Record<string, unknown> {
    return this.object();
  }

  private object(): Record<string, unknown> {
    if (typeof this.value !== 'object' || Array.isArray(this.value)) return this.fail('must be an object');
    return this.value as Record<string, unknown>;
  }
}

/** The value that `read` makes of a field under its key, or nothing when the field is absent: for `...present(…)`. */
export function present<K extends string, T>(
  parent: JsonField,
  key: K,
  read: (field: JsonField) => T,
): { readonly [key in K]?: T } {
  const field = parent.get(key);
  return field.isAbsent ? {} : ({ [key]: read(field) } as { [key in K]: T });
}
