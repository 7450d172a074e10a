import { describe, expect, it } from 'vitest';
import { isUrl, joinUrl, originOf, parseUrl, withoutPassword } from '../../providers/go-url.ts';

// The outcomes are those of Go 1.26's url.Parse.
describe('addresses are read as Go reads them', () => {
  it.each([
    { text: 'HTTP://Host:80/a?b=c#d', want: { scheme: 'http', host: 'Host:80', path: '/a', query: 'b=c' } },
    { text: 'http://u:p@h:1', want: { scheme: 'http', host: 'h:1', path: '', query: '' } },
    { text: 'mailto:a@b', want: { scheme: 'mailto', host: '', path: 'a@b', query: '' } },
    { text: '//h/p', want: { scheme: '', host: 'h', path: '/p', query: '' } },
    { text: '', want: { scheme: '', host: '', path: '', query: '' } },
  ])('$text', ({ text, want }) => {
    expect(parseUrl(text)).toEqual(want);
  });

  it.each([
    [':invalid::url', 'parse ":invalid::url": missing protocol scheme'],
    ['1a:b', 'parse "1a:b": first path segment in URL cannot contain colon'],
    ['http://x:abc', 'parse "http://x:abc": invalid port ":abc" after host'],
    ['http://[::1', 'parse "http://[::1": missing \']\' in host'],
    ['http://a b/', 'parse "http://a b/": invalid character " " in host name'],
    ['http://u p@h/', 'parse "http://u p@h/": net/url: invalid userinfo'],
    ['http://x/%zz', 'parse "http://x/%zz": invalid URL escape "%zz"'],
    ['http://x\n', 'parse "http://x\\n": net/url: invalid control character in URL'],
  ])('%j is refused', (text, want) => {
    expect(() => parseUrl(text)).toThrow(new Error(want));
    expect(isUrl(text)).toBe(false);
  });

  it.each([
    ['http://h', true],
    ['http:///x', false],
    ['h:9090', false],
    ['/x', false],
  ])('%j has scheme and host: %s', (text, want) => {
    expect(isUrl(text)).toBe(want);
  });
});

it('joins a route to an address, path and query kept', () => {
  expect(joinUrl('http://h/prom//?tenant=a#x', 'api/v1/query')).toBe('http://h/prom/api/v1/query?tenant=a');
});

it('shows addresses without passwords', () => {
  expect(withoutPassword('http://me:p%40@h/a:b@c')).toBe('http://me:***@h/a:b@c');
  expect(originOf('http://me:pw@h:1/x?y')).toBe('http://h:1');
  expect(originOf('not an address')).toBe('invalid address');
});
