import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { callFor, testProviders } from '../../support/providers.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const ROWS: Answer = { status: 200, body: { data: { actor: { account: { nrql: { results: [{ count: 1 }] } } } } } };
const status = (code: number, headers = {}): Answer => ({ status: code, body: {}, headers });
const errors = (errorClass: string): Answer => ({
  status: 200,
  body: { errors: [{ message: 'first', extensions: { errorClass } }, { message: 'second' }] },
});
const four = (answer: Answer): readonly Answer[] => [answer, answer, answer, answer];

let server: TestServer;
let answers: Answer[] = [];
beforeAll(async () => {
  server = await serve((_, response) => {
    const { status, body, headers = {} } = answers.shift() ?? ROWS;
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
});
afterAll(() => server.close());

/** The value or the error's words, and the waits in seconds. The clock jumps to where a wait ends. */
async function measure(url: string, signal = new AbortController().signal) {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const waits: number[] = [];
  const providers = testProviders({
    clock: {
      now: () => now,
      sleepUntil: async (epochMs) => {
        waits.push((epochMs - now) / 1000);
        now = epochMs;
      },
    },
    secrets: { read: async () => ({ 'personal-api-key': 'k', 'account-id': '1', 'base-url-nerdgraph': url }) },
  });
  const said = await providers.measure(callFor({ newRelic: { query: 'q' } }, { signal })).then(
    (answer) => ('value' in answer ? answer.value : undefined),
    (error: Error) => error.message,
  );
  providers.close();
  return { said, waits };
}

describe('a question that New Relic does not answer', () => {
  it.each<{ name: string; given: readonly Answer[]; want: string; waits: readonly number[] }>([
    { name: 'with 500', given: [status(500)], want: '{"count":1}', waits: [1] },
    { name: 'three times', given: [status(429), status(502), status(504)], want: '{"count":1}', waits: [1, 2, 4] },
    { name: 'with a time to wait', given: [status(429, { 'retry-after': '9' })], want: '{"count":1}', waits: [9] },
    { name: 'with a long one', given: [status(503, { 'retry-after': '900' })], want: '{"count":1}', waits: [30] },
    {
      name: 'for a class',
      given: [errors('TIMEOUT'), errors('SERVER_ERROR')],
      want: '{"count":1}',
      waits: [1, 2],
    },
    {
      name: 'for a class that holds it back',
      given: [errors('TOO_MANY_REQUESTS'), errors('TIMEOUT')],
      want: '{"count":1}',
      waits: [1, 1],
    },
    {
      name: 'ever, since it is held back',
      given: four(errors('TOO_MANY_REQUESTS')),
      want: 'POST SERVER/graphql giving up after 4 attempt(s): TOO_MANY_REQUESTS',
      waits: [1, 2, 4],
    },
    {
      name: 'ever',
      given: four(status(503)),
      want: 'POST SERVER/graphql giving up after 4 attempt(s)',
      waits: [1, 2, 4],
    },
    {
      name: 'ever, for a class',
      given: four(errors('SERVER_ERROR')),
      want: 'maximum retries reached: first, second',
      waits: [1, 2, 4],
    },
    { name: 'since it cannot', given: [status(501)], want: '501 response returned', waits: [] },
    { name: 'since it is wrong', given: [errors('BAD_USER_INPUT')], want: 'first, second', waits: [] },
  ])('$name is asked again while that may help', async ({ given, want, waits }) => {
    answers = [...given];
    expect(await measure(`${server.url}/graphql`)).toEqual({ said: want.replace('SERVER', server.url), waits });
    expect(answers).toEqual([]);
  });

  it('is asked four times while nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}/graphql`;
    const { said, waits } = await measure(url);
    expect(said).toBe(
      `POST ${url} giving up after 4 attempt(s): Post "${url}": dial tcp ${new URL(url).host}: connect: connection refused`,
    );
    expect(waits).toEqual([1, 2, 4]);
  });

  it('is not asked again once it is given up', async () => {
    const { said, waits } = await measure(server.url, AbortSignal.abort());
    expect(said).toContain('context canceled');
    expect(waits).toEqual([]);
  });
});
