import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { AwsIdentity } from './aws.ts';
import type { Http, HttpHeaders, HttpRequest } from './contract.ts';

export interface SigningScope {
  readonly region: string;
  /** AWS's name of the service as signed: `aps`, `monitoring`. */
  readonly service: string;
}

/** Signs each request with AWS signature version 4, in place of any other Authorization. `identity` is asked anew for each request. */
export function withSigv4(http: Http, scope: SigningScope, identity: () => Promise<AwsIdentity>, nowMs: number): Http {
  return async (request) => http({ ...request, headers: await signedHeaders(request, scope, await identity(), nowMs) });
}

/** The request's headers with x-amz-date, x-amz-content-sha256, the session token and Authorization. */
export async function signedHeaders(
  request: HttpRequest,
  scope: SigningScope,
  identity: AwsIdentity,
  nowMs: number,
): Promise<HttpHeaders> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { sessionToken, ...keys } = identity;
  const signer = new SignatureV4({
    ...scope,
    credentials: sessionToken === undefined ? keys : { ...keys, sessionToken },
    sha256: Sha256,
  });
  const url = new URL(request.url);
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization');
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: { ...Object.fromEntries(headers), host: url.host },
      body: request.body,
    },
    { signingDate: new Date(nowMs) },
  );
  return signed.headers;
}

function queryOf(url: URL): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return query;
}

/** The hash that the signer asks for, on Node's own. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }
  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(chunk));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}
