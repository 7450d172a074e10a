import { expect, it } from 'vitest';
import { proxyFor } from '../../providers/proxy.ts';

const proxies = { httpProxy: 'http://plain:3128', httpsProxy: 'secure:8443' };

it.each([
  { url: 'http://example.org/', want: 'http://plain:3128/' },
  { url: 'https://example.org/', want: 'http://secure:8443/' },
  { url: 'http://localhost/', want: undefined },
  { url: 'http://127.0.0.7/', want: undefined },
  { url: 'http://[::1]/', want: undefined },
  { url: 'http://example.org/', noProxy: '*', want: undefined },
  { url: 'http://example.org/', noProxy: 'example.org', want: undefined },
  { url: 'http://sub.example.org/', noProxy: 'other, EXAMPLE.org', want: undefined },
  { url: 'http://myexample.org/', noProxy: 'example.org', want: 'http://plain:3128/' },
  { url: 'http://example.org/', noProxy: '.example.org', want: 'http://plain:3128/' },
  { url: 'http://sub.example.org/', noProxy: '*.example.org', want: undefined },
  { url: 'http://example.org/', noProxy: 'example.org:81', want: 'http://plain:3128/' },
  { url: 'http://example.org:81/', noProxy: 'example.org:81', want: undefined },
  { url: 'https://10.1.2.3/', noProxy: '10.0.0.0/8', want: undefined },
  { url: 'https://11.1.2.3/', noProxy: '10.0.0.0/8', want: 'http://secure:8443/' },
  { url: 'http://[fd00::1]/', noProxy: 'fd00::/8', want: undefined },
  { url: 'http://10.1.2.3/', noProxy: '10.1.2.3', want: undefined },
])('$url without $noProxy goes by $want', ({ url, noProxy, want }) => {
  expect(proxyFor(new URL(url), { ...proxies, noProxy })?.href).toBe(want);
});

it('refuses what is no proxy address, without showing it', () => {
  expect(() => proxyFor(new URL('http://x/'), { httpProxy: 'http://:secret@' })).toThrow('invalid proxy address');
  expect(() => proxyFor(new URL('http://x/'), { httpProxy: 'socks5://h:1' })).toThrow(
    'proxy scheme socks5 is not supported',
  );
});
