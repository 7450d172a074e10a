import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAddressGuard, DENIED_BY_DEFAULT } from '../../providers/address-guard.ts';
import type { HttpRequest } from '../../providers/contract.ts';
import { createHttp, type GuardedHttp } from '../../providers/http.ts';
import { freePort } from '../support/free-port.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { selfSigned } from '../support/tls.ts';

let http: GuardedHttp;
let server: TestServer;
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];

beforeEach(async () => {
  seen = [];
  http = createHttp(createAddressGuard());
  server = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    respond(request, response);
  });
});
afterEach(async () => {
  http.close();
  await server.close();
});

const ask = (path: string, more: Partial<HttpRequest> = {}) =>
  http.send({ method: 'GET', url: `${server.url}${path}`, timeoutMs: 5000, ...more });
const failure = async (request: Partial<HttpRequest> & { url: string }): Promise<string> =>
  http.send({ method: 'GET', timeoutMs: 5000, ...request }).then(
    ({ status }) => `answered ${status}`,
    (error: Error) => error.message,
  );

describe('a request', () => {
  it('goes out as asked, with nothing that the caller did not say', async () => {
    respond = (_, response) => void response.end('ok');
    await ask('/m?a=1', { method: 'PUT', headers: { 'X-A': 'plain', Host: 'elsewhere' }, body: '{"a":1}' });
    const [{ line, headers, body }] = seen as [(typeof seen)[0]];
    expect([line, body]).toEqual(['PUT /m?a=1', '{"a":1}']);
    expect(headers).toMatchObject({
      'accept-encoding': 'gzip',
      'content-length': '7',
      host: `127.0.0.1:${server.port}`,
      'x-a': 'plain',
    });
    expect(headers).not.toHaveProperty('content-type');
    expect(headers).not.toHaveProperty('accept');
  });

  it('sends text in headers as UTF-8, and what frames the body by itself', async () => {
    respond = (_, response) => void response.end();
    const headers = { 'X-A': ' žluť ', 'Content-Length': '99', 'Transfer-Encoding': 'chunked' };
    await ask('/', { method: 'POST', headers, body: 'ab', timeoutMs: 1e12 });
    const sent = seen[0]?.headers;
    expect(Buffer.from(String(sent?.['x-a']), 'latin1').toString()).toBe('žluť');
    expect([sent?.['content-length'], sent?.['transfer-encoding']]).toEqual(['2', undefined]);
  });

  it('signs in with the address only where no header does', async () => {
    respond = (_, response) => void response.end();
    const url = server.url.replace('//', '//me:p%40ss@');
    await http.send({ method: 'GET', url, timeoutMs: 5000 });
    await http.send({ method: 'GET', url, headers: { authorization: 'Bearer x' }, timeoutMs: 5000 });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Basic bWU6cEBzcw==', 'Bearer x']);
  });

  it('uses a connection again', async () => {
    const sockets = new Set<unknown>();
    respond = (request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    };
    for (let i = 0; i < 5; i += 1) await ask('/');
    expect(sockets.size).toBe(1);
  });

  it('takes a new connection when the server has just closed the old one', async () => {
    respond = (_, response) => void response.end('ok');
    await ask('/first');
    respond = (request, response) => {
      if (request.socket.bytesRead > 400 && seen.length === 2) request.socket.destroy();
      else response.end('again');
    };
    expect((await ask('/second', { headers: { 'x-long': 'x'.repeat(400) } })).body).toBe('again');
    expect(seen.map(({ line }) => line)).toEqual(['GET /first', 'GET /second', 'GET /second']);
  });

  it.each<{ name: string; more: Partial<HttpRequest>; repeated: boolean }>([
    { name: 'a POST is not sent again', more: { method: 'POST', body: 'x' }, repeated: false },
    { name: 'a DELETE is not sent again', more: { method: 'DELETE' }, repeated: false },
    { name: 'a POST that only asks is', more: { method: 'POST', body: 'x', asksOnly: true }, repeated: true },
    {
      name: 'a POST that tells repetitions apart is',
      more: { method: 'POST', body: 'x', headers: { 'idempotency-key': 'k' } },
      repeated: true,
    },
    { name: 'a HEAD is', more: { method: 'HEAD' }, repeated: true },
  ])('$name when the server closes a used connection under it', async ({ more, repeated }) => {
    respond = (_, response) => void response.end('ok');
    await ask('/first');
    respond = (request, response) => void (seen.length === 2 ? request.socket.destroy() : response.end());
    const outcome = ask('/second', more).then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    expect(await outcome).toEqual(repeated ? 200 : expect.stringMatching(/EOF|reset/));
    expect(seen).toHaveLength(repeated ? 3 : 2);
  });
});

