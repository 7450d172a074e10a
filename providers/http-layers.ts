import { performance } from 'node:perf_hooks';
import type { BasicAuth, Headers } from './auth-schema.ts';
import type { Http, HttpHeaders } from './contract.ts';

/** What Argo's clients put around a request, one layer inside another; the innermost has the last word. */

/** Several requests under one deadline: each gets what is left of it. */
export function withDeadline(http: Http, timeoutMs: number): Http {
  const endsAt = performance.now() + timeoutMs;
  return (request) => http({ ...request, timeoutMs: Math.max(0, endsAt - performance.now()) });
}

/** Headers as written by users: they replace earlier ones of the same name, and the last of a name wins. */
export function withHeaders(http: Http, headers: Headers): Http {
  return (request) => http({ ...request, headers: setHeaders(request.headers ?? {}, headers) });
}

/** Basic authentication, unless somebody further out has signed the request already. */
export function withBasicAuth(http: Http, { username = '', password = '' }: BasicAuth): Http {
  const credentials = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return (request) => {
    const headers = request.headers ?? {};
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return http(request);
    return http({ ...request, headers: setHeader(headers, 'Authorization', credentials) });
  };
}

export function setHeaders(headers: HttpHeaders, added: Headers): HttpHeaders {
  return added.reduce((all, { key, value }) => setHeader(all, key, value), headers);
}

export function setHeader(headers: HttpHeaders, name: string, value: string): HttpHeaders {
  const others = Object.entries(headers).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return Object.fromEntries([...others, [name, value]]);
}
