import type { TSchema } from 'typebox';

/** The part of JSON Schema that Kubernetes allows in a CRD: what `kubectl explain` shows and the API server holds documents to. */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly example?: unknown;
  readonly nullable?: boolean;
  /** Of these alternatives one must have all its required members. */
  readonly anyOf?: readonly { readonly required: readonly string[] }[];
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

type Loose = Readonly<Record<string, unknown>>;

const PLAIN_MEMBERS = ['description', 'format', 'enum', 'default', 'nullable', 'maxItems'] as const;

/**
 * The structural form of a TypeBox schema. Throws for what no CRD can say (a union of objects, a tuple), naming the place: such a schema is a mistake
 * of ours.
 */
export function structuralSchema(schema: TSchema, place = ''): StructuralSchema {
  const source = schema as unknown as Loose;
  const result: Record<string, unknown> = {};
  for (const member of PLAIN_MEMBERS) if (source[member] !== undefined) result[member] = source[member];
  const example = source['example'] ?? (source['examples'] as readonly unknown[] | undefined)?.[0];
  if (example !== undefined) result['example'] = example;

  if (source['x-kubernetes-int-or-string'] === true) return { ...result, 'x-kubernetes-int-or-string': true };
  if (Array.isArray(source['anyOf']) && !('type' in source))
    return { ...result, ...union(source['anyOf'] as TSchema[], place) };
  if ('const' in source) return { ...result, type: source['type'] as 'string', enum: [source['const']] };

  const keepsUnknown =
    source['x-kubernetes-preserve-unknown-fields'] === true || source['additionalProperties'] === true;
  if (keepsUnknown) result['x-kubernetes-preserve-unknown-fields'] = true;
  switch (source['type']) {
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { ...result, type: source['type'] };
    case 'array':
      if (!isSchema(source['items']))
        throw new TypeError(`${place || 'schema'}: an array needs one schema for its items`);
      return { ...result, type: 'array', items: structuralSchema(source['items'], `${place}[]`) };
    case 'object':
      return { ...result, type: 'object', ...members(source, place, keepsUnknown) };
    case undefined:
      if (Array.isArray(source['enum'])) return { ...result, type: typeof source['enum'][0] as 'string' };
      if (
        Object.keys(source).every(
          (key) => key.startsWith('~') || key in result || key.startsWith('x-') || key === 'examples',
        )
      )
        return { ...result, 'x-kubernetes-preserve-unknown-fields': true };
      throw new TypeError(`${place || 'schema'}: no CRD can say ${JSON.stringify(schema)}`);
    default:
      throw new TypeError(`${place || 'schema'}: no CRD knows the type ${JSON.stringify(source['type'])}`);
  }
}

function members(source: Loose, place: string, keepsUnknown: boolean): Partial<StructuralSchema> {
  const patterns = Object.values((source['patternProperties'] ?? {}) as Record<string, TSchema>);
  const values = patterns[0] ?? (isSchema(source['additionalProperties']) ? source['additionalProperties'] : undefined);
  if (values !== undefined) return { additionalProperties: structuralSchema(values, `${place}.*`) };
  const properties = source['properties'] as Record<string, TSchema> | undefined;
  if (properties === undefined) {
    if (keepsUnknown) return {};
    throw new TypeError(`${place || 'schema'}: an object needs properties, or x-kubernetes-preserve-unknown-fields`);
  }
  const required = source['required'] as readonly string[] | undefined;
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, structuralSchema(property, `${place}.${name}`)]),
    ),
    ...(required !== undefined && required.length > 0 ? { required } : {}),
  };
}

/** Words become an enum, null becomes `nullable`, integer or string becomes int-or-string. */
function union(members: readonly TSchema[], place: string): StructuralSchema {
  const sources = members as unknown as readonly Loose[];
  const rest = sources.filter((member) => member['type'] !== 'null');
  const nullable = rest.length < sources.length ? { nullable: true } : {};
  if (rest.length === 1) return { ...structuralSchema(rest[0] as unknown as TSchema, place), ...nullable };
  if (rest.every((member) => 'const' in member))
    return { type: typeof rest[0]?.['const'] as 'string', enum: rest.map((member) => member['const']), ...nullable };
  const types = rest.map((member) => member['type']).sort();
  if (types.length === 2 && types[1] === 'string' && (types[0] === 'integer' || types[0] === 'number'))
    return { 'x-kubernetes-int-or-string': true, ...nullable };
  throw new TypeError(`${place || 'schema'}: no CRD can say a union of ${types.join(' and ')}`);
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
