import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Http } from '../../../providers/contract.ts';
import { warningHeaders } from '../../domain/warning-header.ts';
import type { Store } from '../../engine/ports.ts';
import type { Accounts } from '../accounts.ts';
import type { KayentaEngine } from '../execution-run.ts';
import { isObject, type JsonObject } from '../json-object.ts';
import { KayentaError } from '../kayenta-error.ts';
import { parseLargeJson } from '../large-body.ts';

export interface KayentaDeps extends KayentaEngine {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly http: Http;
}

/** What a handler answers: a JSON value, or nothing. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  /** What the caller should know although it was answered; Kayenta's clients read no header of this name. */
  readonly warnings?: readonly string[];
  /** For what is not JSON. */
  readonly html?: string;
}

export interface KayentaRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The parsed JSON body; throws KayentaError when there is none or it cannot be read. */
  json(): Promise<unknown>;
  readonly bytes: Uint8Array | undefined;
}

export interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly requestExample?: unknown;
  readonly status?: number;
  readonly example?: unknown;
  /** Bytes; the server's own limit when absent. */
  readonly bodyLimit?: number;
}

const FAILURE = {
  type: 'object',
  required: ['message'],
  properties: { message: { type: 'string' }, status: { type: 'integer' }, error: { type: 'string' } },
};

/** One route, with what OpenAPI says of it. */
export function route(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  described: Described,
  handle: (request: KayentaRequest) => Promise<Answer>,
): RouteOptions {
  const { operationId, summary, parameters = {}, requestExample, status = 200, example, bodyLimit } = described;
  const pathNames = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return {
    method,
    url,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    config: {
      operation: {
        operationId,
        summary,
        tag: 'kayenta',
        parameters: [
          ...pathNames.map((name) => ({
            name,
            in: 'path' as const,
            description: `The ${name}.`,
            schema: { type: 'string' },
          })),
          ...Object.entries(parameters).map(([name, description]) => ({
            name,
            in: 'query' as const,
            description,
            schema: { type: 'string' },
          })),
        ],
        ...(requestExample === undefined
          ? {}
          : { request: { description: 'As Kayenta reads it.', schema: {}, example: requestExample } }),
        answers: {
          [status]: {
            description: 'As Kayenta answers.',
            ...(example === undefined ? {} : { schema: {} }),
            example: example ?? '',
          },
          400: {
            description: 'What was asked breaks a rule.',
            schema: FAILURE,
            example: { message: 'Unable to resolve account x.' },
          },
          404: {
            description: 'There is no such object.',
            schema: FAILURE,
            example: { message: 'No such object named x' },
          },
        },
        errors: [],
      },
    },
    handler: async (request, reply) => answer(reply, await handle(read(request)), status),
  };
}

function read(request: FastifyRequest): KayentaRequest {
  const bytes = request.body instanceof Uint8Array ? request.body : undefined;
  return {
    params: request.params as Readonly<Record<string, string>>,
    query: new Query(request.query as Readonly<Record<string, unknown>>),
    bytes,
    async json() {
      if (bytes === undefined || bytes.length === 0) throw new KayentaError('a JSON body is required');
      const type = String(request.headers['content-type'] ?? '')
        .split(';')[0]
        ?.trim();
      if (type !== 'application/json')
        throw new KayentaError(`the content type must be application/json, not ${type || 'absent'}`, { status: 415 });
      return parseLargeJson(bytes);
    },
  };
}

function answer(reply: FastifyReply, { status, body, html, warnings = [] }: Answer, described: number): FastifyReply {
  reply.code(status ?? described);
  if (warnings.length > 0) reply.header('warning', warningHeaders(warnings));
  if (html !== undefined) return reply.type('text/html; charset=utf-8').send(html);
  if (body === undefined) return reply.header('content-length', '0').send();
  return reply.type('application/json').send(JSON.stringify(body));
}

/** Query parameters; empty counts as absent, as in Kayenta. */
export class Query {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** As it came: a query or a filter may hold commas. Of repeated parameters the first counts. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    const first = Array.isArray(value) ? (value as unknown[])[0] : value;
    return first === undefined || first === '' ? undefined : String(first);
  }

  /** `a,b` and repeated parameters are lists alike. */
  list(name: string): readonly string[] {
    const value = this.#values[name];
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap((one) => (one === undefined ? [] : String(one).split(','))).filter((one) => one !== '');
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isFinite(number)) throw new KayentaError(`${name}: "${value}" is not a number`);
    return number;
  }

  flag(name: string): boolean {
    return this.text(name) === 'true';
  }
}

export function member(json: unknown, name: string): unknown {
  return isObject(json) ? (json as JsonObject)[name] : undefined;
}
