import type { Reason } from './resources/status.ts';

/** What a route says of itself: the one source of the OpenAPI documents. */
export interface Operation {
  readonly operationId: string;
  /** One line, for people who choose. */
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly parameters?: readonly Parameter[];
  readonly request?: Content;
  /** By HTTP status. */
  readonly answers: Readonly<Record<number, Content>>;
  /** How it can go wrong; each becomes an answer with a Status. */
  readonly errors: readonly Reason[];
  /** For operations on a kind: kubectl finds the kind's schema and what the server can do by it. */
  readonly groupVersionKind?: { readonly group: string; readonly version: string; readonly kind: string };
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface Content {
  readonly description: string;
  /** The media types it comes in; JSON when absent. */
  readonly types?: readonly string[];
  /** The name of a component, or a schema; absent for plain text. */
  readonly schema?: string | Readonly<Record<string, unknown>>;
  readonly example: unknown;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
    /** The route only says that its method is not allowed: no part of the API. */
    refuses?: true;
    /** Pages of any origin may send it. */
    answersAnyOrigin?: true;
  }
  interface FastifyRequest {
    /** `namespace/name` of the run that the request is about, for every line of the log. */
    run?: string | undefined;
  }
}
