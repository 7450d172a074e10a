import type { TSchema } from 'typebox';
import { ProviderError } from './contract.ts';

/**
 * A provider's block as its code may rely on it: defaults of the schema in place, types as the schema says. The API has done this before it stores a
 * run; blocks that come another way (a file, a queue) meet it here. Throws ProviderError `refused` naming the field.
 */
export function readQuery(schema: TSchema, value: unknown, path: string): unknown {
  return read(schema as Node, value, path);
}

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
}

function read(schema: Node, value: unknown, path: string): unknown {
  if (schema.enum !== undefined && !schema.enum.includes(value))
    throw new ProviderError('refused', `${path}: must be one of ${schema.enum.join(', ')}`);
  if (schema.type === undefined) return value;
  if (!hasType(schema.type, value))
    throw new ProviderError('refused', `${path}: must be of type ${schema.type}, is ${JSON.stringify(value)}`);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item, index) => read(items, item, `${path}[${index}]`));
  }
  return schema.type === 'object' ? readMembers(schema, value as Readonly<Record<string, unknown>>, path) : value;
}

function readMembers(schema: Node, value: Readonly<Record<string, unknown>>, path: string): unknown {
  // Type.Record has one pattern, for all its members.
  const [anyMember] = Object.values(schema.patternProperties ?? {});
  const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? anyMember;
    if (member === undefined || (member === null && property !== undefined)) continue;
    result[name] = property === undefined ? member : read(property, member, `${path}.${name}`);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    if (result[name] === undefined && property.default !== undefined) result[name] = property.default;
  for (const name of schema.required ?? [])
    if (result[name] === undefined) throw new ProviderError('refused', `${path}.${name}: is required`);
  return result;
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
