import { objectMetaSchema } from '../admission/object-meta-schema.ts';
import type { StructuralSchema } from '../admission/structural-schema.ts';
import type { Content, Operation } from './operation.ts';
import type { ServedKind } from './resources/kinds.ts';
import { failure, REASONS, type Reason } from './resources/status.ts';

export interface DescribedRoute {
  readonly method: string;
  /** As fastify writes it: `/api/v1/namespaces/:name`. */
  readonly url: string;
  readonly operation: Operation;
}

type Schema = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Schema>>;
  };
}

const ERROR_TEXTS: Readonly<Record<Reason, string>> = {
  BadRequest: 'The request cannot be understood.',
  Forbidden: 'A web page of another origin asks for a change.',
  NotFound: 'There is no such object.',
  MethodNotAllowed: 'The path exists, the method does not.',
  NotAcceptable: 'No form of the answer fits the Accept header.',
  AlreadyExists: 'There is such an object already.',
  Conflict: 'The object has changed since it was read.',
  Expired: 'The version or token is too old: list again.',
  RequestEntityTooLarge: 'The body is larger than 1 MiB.',
  UnsupportedMediaType: 'The body is in a format that is not taken here.',
  Invalid: 'The object breaks rules; details.causes has each with its field.',
  InternalError: 'A mistake of ours; the log has it.',
  ServiceUnavailable: 'The store does not answer.',
  Timeout: 'The version asked for is not reached yet.',
};

/** The whole API in OpenAPI 3.0, from what the routes say of themselves. */
export function openApiDocument(routes: readonly DescribedRoute[], kinds: readonly ServedKind[]): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, url, operation } of routes) {
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(method, operation) };
  }
  return {
    openapi: '3.0.0',
    info: {
      title: 'Assay',
      description:
        "Metrics analysis for progressive delivery. The kinds are Argo Rollouts' analysis kinds, served as Kubernetes serves them.",
      version: 'v1.32.0',
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { schemas: componentSchemas(kinds), responses: FAILURES },
  };
}

/** The part of the document that kubectl reads for one group version. */
export function groupDocument(document: OpenApiDocument, path: string, kinds: readonly ServedKind[]): OpenApiDocument {
  const mine = kinds.filter((kind) => pathKey(kind) === path);
  return {
    ...document,
    paths: Object.fromEntries(Object.entries(document.paths).filter(([url]) => url.startsWith(`/${path}/`))),
    components: { schemas: componentSchemas(mine), responses: FAILURES },
  };
}

/** How `/openapi/v3` names a group version: `apis/argoproj.io/v1alpha1`. */
export function pathKey({ group, version }: Pick<ServedKind, 'group' | 'version'>): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

const component = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

function operationObject(method: string, operation: Operation): Schema {
  const { operationId, summary, description, tag, parameters, request, answers, errors, groupVersionKind } = operation;
  const failures = errors.map((reason) => [REASONS[reason], failureReference(reason)] as const);
  const action = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' }[method];
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(parameters === undefined
      ? {}
      : { parameters: parameters.map((parameter) => ({ ...parameter, required: parameter.in === 'path' })) }),
    ...(request === undefined ? {} : { requestBody: { required: true, ...contentObject(request) } }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([code, answer]) => [code, contentObject(answer)]),
      ...failures,
      ['default', failureReference('InternalError')],
    ]),
    ...(groupVersionKind === undefined
      ? {}
      : { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': groupVersionKind }),
  };
}

function contentObject({ description, types = ['application/json'], schema, example }: Content): Schema {
  const shape = schema === undefined ? { type: 'string' } : typeof schema === 'string' ? component(schema) : schema;
  const [first, ...others] = types;
  const content = [[first, { schema: shape, example }], ...others.map((type) => [type, { schema: shape }])] as const;
  return { description, content: Object.fromEntries(content) as Schema };
}

const failureReference = (reason: Reason): Schema => ({ $ref: `#/components/responses/${reason}` });

