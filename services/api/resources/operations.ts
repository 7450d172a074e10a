import type { Content, Operation, Parameter } from '../operation.ts';
import { EXAMPLES } from './examples.ts';
import type { ServedKind, Verb } from './kinds.ts';
import { listOf } from './representation.ts';
import { JSON_PATCH, MERGE_PATCH, OBJECT_TYPES, PROTOBUF } from './request.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const whole = { type: 'integer' } as const;
const query = (name: string, description: string, schema: Readonly<Record<string, unknown>> = text): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

const NAMESPACE: Parameter = {
  name: 'namespace',
  in: 'path',
  description: 'Namespace; it exists by being named.',
  schema: text,
};
const NAME: Parameter = { name: 'name', in: 'path', description: 'Name of the object.', schema: text };
const WRITING: readonly Parameter[] = [
  query('fieldValidation', 'What to do about unknown and repeated fields: Ignore, Warn (default) or Strict.', {
    ...text,
    enum: ['Ignore', 'Warn', 'Strict'],
  }),
  query('dryRun', 'All: do everything but write.', { ...text, enum: ['All'] }),
  query('fieldManager', 'Accepted and not kept.'),
];
const SELECTING: readonly Parameter[] = [
  query('labelSelector', 'Only objects with these labels: team in (shop,pay),track!=canary,!old.'),
  query('fieldSelector', 'Only objects with these fields: metadata.name=x.'),
];
const LISTING: readonly Parameter[] = [
  ...SELECTING,
  query('limit', 'Objects a page; more come with continue.', whole),
  query('continue', 'metadata.continue of the page before.'),
  query(
    'resourceVersion',
    'For lists: not older than this. For watches: changes after this; absent or 0: what exists, then changes.',
  ),
  query('resourceVersionMatch', 'NotOlderThan or Exact.'),
  query('watch', 'Stream changes instead of answering a list.', flag),
  query('allowWatchBookmarks', 'Send the version from time to time when nothing happens.', flag),
  query('sendInitialEvents', 'Begin a watch with what exists, then a bookmark.', flag),
  query('timeoutSeconds', 'End the watch after this.', whole),
  query('includeObject', 'What rows of a Table carry: None, Metadata (default) or Object.'),
];
const DELETING: readonly Parameter[] = [
  query('dryRun', 'All: do everything but delete.', { ...text, enum: ['All'] }),
  query('gracePeriodSeconds', 'Accepted; objects go at once.', whole),
  query('propagationPolicy', 'Accepted; nothing is owned here.'),
];
const WAIT = query('wait', 'Answer only when the run is completed, at the latest after this long: 30s.');

const TABLE_TYPE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA_TYPE = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };

export interface KindOperations {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly verb: Verb;
  /** Over the objects of one namespace (or all of a cluster-scoped kind), of all namespaces, or one object. */
  readonly scope: 'collection' | 'everywhere' | 'object';
  readonly operation: Operation;
}

