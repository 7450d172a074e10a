import type { RouteHandlerMethod, RouteOptions } from 'fastify';

interface Described {
  readonly operationId: string;
  readonly summary: string;
  /** JSON when absent. */
  readonly types?: readonly string[];
  /** Query parameters with what they mean; those of the path are found by themselves. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly example: unknown;
  readonly errors?: readonly ('NotFound' | 'BadRequest' | 'Invalid' | 'Forbidden' | 'ServiceUnavailable')[];
}

interface DescribedChange extends Described {
  /** Of the JSON body, when there is one. */
  readonly requestExample?: unknown;
}

/** A GET of the page, with what OpenAPI says of it. What it answers may change with the page: it is no API for others. */
export function read(url: string, described: Described, handler: RouteHandlerMethod): RouteOptions {
  return { method: 'GET', url, config: { operation: operationOf(url, described) }, handler };
}

/** What a person does on the page. Pages of other origins are refused before it is reached. */
export function change(
  method: 'POST' | 'DELETE',
  url: string,
  { requestExample, ...described }: DescribedChange,
  handler: RouteHandlerMethod,
): RouteOptions {
  const errors = ['Forbidden', ...(described.errors ?? [])] as const;
  const operation = operationOf(url, { ...described, errors });
  const request = { description: 'What the page sends.', schema: { type: 'object' }, example: requestExample };
  return {
    method,
    url,
    config: { operation: requestExample === undefined ? operation : { ...operation, request } },
    handler,
  };
}

function operationOf(url: string, described: Described) {
  const { operationId, summary, types, parameters = {}, example, errors = [] } = described;
  const pathNames = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, `The ${name}.`] as const);
  const parameter =
    (where: 'path' | 'query') =>
    ([name, description]: readonly [string, string]) => ({
      name,
      in: where,
      description,
      schema: { type: 'string' },
    });
  return {
    operationId,
    summary,
    description: 'For the dashboard; it may change with any version.',
    tag: 'dashboard',
    parameters: [...pathNames.map(parameter('path')), ...Object.entries(parameters).map(parameter('query'))],
    answers: {
      200: {
        description: 'What the page shows.',
        ...(types === undefined ? { schema: { type: 'object' } } : { types }),
        example,
      },
    },
    errors,
  };
}