describe('an answer', () => {
  it('is unpacked, with its headers in lower case', async () => {
    respond = (_, response) => {
      response.writeHead(203, { 'Content-Encoding': 'gzip', 'X-Two': ['a', 'b'] }).end(gzipSync('naïve \ufeff'));
    };
    const { status, headers, body } = await ask('/');
    expect([status, headers['x-two'], body]).toEqual([203, 'a, b', 'naïve \ufeff']);
  });

  it('is cut off at 10 MiB, unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    respond = (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    await expect(ask('/')).rejects.toThrow('the answer is larger than 10 MiB');
  });

  it.each([
    { name: 'packed wrongly', headers: { 'content-encoding': 'gzip' }, body: 'plain', want: 'gzip: invalid data' },
    { name: 'empty', headers: {}, body: '', want: '' },
  ])('that is $name', async ({ headers, body, want }) => {
    respond = (_, response) => void response.writeHead(200, headers).end(body);
    if (want === '') expect((await ask('/')).body).toBe('');
    else await expect(ask('/')).rejects.toThrow(want);
  });
});

describe('a redirect', () => {
  const redirect = (status: number, location: string) => {
    respond = (request, response) => {
      if (request.url === '/from') response.writeHead(status, { location }).end('moved');
      else response.end('there');
    };
  };

  it.each([
    { status: 301, method: 'POST', want: 'GET /to' },
    { status: 302, method: 'PUT', want: 'GET /to' },
    { status: 303, method: 'DELETE', want: 'GET /to' },
    { status: 302, method: 'HEAD', want: 'HEAD /to' },
    { status: 307, method: 'POST', want: 'POST /to body' },
    { status: 308, method: 'PUT', want: 'PUT /to body' },
  ])('$status of a $method becomes $want', async ({ status, method, want }) => {
    redirect(status, '/to');
    await ask('/from', { method, ...(method !== 'HEAD' && { body: 'body' }), headers: { 'Content-Type': 'text/x' } });
    const last = seen.at(-1);
    expect(`${last?.line} ${last?.body}`.trim()).toBe(want);
    expect(last?.headers['content-type']).toBe(want.endsWith('body') ? 'text/x' : undefined);
  });

  it('without a location is an answer', async () => {
    respond = (_, response) => void response.writeHead(302).end('stay');
    expect(await ask('/')).toMatchObject({ status: 302, body: 'stay' });
  });

  it('keeps credentials to the host they were meant for', async () => {
    redirect(302, `http://localhost:${server.port}/to`);
    await ask('/from', { headers: { Authorization: 'Bearer x', Cookie: 'c', 'X-Other': 'o' } });
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-other': 'o' });
    expect(seen.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(seen.at(-1)?.headers).not.toHaveProperty('cookie');
    redirect(302, '/to');
    await ask('/from', { headers: { Authorization: 'Bearer x' } });
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer x');
  });

  it('that never ends is given up after ten requests', async () => {
    respond = (_, response) => void response.writeHead(302, { location: '/again' }).end();
    expect(await failure({ url: `${server.url}/` })).toBe('Get "/again": stopped after 10 redirects');
    expect(seen).toHaveLength(10);
  });

  it.each([
    { location: 'ftp://host/x', want: 'Get "ftp://host/x": unsupported protocol scheme "ftp"' },
    { location: 'http://[::ffff:a9fe:a9fe]/', want: 'not allowed by the outbound rules' },
    { location: 'http://2852039166/latest', want: 'address 169.254.169.254 is not allowed by the outbound rules' },
  ])('to $location is refused', async ({ location, want }) => {
    redirect(302, location);
    expect(await failure({ url: `${server.url}/from` })).toContain(want);
  });
});

describe('failures speak like Go', () => {
  it.each([
    { url: 'bad://url.com', want: 'Get "bad://url.com": unsupported protocol scheme "bad"' },
    { url: 'relative', want: 'Get "relative": unsupported protocol scheme ""' },
    { url: 'http://', want: 'Get "http://": http: no Host in request URL' },
    { url: 'http://a b/', want: 'parse "http://a b/": invalid character " " in host name' },
    { url: 'http://no-such-host.invalid/', want: 'dial tcp: lookup no-such-host.invalid: no such host' },
    { url: 'http://x/', method: 'NO GOOD', want: 'net/http: invalid method "NO GOOD"' },
    { url: 'http://x/', headers: { 'a b': '1' }, want: 'Get "http://x/": net/http: invalid header field name "a b"' },
    {
      url: 'http://x/',
      headers: { 'X-T': 't\n' },
      want: 'Get "http://x/": net/http: invalid header field value for "X-T"',
    },
    {
      url: 'http://x/',
      timeoutMs: 0,
      want: 'Get "http://x/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    },
    {
      url: 'http://x/',
      method: 'POST',
      timeoutMs: 0,
      deadline: 'context' as const,
      want: 'Post "http://x/": context deadline exceeded',
    },
  ])('$want', async ({ want, ...request }) => {
    expect(await failure(request)).toContain(want);
  });

  it('a port where nobody listens, the password left out', async () => {
    const port = await freePort();
    expect(await failure({ url: `http://me:secret@127.0.0.1:${port}/x` })).toBe(
      `Get "http://me:***@127.0.0.1:${port}/x": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });

  it('a server that hangs up', async () => {
    respond = (request) => void request.socket.destroy();
    expect(await failure({ url: `${server.url}/` })).toBe(`Get "${server.url}/": EOF`);
  });

  it('a server that does not speak HTTP', async () => {
    const tcp = createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n')).listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    expect(await failure({ url: `http://127.0.0.1:${port}/` })).toContain('malformed HTTP response');
    tcp.close();
  });

  it('plain HTTP where TLS was asked for', async () => {
    expect(await failure({ url: server.url.replace('http', 'https') })).toContain(
      'http: server gave HTTP response to HTTPS client',
    );
  });

  it('time that runs out in the middle of the body', async () => {
    respond = (_, response) => void response.writeHead(200).write('{');
    expect(await failure({ url: `${server.url}/`, timeoutMs: 100 })).toBe(
      'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
    );
  });

  it('a call that is given up', async () => {
    const controller = new AbortController();
    respond = () => controller.abort();
    const asked = http.send({ method: 'GET', url: `${server.url}/`, timeoutMs: 5000 }, controller.signal);
    await expect(asked).rejects.toThrow(`Get "${server.url}/": context canceled`);
  });
});

describe('TLS', () => {
  it.each([
    { host: 'localhost', insecure: false, want: 'x509: certificate signed by unknown authority' },
    { host: 'localhost', insecure: true, want: 'answered 200' },
    { host: '127.0.0.1', insecure: true, want: 'answered 200' },
  ])('$host, insecure $insecure: $want', async ({ host, insecure, want }) => {
    const secure = createSecureServer(selfSigned, (_, response) => void response.end()).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const { port } = secure.address() as AddressInfo;
    expect(await failure({ url: `https://${host}:${port}/`, insecure })).toContain(want);
    secure.closeAllConnections();
    secure.close();
  });
});

describe('the guard', () => {
  const guardedBy = async (
    rules: { allow: string[]; deny: string[] },
    addresses: readonly string[],
    host = 'rebind.example',
  ) => {
    const guard = createAddressGuard(rules, ((_host: string, _options: object, callback: Lookup) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never);
    const guarded = createHttp(guard);
    const outcome = await guarded.send({ method: 'GET', url: `http://${host}:${server.port}/`, timeoutMs: 5000 }).then(
      ({ status }) => `answered ${status}`,
      (error: Error) => error.message,
    );
    guarded.close();
    return outcome;
  };
  type Lookup = (error: null, addresses: { address: string; family: number }[]) => void;
  const byDefault = { allow: [], deny: [...DENIED_BY_DEFAULT] };

  it.each([
    { name: 'a name of a denied address', rules: byDefault, addresses: ['169.254.169.254'], want: 'not allowed' },
    { name: 'a name of a mapped one', rules: byDefault, addresses: ['::ffff:169.254.169.254'], want: 'not allowed' },
    { name: 'a name of both', rules: byDefault, addresses: ['169.254.169.254', '127.0.0.1'], want: 'answered 200' },
    { name: 'a name of an allowed one', rules: byDefault, addresses: ['127.0.0.1'], want: 'answered 200' },
    {
      name: 'loopback denied',
      rules: { allow: [], deny: ['127.0.0.0/8'] },
      addresses: ['127.0.0.1'],
      want: 'not allowed',
    },
    {
      name: 'loopback denied, one allowed',
      rules: { allow: ['127.0.0.1'], deny: ['127.0.0.0/8'] },
      addresses: ['127.0.0.1'],
      want: 'answered 200',
    },
  ])('$name: $want', async ({ rules, addresses, want }) => {
    respond = (_, response) => void response.end();
    expect(await guardedBy(rules, addresses)).toContain(want);
  });

  it('looks at the address of each connection, so that a name cannot change it in between', async () => {
    respond = (_, response) => void response.writeHead(200, { connection: 'close' }).end();
    const addresses = ['127.0.0.1', '169.254.169.254'];
    const guard = createAddressGuard(byDefault, ((_host: string, _options: object, callback: Lookup) =>
      callback(null, [{ address: addresses.shift() ?? '', family: 4 }])) as never);
    const guarded = createHttp(guard);
    const request = { method: 'GET', url: `http://rebind.example:${server.port}/`, timeoutMs: 5000 };
    expect((await guarded.send(request)).status).toBe(200);
    await expect(guarded.send(request)).rejects.toThrow('169.254.169.254 is not allowed');
    guarded.close();
  });
});

describe('a proxy', () => {
  let proxy: TestServer;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    proxy = await serve((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      response.end('by proxy');
    });
  });
  afterEach(() => proxy.close());

  const through = async (url: string, settings: object, more: Partial<HttpRequest> = {}) => {
    const proxied = createHttp(createAddressGuard(), settings);
    const outcome = await proxied.send({ method: 'GET', url, timeoutMs: 5000, ...more }).then(
      ({ body }) => body,
      (error: Error) => error.message,
    );
    proxied.close();
    return outcome;
  };

  it('is asked for the whole address, with its own credentials', async () => {
    const httpProxy = proxy.url.replace('//', '//me:pw@');
    expect(await through('http://metrics.invalid:9090/x?y=1', { httpProxy })).toBe('by proxy');
    expect(asked).toEqual(['GET http://metrics.invalid:9090/x?y=1 Basic bWU6cHc=']);
  });

  it('is left out where NO_PROXY or the request says so, and for loopback', async () => {
    respond = (_, response) => void response.end('direct');
    expect(await through(`${server.url}/`, { httpProxy: proxy.url })).toBe('direct');
    expect(await through('http://metrics.invalid/', { httpProxy: proxy.url, noProxy: 'other,.invalid' })).toContain(
      'no such host',
    );
    expect(await through('http://metrics.invalid/', { httpProxy: proxy.url }, { proxy: false })).toContain(
      'no such host',
    );
    expect(asked).toEqual([]);
  });

  it('does not reach a denied address either', async () => {
    expect(await through('http://169.254.169.254/', { httpProxy: proxy.url })).toContain('not allowed');
    expect(asked).toEqual([]);
  });

  it('gives TLS a tunnel', async () => {
    const secure = createSecureServer(selfSigned, (_, response) => void response.end('in private')).listen(
      0,
      '127.0.0.1',
    );
    await once(secure, 'listening');
    const { port } = secure.address() as AddressInfo;
    const tunnels: string[] = [];
    const tunnel = createTcpServer((client) => {
      client.once('data', (head) => {
        tunnels.push(head.toString().split('\r\n')[0] ?? '');
        const target = connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          target.pipe(client).pipe(target);
        });
        target.on('error', () => client.destroy());
        client.on('error', () => target.destroy());
      });
    }).listen(0, '127.0.0.1');
    await once(tunnel, 'listening');
    const httpsProxy = `http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`;
    expect(await through('https://metrics.example.org/', { httpsProxy }, { insecure: true })).toBe('in private');
    expect(tunnels).toEqual(['CONNECT metrics.example.org:443 HTTP/1.1']);
    secure.closeAllConnections();
    secure.close();
    tunnel.close();
  });
});