/** Everything that can be done with a kind. */
export function kindOperations(kind: ServedKind): readonly KindOperations[] {
  const { kind: name, plural } = kind;
  const example = EXAMPLES[name];
  const named = kind.namespaced ? [NAMESPACE, NAME] : [NAME];
  const inside = kind.namespaced ? [NAMESPACE] : [];
  const one = (description: string): Content => ({
    description,
    types: ['application/json', 'application/yaml', TABLE_TYPE, METADATA_TYPE],
    schema: name,
    example: example.stored,
  });
  const list: Content = {
    description: `The ${plural}, or a stream of changes when watch is set.`,
    types: ['application/json', 'application/yaml', TABLE_TYPE, METADATA_TYPE, 'text/event-stream'],
    schema: `${name}List`,
    example: listOf(kind, [example.stored], { resourceVersion: '7' }),
  };
  const body: Content = { description: `The ${name}.`, types: OBJECT_TYPES, schema: name, example: example.sent };
  const groupVersionKind = { group: kind.group, version: kind.version, kind: name };
  const common = { tag: kind.group === '' ? 'core' : 'analysis', groupVersionKind };
  const pluralName = `${name}s`;
  const all: readonly KindOperations[] = [
    {
      method: 'GET',
      verb: 'list',
      scope: 'collection',
      operation: {
        ...common,
        operationId: `list${pluralName}`,
        summary: `List or watch ${plural}${kind.namespaced ? ' of a namespace' : ''}`,
        parameters: [...inside, ...LISTING],
        answers: { 200: list },
        errors: ['BadRequest', 'NotAcceptable', 'Expired', 'Invalid', 'Timeout'],
      },
    },
    {
      method: 'GET',
      verb: 'list',
      scope: 'everywhere',
      operation: {
        ...common,
        operationId: `list${pluralName}InAllNamespaces`,
        summary: `List or watch ${plural} of all namespaces`,
        parameters: LISTING,
        answers: { 200: list },
        errors: ['BadRequest', 'NotAcceptable', 'Expired', 'Invalid', 'Timeout'],
      },
    },
    {
      method: 'POST',
      verb: 'create',
      scope: 'collection',
      operation: {
        ...common,
        operationId: `create${name}`,
        summary: `Create ${article(name)}`,
        parameters: [...inside, ...WRITING],
        request: kind.kind === 'Namespace' ? { ...body, types: [...OBJECT_TYPES, PROTOBUF] } : body,
        answers: { 201: one('As it was created.') },
        errors: ['BadRequest', 'AlreadyExists', 'RequestEntityTooLarge', 'UnsupportedMediaType', 'Invalid'],
      },
    },
    {
      method: 'DELETE',
      verb: 'deletecollection',
      scope: 'collection',
      operation: {
        ...common,
        operationId: `delete${pluralName}`,
        summary: `Delete the selected ${plural}`,
        parameters: [...inside, ...SELECTING, ...DELETING],
        answers: {
          200: { ...list, types: ['application/json', 'application/yaml'], description: 'What was deleted.' },
        },
        errors: ['BadRequest', 'Invalid'],
      },
    },
    {
      method: 'GET',
      verb: 'get',
      scope: 'object',
      operation: {
        ...common,
        operationId: `get${name}`,
        summary: `Read ${article(name)}`,
        parameters: name === 'AnalysisRun' ? [...named, WAIT] : named,
        answers: { 200: one('As it is now.') },
        errors: ['BadRequest', 'NotFound', 'NotAcceptable'],
      },
    },
    {
      method: 'PUT',
      verb: 'update',
      scope: 'object',
      operation: {
        ...common,
        operationId: `replace${name}`,
        summary: `Replace ${article(name)}`,
        parameters: [...named, ...WRITING],
        request: body,
        answers: { 200: one('As it is now.') },
        errors: ['BadRequest', 'NotFound', 'Conflict', 'RequestEntityTooLarge', 'UnsupportedMediaType', 'Invalid'],
      },
    },
    {
      method: 'PATCH',
      verb: 'patch',
      scope: 'object',
      operation: {
        ...common,
        operationId: `patch${name}`,
        summary: `Change parts of ${article(name)}`,
        parameters: [...named, ...WRITING],
        request: {
          description: 'A merge patch (RFC 7386) or a JSON patch (RFC 6902).',
          types: [MERGE_PATCH, JSON_PATCH],
          schema: {},
          example: example.patch,
        },
        answers: { 200: one('As it is now.') },
        errors: ['BadRequest', 'NotFound', 'Conflict', 'RequestEntityTooLarge', 'UnsupportedMediaType', 'Invalid'],
      },
    },
    {
      method: 'DELETE',
      verb: 'delete',
      scope: 'object',
      operation: {
        ...common,
        operationId: `delete${name}`,
        summary: `Delete ${article(name)}`,
        parameters: [...named, ...DELETING],
        answers: {
          200: { description: 'Success, or the object while finalizers hold it.', schema: 'Status', example: SUCCESS },
        },
        errors: ['BadRequest', 'NotFound', 'Conflict', 'Invalid'],
      },
    },
  ];
  return all.filter(({ verb, scope }) => kind.verbs.includes(verb) && (scope !== 'everywhere' || kind.namespaced));
}

function article(name: string): string {
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}
