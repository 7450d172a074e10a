import { isIPv6 } from 'node:net';
import { AddressDenied } from './address-guard.ts';

/** What Go's net and net/http say about a connection or an answer that failed, from the error that Node gives. */
export function networkErrorText(error: unknown, url: URL): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (!(first instanceof Error)) return String(first);
  if (first instanceof AddressDenied) return `dial tcp: ${first.message}`;
  const failure = first as NodeError;
  const code = failure.code ?? '';

  if (failure.syscall === 'connect') return `dial tcp ${endpoint(failure)}: connect: ${SYSTEM[code] ?? code}`;
  if (failure.syscall === 'getaddrinfo') return `dial tcp: lookup ${failure.hostname}: ${LOOKUP[code] ?? code}`;
  if (code === 'ECONNRESET') return RESET.test(failure.message) ? 'EOF' : 'read: connection reset by peer';
  if (code === 'EPIPE') return 'write: broken pipe';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${VERIFY} ${wrongName(failure, url)}`;
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) return `${VERIFY} ${certificate}`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    if (/wrong version number|packet length too long|http request/i.test(failure.message))
      return 'http: server gave HTTP response to HTTPS client';
    return `remote error: tls: ${failure.reason ?? failure.message}`;
  }
  if (code.startsWith('HPE_'))
    return `net/http: HTTP/1.x transport connection broken: malformed HTTP response (${failure.message})`;
  return failure.message;
}

/** The same for a body that broke off. */
export function bodyErrorText(error: unknown): string {
  const { code = '', message = String(error) } = error as NodeError;
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'Z_BUF_ERROR') return 'unexpected EOF';
  if (code.startsWith('Z_')) return `gzip: invalid data (${message})`;
  if (code.startsWith('HPE_')) return `malformed chunked encoding (${message})`;
  return message;
}

interface NodeError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly reason?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

const VERIFY = 'tls: failed to verify certificate: x509:';

// Node says "socket hang up" when the server closes without an answer, where Go meets the end of the stream.
const RESET = /hang up|disconnected before secure/;

const SYSTEM: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

const LOOKUP: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host',
  EAI_NODATA: 'no such host',
  EAI_AGAIN: 'server misbehaving',
  EAI_FAIL: 'server misbehaving',
};

const CERTIFICATE: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  CERT_UNTRUSTED: 'certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
  INVALID_PURPOSE: 'certificate specifies an incompatible key usage',
};

function endpoint({ address = '', port = 0 }: NodeError): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function wrongName(failure: NodeError, url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const names = (failure.cert?.subjectaltname ?? '').split(', ').filter((name) => name !== '');
  const isAddress = isIPv6(host) || /^[\d.]+$/.test(host);
  const kind = isAddress ? /^IP Address:/ : /^DNS:/;
  const fitting = names.filter((name) => kind.test(name)).map((name) => name.replace(kind, ''));
  if (fitting.length > 0) return `certificate is valid for ${fitting.join(', ')}, not ${host}`;
  if (isAddress) return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  return `certificate is not valid for any names, but wanted to match ${host}`;
}