/** Every way to fail, once. */
const FAILURES: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(ERROR_TEXTS).map(([reason, description]) => [
    reason,
    contentObject({ description, schema: 'Status', example: failure(reason as Reason, description) }),
  ]),
);

function componentSchemas(kinds: readonly ServedKind[]): Readonly<Record<string, Schema>> {
  const schemas: Record<string, Schema> = {
    ObjectMeta: asSchema(objectMetaSchema),
    ListMeta: LIST_META,
    Status: STATUS,
  };
  for (const kind of kinds) {
    const groupVersionKind = (name: string) => ({
      'x-kubernetes-group-version-kind': [{ group: kind.group, version: kind.version, kind: name }],
    });
    const { metadata, ...properties } = kind.schema.properties ?? {};
    const description = metadata?.description;
    schemas[kind.kind] = { ...asSchema({ ...kind.schema, properties }), ...groupVersionKind(kind.kind) };
    (schemas[kind.kind]?.['properties'] as Record<string, unknown>)['metadata'] = {
      description,
      allOf: [component('ObjectMeta')],
    };
    schemas[`${kind.kind}List`] = {
      type: 'object',
      description: `A list of ${kind.plural}.`,
      required: ['items'],
      properties: {
        apiVersion: { type: 'string', description: 'Group and version of this representation.' },
        kind: { type: 'string', description: `${kind.kind}List.` },
        metadata: { description: 'The version of the list, and where it goes on.', allOf: [component('ListMeta')] },
        items: { type: 'array', description: `The ${kind.plural}.`, items: { allOf: [component(kind.kind)] } },
      },
      ...groupVersionKind(`${kind.kind}List`),
    };
  }
  return schemas;
}

/** OpenAPI 3.0 wants a type for int-or-string and knows no `format` for objects; all else is said alike. */
function asSchema(schema: StructuralSchema): Schema {
  const { properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(schema['x-kubernetes-int-or-string'] ? { anyOf: [{ type: 'integer' }, { type: 'string' }] } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, asSchema(property)]),
          ),
        }),
    ...(items === undefined ? {} : { items: asSchema(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: asSchema(additionalProperties) }),
  };
}

const LIST_META: Schema = {
  type: 'object',
  description: 'The version of a list, and where it goes on.',
  properties: {
    resourceVersion: {
      type: 'string',
      description: 'The version of the store that the list shows; a watch can go on from it.',
    },
    continue: { type: 'string', description: 'Where the next page begins; absent on the last one.' },
    remainingItemCount: { type: 'integer', format: 'int64', description: 'Objects on later pages.' },
  },
};

const STATUS: Schema = {
  type: 'object',
  description: 'The answer to everything that is not an object.',
  required: ['status'],
  properties: {
    apiVersion: { type: 'string', description: 'v1.' },
    kind: { type: 'string', description: 'Status.' },
    metadata: { type: 'object', description: 'Empty.', properties: {} },
    status: { type: 'string', enum: ['Success', 'Failure'], description: 'How it went.' },
    message: { type: 'string', description: 'What happened and what would be right, for people.' },
    reason: { type: 'string', enum: Object.keys(REASONS), description: 'Why, as one word for programs.' },
    code: { type: 'integer', format: 'int32', description: 'The HTTP status.' },
    details: {
      type: 'object',
      description: 'What it is about.',
      properties: {
        name: { type: 'string', description: 'Name of the object.' },
        group: { type: 'string', description: 'Group of the kind.' },
        kind: { type: 'string', description: 'Plural of the kind; the kind itself where the reason is Invalid.' },
        uid: { type: 'string', description: 'uid of the object.' },
        retryAfterSeconds: { type: 'integer', format: 'int32', description: 'When to try again.' },
        causes: {
          type: 'array',
          description: 'Everything that is wrong.',
          items: {
            type: 'object',
            properties: {
              reason: { type: 'string', description: 'Why, as one word for programs.' },
              field: { type: 'string', description: 'Where: spec.metrics[0].provider.' },
              message: { type: 'string', description: 'What is wrong and what would be right.' },
            },
          },
        },
      },
    },
  },
};
