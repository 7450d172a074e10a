import { serve, type TestServer } from './http-server.ts';

/** What the server was asked, without what no test looks at. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface AnsweringServer extends TestServer {
  readonly asked: Asked[];
  /** What it answers from now on: text as it is, anything else as JSON. */
  answer(body: unknown, status?: number): void;
}

/** A server that gives every request the same answer, and remembers the requests. */
export async function answeringServer(): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  let next: { readonly status: number; readonly body: unknown } = { status: 200, body: {} };
  const server = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://server');
    asked.push({
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()])),
      body: Buffer.concat(chunks).toString(),
    });
    const { status, body } = next;
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  return {
    ...server,
    asked,
    answer(body, status = 200) {
      next = { status, body };
    },
  };
}
