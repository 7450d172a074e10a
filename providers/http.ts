import type { ClientRequest } from 'node:http';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { Axios, AxiosError, AxiosResponse } from 'axios';
import type { AddressGuard } from './address-guard.ts';
import { AddressDenied } from './address-guard.ts';
import { type HttpRequest, type HttpResponse, ProviderError } from './contract.ts';
import { goQuote } from './go-format.ts';
import { bodyErrorText, networkErrorText } from './go-net-error.ts';
import { withoutPassword } from './go-url.ts';
import { type Agents, guardedAgents, proxyAgents } from './http-agents.ts';
import { faultOf, firstHop, type Hop, nextHop, outgoing, REDIRECTS } from './http-hop.ts';
import { type ProxySettings, proxyFor } from './proxy.ts';

/**
 * One HTTP request as Go's http.Client makes it: its redirects, its proxies, its words for what goes wrong. Around it the address guard, a limit on
 * answers and one deadline for everything from the lookup to the last byte.
 */

const MAX_ANSWER_BYTES = 10 * 1024 * 1024;
const MAX_REQUESTS = 10; // Go's: the first one and what redirects add to it
const MAX_TIMER_MS = 2 ** 31 - 1; // what Node's timers take: 24 days
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const IDEMPOTENCY_KEYS: ReadonlySet<string> = new Set(['idempotency-key', 'x-idempotency-key']);
const DRAINED_BYTES = 2048; // a redirect's body up to here is read so that its connection can be used again, as Go does

export interface GuardedHttp {
  /** `signal` ends the request early; the error is then the signal's reason in words. */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  /** Connection pools behind the guard, for client packages that make requests of their own. */
  readonly agents: Agents;
  close(): void;
}

/** The answer's status and headers came, its body did not. Go words this without method and address, and some providers wrap it. */
export class BodyError extends ProviderError {}

export function createHttp(guard: AddressGuard, proxies: ProxySettings = {}): GuardedHttp {
  const direct = guardedAgents(guard);
  let proxied: Agents | undefined;

  /** Where to send a request: through a proxy (whose own resolving the guard cannot see) or direct. */
  const route: FindRoute = async (url, request) => {
    const proxy = request.proxy === false ? undefined : proxyFor(url, proxies);
    if (proxy === undefined) return { ...agentsFor(direct, request), proxy: false };
    await checkTarget(guard, url);
    proxied ??= proxyAgents();
    return { ...agentsFor(proxied, request), proxy: axiosProxy(proxy) };
  };
  return {
    send: (request, signal) => new Exchange(request, route, signal).answer(),
    agents: direct,
    close() {
      direct.close();
      proxied?.close();
    },
  };
}

interface Route {
  readonly httpAgent: Agents['http'];
  readonly httpsAgent: Agents['https'];
  readonly proxy:
    | false
    | { protocol: string; host: string; port: number; auth?: { username: string; password: string } };
}

type FindRoute = (url: URL, request: HttpRequest) => Promise<Route>;

/** One request with its redirects, under one deadline. */
class Exchange {
  readonly #request: HttpRequest;
  readonly #route: FindRoute;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = new AbortController();
  #expired = false;

  constructor(request: HttpRequest, route: FindRoute, outer: AbortSignal | undefined) {
    this.#request = request;
    this.#route = route;
    this.#outer = outer;
  }

