import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serve, type TestServer } from '../../support/http-server.ts';
import { callFor, testProviders } from '../../support/providers.ts';

let server: TestServer;
let body = '{}';
let seen: {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}[] = [];

beforeAll(async () => {
  server = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end(request.url === '/token' ? '{"access_token":"T"}' : body);
  });
});
afterAll(() => server.close());
afterEach(() => {
  seen = [];
});

const ask = (query: object) => testProviders().measure(callFor({ web: { url: `${server.url}/m`, ...query } }));

describe('an answer', () => {
  it.each([
    { body: '{"a":1e400}', jsonPath: '{$.a}', result: { type: 'string', value: '{"a":1e400}' }, value: '{"a":1e400}' },
    {
      body: '{"a":[1,"<"]}',
      jsonPath: '{$.a}',
      result: { type: '[]interface {}', value: [1, '<'] },
      value: '[1,"\\u003c"]',
    },
    { body: '{"a":1}', jsonPath: '{7}', result: { type: 'int', value: 7n }, value: '7' },
    { body: '{"a":1}', jsonPath: 'a', result: { type: 'string', value: 'a' }, value: '"a"' },
    {
      body: '{"a":{"b":null}}',
      jsonPath: '{.a}',
      result: { type: 'map[string]interface {}', value: { b: null } },
      value: '{"b":null}',
    },
    { body: '{"__proto__":{"x":1}}', jsonPath: '{.__proto__.x}', result: { type: 'float64', value: 1 }, value: '1' },
    { body: '{"a":1}', jsonPath: '', result: { type: 'map[string]interface {}', value: { a: 1 } }, value: '{"a":1}' },
  ])('$body under "$jsonPath" is $value', async ({ body: answer, jsonPath, ...want }) => {
    body = answer;
    expect(await ask({ jsonPath })).toEqual(want);
  });

  it.each([
    { body: '{}', jsonPath: '{.constructor}', want: 'Could not find JSONPath in body: constructor is not found' },
    { body: '[]', jsonPath: '{[*]}', want: 'result of web metric produced no value' },
  ])('$body under "$jsonPath": $want', async ({ body: answer, jsonPath, want }) => {
    body = answer;
    await expect(ask({ jsonPath })).rejects.toThrow(want);
  });
});

describe('a request', () => {
  it('carries a token and its own headers, which the token endpoint does not see', async () => {
    const oauth2 = { tokenUrl: `${server.url}/token`, clientId: 'i', clientSecret: 's' };
    await ask({
      authentication: { oauth2 },
      headers: [
        { key: 'X-Own', value: '1' },
        { key: 'Authorization', value: 'mine' },
      ],
    });
    expect(seen.map(({ headers }) => [headers.authorization, headers['x-own']])).toEqual([
      ['Basic aTpz', undefined],
      ['Bearer T', '1'],
    ]);
  });

  it("of any method but GET may have a body, and its content type is the writer's", async () => {
    await ask({ method: 'PATCH', body: '  kept ' });
    await ask({ method: 'DELETE', jsonBody: { b: 1, a: ['é'] } });
    expect(seen.map(({ method, body: sent, headers }) => [method, sent, headers['content-type']])).toEqual([
      ['PATCH', '  kept ', undefined],
      ['DELETE', '{"b":1,"a":["é"]}', 'application/json'],
    ]);
  });

  it.each([
    { query: { jsonPath: '{$.a[b]}' }, want: 'invalid array index b' },
    { query: { method: 'G T' }, want: 'net/http: invalid method "G T"' },
    { query: { url: 'http://x:y/' }, want: 'parse "http://x:y/": invalid port ":y" after host' },
    { query: { headers: [{ key: 'X', value: 'line\nbreak' }] }, want: 'net/http: invalid header field value for "X"' },
  ])('is not made: $want', async ({ query, want }) => {
    await expect(ask(query)).rejects.toThrow(want);
    expect(seen).toEqual([]);
  });
});
