import { isIP } from 'node:net';
import { type HttpHeaders, type HttpRequest, ProviderError } from './contract.ts';
import { goQuote } from './go-format.ts';
import { parseUrl } from './go-url.ts';

/** One request of a chain of redirects. */
export interface Hop {
  readonly method: string;
  readonly url: string;
  readonly headers: HttpHeaders;
  readonly body: string | Uint8Array | undefined;
}

/** Statuses that send on to another address. */
export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Go makes these from the address and the body, whatever the caller says.
const SET_BY_GO: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);
const SENSITIVE: ReadonlySet<string> = new Set(['authorization', 'www-authenticate', 'cookie', 'cookie2']);

export function firstHop(request: HttpRequest): Hop {
  const { method, url, headers = {}, body } = request;
  return { method: method || 'GET', url, headers, body };
}

/** 307 and 308 keep method and body; the others make it a GET (HEAD stays). Credentials stay within the domain they were meant for. */
export function nextHop(hop: Hop, status: number, location: string, fail: (reason: string) => Error): Hop {
  const next = URL.parse(location, hop.url);
  if (next === null) throw fail(`failed to parse Location header ${goQuote(location)}`);
  const keeps = status === 307 || status === 308;
  const method = keeps || hop.method === 'HEAD' ? hop.method : 'GET';
  const staysHome = isWithin(next.hostname, new URL(hop.url).hostname);
  const headers = Object.entries(hop.headers).filter(([name]) => {
    const lower = name.toLowerCase();
    return (staysHome || !SENSITIVE.has(lower)) && (keeps || !lower.startsWith('content-'));
  });
  return { method, url: next.href, headers: Object.fromEntries(headers), body: keeps ? hop.body : undefined };
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || (isIP(domain.replace(/^\[|\]$/g, '')) === 0 && host.endsWith(`.${domain}`));
}

/** What Go refuses to send, in its words. */
export function faultOf({ method, url, headers }: Hop): string | undefined {
  if (!TOKEN.test(method)) throw new ProviderError('refused', `net/http: invalid method ${goQuote(method)}`);
  const { scheme, host } = parsed(url);
  if (scheme !== 'http' && scheme !== 'https') return `unsupported protocol scheme ${goQuote(scheme)}`;
  if (host === '') return 'http: no Host in request URL';
  if (!URL.canParse(url)) return `invalid host ${goQuote(host)}`;
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name)) return `net/http: invalid header field name ${goQuote(name)}`;
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return `net/http: invalid header field value for ${goQuote(name)}`;
  }
  return undefined;
}

function parsed(url: string): { readonly scheme: string; readonly host: string } {
  try {
    return parseUrl(url);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
}

export function outgoing(hop: Hop, url: URL): Record<string, string | false> {
  // axios fills in these when they are absent; `false` keeps it from doing so.
  const headers: Record<string, string | false> = {
    accept: false,
    'content-type': false,
    'user-agent': 'assay',
    'accept-encoding': 'gzip',
  };
  for (const [name, value] of Object.entries(hop.headers)) {
    const lower = name.toLowerCase();
    // Go sends text as UTF-8; Node takes a character for each byte.
    if (!SET_BY_GO.has(lower)) headers[lower] = Buffer.from(value.trim()).toString('latin1');
  }
  if (headers['authorization'] === undefined && (url.username !== '' || url.password !== '')) {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  return headers;
}