  async answer(): Promise<HttpResponse> {
    const expire = (): void => {
      this.#expired = true;
      this.#abort.abort();
    };
    const cancel = (): void => this.#abort.abort();
    if (this.#request.timeoutMs <= 0) expire();
    const timer = this.#expired ? undefined : setTimeout(expire, Math.min(this.#request.timeoutMs, MAX_TIMER_MS));
    if (this.#outer?.aborted) cancel();
    this.#outer?.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#follow();
    } finally {
      clearTimeout(timer);
      this.#outer?.removeEventListener('abort', cancel);
    }
  }

  async #follow(): Promise<HttpResponse> {
    let hop = firstHop(this.#request);
    for (let made = 1; ; made += 1) {
      const response = await this.#send(hop);
      const isFollowed = this.#request.redirects !== false && REDIRECTS.has(response.status);
      const location = isFollowed ? headerText(response.headers['location']) : '';
      if (location === '') return await this.#read(response);
      drain(response.data);
      if (made >= MAX_REQUESTS)
        throw this.#failure(withoutPassword(location), `stopped after ${MAX_REQUESTS} redirects`);
      hop = nextHop(hop, response.status, location, (reason) => this.#failure(hop.url, reason));
    }
  }

  /** Sends one request of the chain; its answer's body is still to be read. */
  async #send(hop: Hop): Promise<AxiosResponse<Readable>> {
    const shown = withoutPassword(hop.url);
    const problem = faultOf(hop);
    if (problem !== undefined) throw this.#failure(shown, problem);
    if (this.#abort.signal.aborted) throw this.#failure(shown, this.#interruption('awaiting headers'), 'unavailable');
    const url = new URL(hop.url);
    const headers = outgoing(hop, url);
    try {
      const axios = await loadAxios();
      const route = await this.#route(url, this.#request);
      url.username = url.password = '';
      const ask = (): Promise<AxiosResponse<Readable>> =>
        axios.request<Readable>({
          ...route,
          url: url.href,
          method: hop.method,
          headers,
          data: hop.body,
          signal: this.#abort.signal,
        });
      return await ask().catch((error: unknown) => {
        if (!wasStale(error) || !this.#mayRepeat(hop)) throw error;
        return ask();
      });
    } catch (error) {
      if (this.#abort.signal.aborted) throw this.#failure(shown, this.#interruption('awaiting headers'), 'unavailable');
      const cause = rootOf(error);
      const kind = cause instanceof AddressDenied ? 'refused' : 'unavailable';
      throw this.#failure(shown, networkErrorText(cause, url), kind, cause);
    }
  }

  /** Go's Request.isReplayable: the server may have carried out what it did not answer. */
  #mayRepeat({ method, headers }: Hop): boolean {
    if (SAFE_METHODS.has(method) || this.#request.asksOnly === true) return true;
    return Object.keys(headers).some((name) => IDEMPOTENCY_KEYS.has(name.toLowerCase()));
  }

  async #read(response: AxiosResponse<Readable>): Promise<HttpResponse> {
    const body = await this.#body(response.data);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(response.headers)) headers[name.toLowerCase()] = headerText(value);
    return { status: response.status, statusText: response.statusText, headers, body: body.toString('utf8') };
  }

  #body(stream: Readable): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_ANSWER_BYTES) {
          chunks.push(chunk);
          return;
        }
        stream.destroy();
        reject(new BodyError('unavailable', `the answer is larger than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`));
      });
      stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
      stream.once('error', (error) => {
        const text = this.#abort.signal.aborted ? this.#interruption('reading body') : bodyErrorText(rootOf(error));
        reject(new BodyError('unavailable', text, { cause: rootOf(error) }));
      });
      stream.once('close', () => {
        if (!stream.readableEnded) reject(new BodyError('unavailable', 'unexpected EOF'));
      });
    });
  }

  #interruption(during: 'awaiting headers' | 'reading body'): string {
    if (!this.#expired) return 'context canceled';
    if (this.#request.deadline === 'context') return 'context deadline exceeded';
    return during === 'awaiting headers'
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';
  }

  /** Go's url.Error: the method that was asked for first, the address in use. */
  #failure(url: string, reason: string, kind: 'refused' | 'unavailable' = 'refused', cause?: unknown): ProviderError {
    const method = this.#request.method || 'GET';
    const operation = method.slice(0, 1) + method.slice(1).toLowerCase();
    return new ProviderError(kind, `${operation} ${goQuote(url)}: ${reason}`, cause === undefined ? {} : { cause });
  }
}

/** A pooled connection that the server closed just when the request went out. Go, too, then takes a new one. */
function wasStale(error: unknown): boolean {
  const { code, request, response } = error as AxiosError;
  return (
    code === 'ECONNRESET' && response === undefined && (request as ClientRequest | undefined)?.reusedSocket === true
  );
}

function drain(body: Readable): void {
  let size = 0;
  body.on('error', () => body.destroy());
  body.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > DRAINED_BYTES) body.destroy();
  });
}

function rootOf(error: unknown): unknown {
  const { isAxiosError, cause } = error as AxiosError;
  return isAxiosError === true && cause !== undefined ? cause : error;
}

function headerText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function agentsFor(agents: Agents, request: HttpRequest): Pick<Route, 'httpAgent' | 'httpsAgent'> {
  return { httpAgent: agents.http, httpsAgent: request.insecure === true ? agents.insecureHttps : agents.https };
}

function axiosProxy(url: URL): Exclude<Route['proxy'], false> {
  const proxy = {
    protocol: url.protocol,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
  if (url.username === '' && url.password === '') return proxy;
  return { ...proxy, auth: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } };
}

/** A name that only the proxy can resolve passes: there is nothing here to check. */
function checkTarget(guard: AddressGuard, url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return new Promise((resolve) => resolve(guard.check(host)));
  return new Promise((resolve, reject) => {
    guard.lookup(host, { all: true }, (error) => (error instanceof AddressDenied ? reject(error) : resolve()));
  });
}

let loading: Promise<Axios> | undefined;

// 80 ms and 30 MB: loaded with the first request.
function loadAxios(): Promise<Axios> {
  loading ??= import('axios').then(({ default: axios }) =>
    axios.create({
      responseType: 'stream',
      maxRedirects: 0,
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
      transformResponse: [],
    }),
  );
  return loading;
}
