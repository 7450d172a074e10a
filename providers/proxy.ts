import { BlockList, isIP } from 'node:net';

/** The proxy settings by their usual names, as Go's default transport reads them from the environment. */
export interface ProxySettings {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  /** Comma-separated: hosts (`x.org` with its subdomains, `.x.org` without itself), addresses, ranges, each with an optional port; `*` for all. */
  readonly noProxy?: string | undefined;
}

/** The proxy for a request, or undefined to go direct: golang.org/x/net/http/httpproxy's rules. Throws Error `invalid proxy address …`. */
export function proxyFor(target: URL, settings: ProxySettings): URL | undefined {
  const proxy = target.protocol === 'https:' ? settings.httpsProxy : settings.httpProxy;
  if (!proxy || isBypassed(target, settings.noProxy ?? '')) return undefined;
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
  // The address may carry a password, so it is not quoted.
  if (url === null || url.hostname === '') throw new Error('invalid proxy address');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`proxy scheme ${url.protocol.slice(0, -1)} is not supported, use http or https`);
  return url;
}

function isBypassed(target: URL, noProxy: string): boolean {
  const host = target.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (host === 'localhost' || LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')) return true;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== '' && covers(rule, host, port));
}

function covers(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  const range = /^([^/]+)\/(\d+)$/.exec(rule);
  if (range !== null) return isInRange(host, range[1] as string, Number(range[2]));

  const withPort = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(rule);
  if (withPort !== null && withPort[3] !== port) return false;
  const name = (withPort?.[1] ?? withPort?.[2] ?? rule).replace(/^\*(?=\.)/, '');
  if (name.startsWith('.')) return host.endsWith(name);
  return host === name || (isIP(name) === 0 && host.endsWith(`.${name}`));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isInRange(host: string, network: string, prefix: number): boolean {
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
