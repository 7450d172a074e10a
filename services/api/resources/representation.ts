import type { Resource } from '../../domain/resource.ts';
import { yamlPackage } from '../../manifest/yaml-package.ts';
import type { ServedKind } from './kinds.ts';
import { badRequest, StatusError } from './status.ts';

/** In which form an answer goes out, chosen by the Accept header. */
export type Form = 'object' | 'table' | 'metadata' | 'yaml';

export interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The clauses of an Accept header in the order given, those refused by `q=0` left out. */
export function readAccept(accept: string | undefined): readonly MediaRange[] {
  if (accept === undefined || accept.trim() === '') return [{ type: '*/*', parameters: {} }];
  return accept
    .split(',')
    .map((clause) => {
      const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
      return {
        type: type.toLowerCase(),
        parameters: Object.fromEntries(
          parameters.map((parameter) => parameter.split('=', 2).map((part) => part.trim()) as [string, string]),
        ),
      };
    })
    .filter(({ parameters }) => !(parameters['q'] !== undefined && Number(parameters['q']) === 0));
}

/** The first clause that fits decides; clauses for protobuf, CBOR and other forms are passed over. Throws StatusError NotAcceptable. */
export function chooseForm(accept: string | undefined): Form {
  for (const { type, parameters } of readAccept(accept)) {
    if (type === 'application/yaml') return 'yaml';
    if (type === '*/*' || type === 'application/*' || (type === 'application/json' && parameters['as'] === undefined))
      return 'object';
    if (type !== 'application/json' || parameters['g'] !== 'meta.k8s.io' || parameters['v'] !== 'v1') continue;
    if (parameters['as'] === 'Table') return 'table';
    if (parameters['as'] === 'PartialObjectMetadata' || parameters['as'] === 'PartialObjectMetadataList')
      return 'metadata';
  }
  throw new StatusError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io, application/yaml',
  );
}

export function asksForEventStream(accept: string | undefined): boolean {
  return readAccept(accept).some(({ type }) => type === 'text/event-stream');
}

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** How rows of a Table carry their objects. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export function readIncludeObject(text: string | undefined): IncludeObject {
  if (text === undefined || text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  throw badRequest(`includeObject must be None, Metadata or Object, not ${JSON.stringify(text)}`);
}

export function listOf(kind: ServedKind, items: readonly Resource[], metadata: ListMeta) {
  return { apiVersion: kind.apiVersion, kind: `${kind.kind}List`, metadata, items };
}

export function metadataOnly(document: Resource) {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: document.metadata };
}

export function metadataList(items: readonly Resource[], metadata: ListMeta) {
  return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(metadataOnly) };
}

export interface TableOptions {
  readonly includeObject: IncludeObject;
  /** Epoch milliseconds, for ages. */
  readonly now: number;
  /** Later frames of a watch leave the columns out. */
  readonly withoutColumns?: boolean;
}

export function tableOf(kind: ServedKind, items: readonly Resource[], metadata: ListMeta, options: TableOptions) {
  const columns = kind.columns.map(({ name, type, format = '', description, priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
  const objectOf = (document: Resource) => {
    if (options.includeObject === 'None') return null;
    return options.includeObject === 'Object' ? document : metadataOnly(document);
  };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.withoutColumns ? null : columns,
    rows: items.map((document) => ({
      cells: kind.columns.map((column) => column.cell(document, options.now)),
      object: objectOf(document),
    })),
  };
}

/** The text of an answer and its content type. */
export function rendered(body: unknown, form: Form): { readonly type: string; readonly text: string } {
  if (form === 'yaml')
    return { type: 'application/yaml', text: yamlPackage().stringify(body, { aliasDuplicateObjects: false }) };
  return { type: 'application/json', text: JSON.stringify(body) };
}
