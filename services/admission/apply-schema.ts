import { type Cause, invalid, jsonType, notSupported, required, tooMany, wrongType } from './cause.ts';
import type { StructuralSchema } from './structural-schema.ts';

export interface Shaped {
  /** Unknown fields gone, defaults in place. Fit for use only without causes. */
  readonly value: unknown;
  /** Paths of the fields that were dropped. */
  readonly unknownFields: readonly string[];
  readonly causes: readonly Cause[];
}

interface Findings {
  readonly unknownFields: string[];
  readonly causes: Cause[];
}

const INT32_MAX = 2 ** 31 - 1;

/** Prunes, defaults and validates as the API server does for a CRD: all findings at once, in the order of the document. */
export function applySchema(schema: StructuralSchema, value: unknown, path = ''): Shaped {
  const findings: Findings = { unknownFields: [], causes: [] };
  return { value: shape(schema, value, path, findings), ...findings };
}

function shape(schema: StructuralSchema, value: unknown, path: string, findings: Findings): unknown {
  if (value === null && schema.nullable === true) return null;
  const problem = typeProblem(schema, value, path);
  if (problem !== undefined) {
    findings.causes.push(problem);
    return value;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value))
    findings.causes.push(notSupported(path, value, schema.enum));
  if (Array.isArray(value) && schema.items !== undefined)
    return shapeItems(schema, schema.items, value, path, findings);
  if (schema.type === 'object' && (schema.properties !== undefined || schema.additionalProperties !== undefined))
    return shapeMembers(schema, value as Readonly<Record<string, unknown>>, path, findings);
  return value;
}

function shapeItems(
  schema: StructuralSchema,
  items: StructuralSchema,
  value: readonly unknown[],
  path: string,
  findings: Findings,
): unknown {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    findings.causes.push(tooMany(path, value.length, schema.maxItems));
    return value;
  }
  return value.map((item, index) => shape(items, item, `${path}[${index}]`, findings));
}

function shapeMembers(
  schema: StructuralSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  findings: Findings,
): unknown {
  const properties = schema.properties ?? {};
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
    // A null where the schema has a default counts as absent (apiextensions' defaulting).
    if (member === null && property?.default !== undefined && property.nullable !== true) continue;
    if (property !== undefined) kept.push([name, shape(property, member, at(name), findings)]);
    else if (schema['x-kubernetes-preserve-unknown-fields']) kept.push([name, member]);
    else findings.unknownFields.push(at(name));
  }
  const present = new Set(kept.map(([name]) => name));
  for (const [name, property] of Object.entries(properties)) {
    if (present.has(name) || property.default === undefined) continue;
    kept.push([name, property.default]);
    present.add(name);
  }
  for (const name of schema.required ?? []) if (!present.has(name)) findings.causes.push(required(at(name)));
  const alternatives = schema.anyOf ?? [];
  if (alternatives.length > 0 && !alternatives.some((one) => one.required.every((name) => present.has(name))))
    for (const name of alternatives[0]?.required ?? [])
      if (!present.has(name)) findings.causes.push(required(at(name)));
  // Object.fromEntries defines own members, so a field called __proto__ stays a field.
  return Object.fromEntries(kept);
}

function typeProblem(schema: StructuralSchema, value: unknown, path: string): Cause | undefined {
  const found = jsonType(value);
  if (schema['x-kubernetes-int-or-string']) {
    if (found !== 'integer' && found !== 'string') return wrongType(path, value, 'integer,string');
    return found === 'integer' ? int32Problem(value as number, path) : undefined;
  }
  if (schema.type === undefined) return undefined;
  if (found !== schema.type && !(schema.type === 'number' && found === 'integer'))
    return wrongType(path, value, schema.type);
  return schema.format === 'int32' ? int32Problem(value as number, path) : undefined;
}

function int32Problem(value: number, path: string): Cause | undefined {
  if (value >= -INT32_MAX - 1 && value <= INT32_MAX) return undefined;
  return invalid(path, value, `must be a 32-bit integer, from ${-INT32_MAX - 1} to ${INT32_MAX}`);
}
