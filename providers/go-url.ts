import { goQuote } from './go-format.ts';

/**
 * Addresses as Go's net/url reads them, with its error texts: what a provider calls a valid address, and the `parse "…": …` messages users know.
 * The request itself goes out through the WHATWG parser.
 */

export interface GoUrl {
  /** Lower case; empty when there is none. */
  readonly scheme: string;
  /** Host and port as written, without user information; empty when there is none. */
  readonly host: string;
  /** As written; for `mailto:x` (no slash after the scheme) the opaque part. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
}

/** Throws Error `parse "<text>": <reason>`. */
export function parseUrl(text: string): GoUrl {
  const [withoutFragment = ''] = text.split('#', 1);
  const fail = (reason: string) => new Error(`parse ${goQuote(withoutFragment)}: ${reason}`);
  if (/[\x00-\x1f\x7f]/.test(withoutFragment)) throw fail('net/url: invalid control character in URL');

  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(withoutFragment)?.[0] ?? '';
  if (withoutFragment.startsWith(':')) throw fail('missing protocol scheme');
  const [rest = '', query = ''] = split(
    scheme === '' ? withoutFragment : withoutFragment.slice(scheme.length + 1),
    '?',
  );

  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme: scheme.toLowerCase(), host: '', path: rest, query };
    if (rest.split('/', 1)[0]?.includes(':')) throw fail('first path segment in URL cannot contain colon');
  }
  let host = '';
  let path = rest;
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const authority = rest.slice(2).split('/', 1)[0] as string;
    path = rest.slice(2 + authority.length);
    host = readHost(authority, fail);
  }
  const bad = badEscape(path);
  if (bad !== undefined) throw fail(`invalid URL escape ${goQuote(bad)}`);
  return { scheme: scheme.toLowerCase(), host, path, query };
}

/** Argo's test for an address: it parses, with a scheme and a host. */
export function isUrl(text: string): boolean {
  try {
    const { scheme, host } = parseUrl(text);
    return scheme !== '' && host !== '';
  } catch {
    return false;
  }
}

/** An address for names and messages: without password, as Go's http.Client shows it. */
export function withoutPassword(url: string): string {
  return url.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#@]*(?=@)/, '$1:***');
}

/** Scheme, host and port only: names the account that a call counts against. What does not parse is called so. */
export function originOf(url: string): string {
  return isUrl(url) ? `${parseUrl(url).scheme}://${parseUrl(url).host}` : 'invalid address';
}

/** `base` with a route joined to its path, doubled slashes folded; its query is kept. */
export function joinUrl(base: string, route: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname}/${route}`.replace(/\/{2,}/g, '/');
  url.hash = '';
  return url.href;
}

/** The first `%` that two hexadecimal digits do not follow, with what stands there instead. */
export function badEscape(text: string): string | undefined {
  const at = text.search(/%(?![0-9A-Fa-f]{2})/);
  return at < 0 ? undefined : text.slice(at, at + 3);
}

function readHost(authority: string, fail: (reason: string) => Error): string {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at)))
    throw fail('net/url: invalid userinfo');
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) throw fail("missing ']' in host");
    const port = host.slice(close + 1);
    if (port !== '' && !/^:\d*$/.test(port)) throw fail(`invalid port ${goQuote(port)} after host`);
    return host;
  }
  const colon = host.indexOf(':');
  if (colon >= 0 && !/^:\d*$/.test(host.slice(colon)))
    throw fail(`invalid port ${goQuote(host.slice(colon))} after host`);
  const strange = /[\s\\^`{|}]/.exec(host)?.[0];
  if (strange !== undefined) throw fail(`invalid character ${goQuote(strange)} in host name`);
  const bad = badEscape(host) ?? /%[0-7][0-9A-Fa-f]/.exec(host)?.[0];
  if (bad !== undefined) throw fail(`invalid URL escape ${goQuote(bad)}`);
  return host;
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
