import type { FastifyRequest } from 'fastify';
import { parseDuration } from '../../domain/duration.ts';
import { type ManifestDocument, readOneDocument } from '../../manifest/read-manifest.ts';
import type { ServedKind } from './kinds.ts';
import { fieldSelector, labelSelector, type Matches } from './selectors.ts';
import { badRequest, StatusError } from './status.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Query parameters as clients send them: the first of repeated ones counts, empty ones count as absent. */
export class Query {
  readonly #values: Readonly<Record<string, unknown>>;
  constructor(request: Pick<FastifyRequest, 'query'>) {
    this.#values = (request.query ?? {}) as Readonly<Record<string, unknown>>;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    const first = Array.isArray(value) ? (value[0] as unknown) : value;
    return typeof first === 'string' && first !== '' ? first : undefined;
  }

  /** `true` and `1`, as Go's clients and people write it. */
  flag(name: string): boolean {
    const text = this.text(name);
    if (text === undefined || text === 'false' || text === '0') return false;
    if (text === 'true' || text === '1') return true;
    throw badRequest(`${name} must be true or false, not ${JSON.stringify(text)}`);
  }

  whole(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} must be a whole number, not ${JSON.stringify(text)}`);
    return Number(text);
  }

  /** A Go duration (`30s`, `1m30s`) or plain seconds, in milliseconds. */
  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return Math.max(0, Number(parseDuration(/^\d+$/.test(text) ? `${text}s` : text) / 1_000_000n));
    } catch {
      throw badRequest(`${name} must be a duration such as 30s or 2m, not ${JSON.stringify(text)}`);
    }
  }
}

/** What both selectors of a request ask for; undefined when there are none. */
export function readSelectors(query: Query, kind: ServedKind): Matches | undefined {
  const labels = query.text('labelSelector');
  const fields = query.text('fieldSelector');
  const tests = [
    ...(labels === undefined ? [] : [labelSelector(labels)]),
    ...(fields === undefined ? [] : [fieldSelector(fields, kind.selectable)]),
  ];
  return tests.length === 0 ? undefined : (document) => tests.every((test) => test(document));
}

export const OBJECT_TYPES = ['application/json', 'application/yaml'] as const;
export const MERGE_PATCH = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The body's media type without parameters; no header at all means JSON. */
export function contentType(request: Pick<FastifyRequest, 'headers'>): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

export function unsupportedMediaType(accepted: readonly string[], hint = ''): StatusError {
  return new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}${hint}`,
  );
}

export function bodyBytes(request: Pick<FastifyRequest, 'body'>): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}

/** The one document of a request body. Throws StatusError or ManifestError. */
export function readBody(request: FastifyRequest): ManifestDocument & { readonly value: JsonObject } {
  const type = contentType(request);
  if (!OBJECT_TYPES.some((accepted) => accepted === type)) throw unsupportedMediaType(OBJECT_TYPES);
  const bytes = bodyBytes(request);
  if (bytes.length === 0) throw badRequest('the body is empty; send one object as JSON or YAML');
  const document = readOneDocument(bytes, type === 'application/yaml' ? 'yaml' : 'json');
  if (!isJsonObject(document.value)) throw badRequest('the body must be one object');
  return { ...document, value: document.value };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
