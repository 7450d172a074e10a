import { createAddressGuard } from './address-guard.ts';
import type { HttpHeaders, HttpResponse } from './contract.ts';
import { createHttp, type GuardedHttp } from './http.ts';

/**
 * Asks the metadata server of the machine for its identity. The outbound rules keep templates from there; here the address is the cloud's or the
 * operator's, never a template's, and no proxy stands between.
 */
export function askMetadataServer(url: URL, headers: HttpHeaders, signal: AbortSignal): Promise<HttpResponse> {
  metadataHttp ??= createHttp(createAddressGuard({ allow: [], deny: [] }));
  return metadataHttp.send({ method: 'GET', url: url.href, headers, timeoutMs: TIMEOUT_MS, proxy: false }, signal);
}

// The server is on the machine itself; where there is none, nobody answers.
const TIMEOUT_MS = 3000;

let metadataHttp: GuardedHttp | undefined;
