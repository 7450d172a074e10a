import { isDeepStrictEqual } from 'node:util';
import type { ExpectedRequest } from './case.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The first way in which a request is not the expected one; undefined when it is. */
export function requestFault(seen: SeenRequest, expected: ExpectedRequest): string | undefined {
  return (
    lineFault(seen, expected) ??
    queryFault(seen, expected) ??
    headerFault(seen, expected) ??
    bodyFault(seen, expected) ??
    deleteOptionsFault(seen, expected)
  );
}

function lineFault({ method, url }: SeenRequest, expected: ExpectedRequest): string | undefined {
  if (expected.method !== undefined && method !== expected.method)
    return `method ${method} instead of ${expected.method}`;
  const paths = expected.pathAnyOf ?? (expected.path === undefined ? [] : [expected.path]);
  const isFitting = paths.some((path) => path === url.pathname || path === decodeURIComponent(url.pathname));
  return paths.length === 0 || isFitting ? undefined : `path ${url.pathname} instead of ${paths.join(' or ')}`;
}

function queryFault({ url }: SeenRequest, { query, queryMatch, deleteOptions }: ExpectedRequest): string | undefined {
  if (query === undefined) return undefined;
  const seen: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    seen[name] = values.length === 1 ? (values[0] as string) : values;
  }
  for (const name of Object.keys(deleteOptions ?? {})) delete seen[name];
  const isFitting = queryMatch === 'subset' ? contains(seen, query) : isDeepStrictEqual({ ...seen }, { ...query });
  return isFitting ? undefined : `query ${JSON.stringify(seen)} instead of ${JSON.stringify(query)}`;
}

function headerFault({ headers }: SeenRequest, expected: ExpectedRequest): string | undefined {
  for (const [name, value] of Object.entries(expected.headers ?? {}))
    if (headers[name] !== value) return `header ${name}: ${headers[name]} instead of ${value}`;
  for (const [name, pattern] of Object.entries(expected.headerPatterns ?? {}))
    if (!new RegExp(pattern).test(headers[name] ?? ''))
      return `header ${name}: ${headers[name]} does not match ${pattern}`;
  const unwanted = expected.absentHeaders?.find((name) => headers[name] !== undefined);
  return unwanted === undefined ? undefined : `header ${unwanted} is sent`;
}

function bodyFault({ body }: SeenRequest, { body: expected, bodyPatterns }: ExpectedRequest): string | undefined {
  const mismatch = bodyPatterns?.find((pattern) => !new RegExp(pattern).test(body));
  if (mismatch !== undefined) return `body ${body} does not match ${mismatch}`;
  if (expected === undefined) return undefined;
  if (expected.text !== undefined && body !== expected.text) return `body ${body} instead of ${expected.text}`;
  const wanted = expected.json ?? expected.form;
  if (wanted === undefined) return undefined;
  const seen = expected.form === undefined ? parsed(body) : Object.fromEntries(new URLSearchParams(body));
  const isFitting = expected.match === 'subset' ? contains(seen, wanted) : isDeepStrictEqual(seen, wanted);
  if (!isFitting) return `body ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`;
  const unwanted = expected.absent?.find((path) => at(seen, path) !== undefined);
  return unwanted === undefined ? undefined : `body has ${unwanted}`;
}

/** Kubernetes takes delete options in the body or in the query. */
function deleteOptionsFault({ url, body }: SeenRequest, { deleteOptions }: ExpectedRequest): string | undefined {
  if (deleteOptions === undefined) return undefined;
  const seen = { ...Object.fromEntries(url.searchParams), ...(body !== '' && (parsed(body) as object)) };
  return contains(seen, deleteOptions) ? undefined : `delete options ${JSON.stringify(seen)}`;
}

/** Whether all that `wanted` has is in `seen` too; lists must have the same length. */
function contains(seen: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== 'object') return isDeepStrictEqual(seen, wanted);
  if (seen === null || typeof seen !== 'object' || Array.isArray(seen) !== Array.isArray(wanted)) return false;
  if (Array.isArray(wanted) && wanted.length !== (seen as unknown[]).length) return false;
  return Object.entries(wanted).every(([name, value]) => contains((seen as Record<string, unknown>)[name], value));
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
