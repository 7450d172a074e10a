import type { OpenApiDocument } from './openapi.ts';
import { protobufField as field } from './resources/protobuf.ts';

type Loose = Readonly<Record<string, unknown>>;

/** kubectl's own Accept value holds an `@`, which no media type may; this is what it takes in answers. */
export const OPENAPI_V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const METHOD_FIELDS: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

/** The document as gnostic's `openapi.v2.Document` in protobuf: with it kubectl before 1.29 can create and explain. */
export function openApiV2(document: OpenApiDocument): Buffer {
  const paths = Object.entries(document.paths).map(([path, operations]) => named(2, path, pathItem(operations)));
  const definitions = Object.entries(document.components.schemas).map(([name, schema]) =>
    named(1, name, schemaMessage(schema)),
  );
  return Buffer.concat([
    field(1, '2.0'),
    field(2, [field(1, document.info.title), field(2, document.info.version)]),
    field(8, paths),
    field(9, definitions),
  ]);
}

const named = (number: number, name: string, value: readonly Buffer[]) =>
  field(number, [field(1, name), field(2, value)]);
const extension = (number: number, name: string, value: unknown) =>
  field(number, [field(1, name), field(2, [field(2, JSON.stringify(value))])]);

function pathItem(operations: Loose): Buffer[] {
  return Object.entries(operations).map(([method, operation]) =>
    field(METHOD_FIELDS[method] ?? 0, operationMessage(operation as Loose)),
  );
}

function operationMessage(operation: Loose): Buffer[] {
  const parameters = (operation['parameters'] ?? []) as readonly Loose[];
  const ok = [field(1, '200'), field(2, [field(1, [field(1, 'OK')])])];
  return [
    field(5, String(operation['operationId'])),
    ...parameters
      .filter((parameter) => parameter['in'] === 'query')
      .map((parameter) => {
        const { type = 'string' } = parameter['schema'] as Loose;
        return field(8, [
          field(1, [
            field(2, [field(3, [field(2, 'query'), field(4, String(parameter['name'])), field(6, String(type))])]),
          ]),
        ]);
      }),
    field(9, [field(1, ok)]),
    ...['x-kubernetes-action', 'x-kubernetes-group-version-kind']
      .filter((name) => name in operation)
      .map((name) => extension(13, name, operation[name])),
  ];
}

function schemaMessage(schema: Loose): Buffer[] {
  const reference = (schema['$ref'] ?? (schema['allOf'] as readonly Loose[] | undefined)?.[0]?.['$ref']) as
    | string
    | undefined;
  if (reference !== undefined) return [field(1, reference.replace('#/components/schemas/', '#/definitions/'))];
  const text = (number: number, member: string) =>
    typeof schema[member] === 'string' ? [field(number, schema[member])] : [];
  const values = (number: number, member: string) =>
    ((schema[member] ?? []) as readonly unknown[]).map((value) =>
      field(number, member === 'enum' ? [field(2, JSON.stringify(value))] : String(value)),
    );
  const { items, additionalProperties, properties, type } = schema;
  return [
    ...text(2, 'format'),
    ...text(4, 'description'),
    ...('default' in schema ? [field(5, [field(2, JSON.stringify(schema['default']))])] : []),
    ...values(19, 'required'),
    ...values(20, 'enum'),
    ...(additionalProperties === undefined
      ? []
      : [field(21, [field(1, schemaMessage(additionalProperties as Loose))])]),
    ...(typeof type === 'string' ? [field(22, [field(1, type)])] : []),
    ...(items === undefined ? [] : [field(23, [field(1, schemaMessage(items as Loose))])]),
    ...(properties === undefined
      ? []
      : [
          field(
            25,
            Object.entries(properties as Loose).map(([name, property]) =>
              named(1, name, schemaMessage(property as Loose)),
            ),
          ),
        ]),
    ...Object.keys(schema)
      .filter((name) => name.startsWith('x-kubernetes-'))
      .map((name) => extension(31, name, schema[name])),
  ];
}
