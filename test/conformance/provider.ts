import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderError } from '../../providers/contract.ts';
import type { Providers, ProvidersOptions } from '../../providers/create-providers.ts';
import type { ProviderSpec } from '../../services/domain/template.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { callFor, testProviders } from '../support/providers.ts';

/** A provider that asks over HTTP, and what it takes to test it. */
export interface ProviderUnderTest {
  /** A block that asks the server at `url` with a deadline of so many seconds where blocks have one, and signs in with `secret`. */
  spec(url: string, secret: string, seconds: number): ProviderSpec;
  /** `run` where blocks have no deadline of their own: the run's then ends what is slow. */
  readonly deadline?: 'run';
  /** Settings and secrets that go with it. */
  options?(url: string, secret: string): Partial<ProvidersOptions>;
  /** A good answer. */
  readonly answer: { readonly contentType: string; readonly body: string };
  /** Whether an HTML page is a value to it (`web` takes text). */
  readonly readsHtml?: boolean;
  /** What it says of an HTML page where it does not expect JSON. */
  readonly saysOfHtml?: string;
}

const SECRET = 'hunter2-hunter2';
const METADATA = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/';

/** For what is to end by the deadline, */
const SHORT_S = 1;
/** and by anything but the deadline, however busy the machine is. */
const LONG_S = 30;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What every provider that asks over HTTP promises, whatever the server does to it. */
export function providerConformance(name: string, tested: ProviderUnderTest): void {
  describe(`${name} keeps the promises of a provider`, () => {
    let server: TestServer;
    let providers: Providers;
    let respond: Answer;
    let seen: IncomingMessage[];

    beforeEach(async () => {
      seen = [];
      const listener: RequestListener = (request, response) => {
        seen.push(request);
        respond(request, response);
      };
      server = await serve(listener);
      providers = testProviders(tested.options?.(server.url, SECRET));
    });
    afterEach(async () => {
      providers.close();
      await server.close();
    });

    const good: Answer = (_, response) => {
      response.writeHead(200, { 'content-type': tested.answer.contentType }).end(tested.answer.body);
    };
    const ask = (signal = new AbortController().signal, seconds = LONG_S) =>
      providers.measure(callFor(tested.spec(server.url, SECRET, seconds), { signal }));
    const failureOf = async (asked: Promise<unknown>): Promise<ProviderError> => {
      const error = await asked.then(
        (answer) => expect.fail(`answered ${JSON.stringify(answer)}`),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ProviderError);
      return error as ProviderError;
    };
    const failure = (signal?: AbortSignal) => failureOf(ask(signal));
    const lateFailure = () =>
      failureOf(ask(tested.deadline === 'run' ? AbortSignal.timeout(SHORT_S * 1000) : undefined, SHORT_S));

    it('reads a good answer', async () => {
      respond = good;
      const reading = await ask();
      expect(reading).toHaveProperty('result');
      expect(reading).toHaveProperty('value');
    });

    it('says that time is up when the answer is slow', async () => {
      respond = () => {};
      const { kind, message } = await lateFailure();
      expect(kind).toBe('unavailable');
      expect(message).toMatch(/context deadline exceeded|Client\.Timeout exceeded/);
    });

    it('says that time is up when the body is slow', async () => {
      respond = (_, response) => {
        response.writeHead(200, { 'content-type': tested.answer.contentType }).write(tested.answer.body.slice(0, 1));
      };
      const { kind, message } = await lateFailure();
      expect(kind).toBe('unavailable');
      expect(message).toMatch(/context deadline exceeded|Client\.Timeout/);
    });

    it('names the status of a failing server, or what it says', async () => {
      respond = (_, response) => void response.writeHead(500).end('database on fire');
      const { kind, message } = await failure();
      expect(kind).toBe('unavailable');
      expect(message).toMatch(/500|database on fire/);
    });

    it('takes half a body for no answer', async () => {
      respond = (_, response) => {
        response.writeHead(200, {
          'content-type': tested.answer.contentType,
          'content-length': tested.answer.body.length,
        });
        response.write(tested.answer.body.slice(0, -1), () => response.destroy());
      };
      const { kind, message } = await failure();
      expect(kind).toBe('unavailable');
      expect(message).toContain('unexpected EOF');
    });

    it('stops reading an endless body', async () => {
      let sent = 0;
      const block = Buffer.alloc(1024 * 1024, ' ');
      const endless = function* () {
        for (; ; sent += block.length) yield block;
      };
      respond = (_, response) => {
        response.writeHead(200, { 'content-type': tested.answer.contentType });
        pipeline(Readable.from(endless()), response, () => {});
      };
      const { kind, message } = await failure();
      expect(kind).toBe('unavailable');
      expect(message).toContain('larger than 10 MiB');
      expect(sent).toBeLessThan(30 * 1024 * 1024);
    });

    it('takes a page of HTML for what it is', async () => {
      respond = (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>');
      if (tested.readsHtml === true) expect(await ask()).toMatchObject({ value: '<html>login</html>' });
      else
        expect((await failure()).message).toContain(
          tested.saysOfHtml ?? "invalid character '<' looking for beginning of value",
        );
    });

    it('does not follow a redirect to the metadata address', async () => {
      respond = (_, response) => void response.writeHead(302, { location: METADATA }).end();
      const { kind, message } = await failure();
      expect(kind).toBe('refused');
      expect(message).toContain('169.254.169.254 is not allowed by the outbound rules');
    });

    it('sends its credentials and shows them nowhere', async () => {
      respond = good;
      await ask();
      expect(seen.some(({ headers }) => carries(Object.values(headers).join('\n')))).toBe(true);

      const shown: string[] = [];
      const unhelpful: Answer[] = [
        (_, response) => void response.writeHead(401).end('no'),
        (_, response) => void response.writeHead(500).end('no'),
        (_, response) => void response.destroy(),
        (_, response) => void response.writeHead(302, { location: METADATA }).end(),
      ];
      for (const answer of unhelpful) {
        respond = answer;
        const { message, metadata } = await failure();
        shown.push(message, JSON.stringify(metadata ?? {}));
      }
      const noted = await providers.metadata(callFor(tested.spec(server.url, SECRET, LONG_S)));
      expect([...shown, JSON.stringify(noted ?? {})].filter(carries)).toEqual([]);
    });

    it('ends at once when its call is given up', async () => {
      const controller = new AbortController();
      respond = () => controller.abort();
      const startedAt = performance.now();
      const { kind } = await failure(controller.signal);
      expect(kind).toBe('unavailable');
      expect(performance.now() - startedAt).toBeLessThan((LONG_S * 1000) / 2);
    });
  });
}

/** In clear, or in the forms that authentication gives it. */
function carries(text: string): boolean {
  const decoded = text.replace(/Basic ([A-Za-z0-9+/=]+)/g, (_, pair: string) => Buffer.from(pair, 'base64').toString());
  return text.includes(SECRET) || decoded.includes(SECRET);
}
