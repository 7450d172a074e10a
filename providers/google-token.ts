import { createSign } from 'node:crypto';
import type { Json } from '../services/domain/result.ts';
import { type Http, type HttpResponse, type ProviderCall, ProviderError } from './contract.ts';
import { readJsonAnswer } from './json-answer.ts';
import { type JsonObject, objectOf } from './json-shape.ts';
import { askMetadataServer } from './metadata-server.ts';

/**
 * Access tokens for Google's APIs, one a measurement. Two requests replace google-auth-library here: it brings 13 MB and an HTTP of its own, and finds
 * credentials in the environment and on disk, which only the configuration reads.
 */

const SCOPE = 'https://www.googleapis.com/auth/monitoring.read';
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_SECONDS = 3600; // the longest that Google accepts
const METADATA_HOST = 'metadata.google.internal';
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/token';

/** The API's, or the operator's other one (Private Service Connect). Never a template's: the machine's own account is sent there. */
export function googleMonitoringAddress({ setting }: Pick<ProviderCall<unknown>, 'setting'>): string {
  return setting('GOOGLE_CLOUD_MONITORING_ADDRESS') ?? 'https://monitoring.googleapis.com';
}

/**
 * `serviceAccountKey` is the JSON file of a service account; without one the machine's own account is asked for (GKE's workload identity too). Throws
 * ProviderError, which never shows the key.
 */
export async function googleToken(
  call: Pick<ProviderCall<unknown>, 'now' | 'setting' | 'signal'>,
  serviceAccountKey: string | undefined,
  http: Http,
  timeoutMs: number,
): Promise<string> {
  if (serviceAccountKey === undefined) return readToken('the metadata server', await askMachine(call));
  const account = readKey(serviceAccountKey);
  const response = await http({
    method: 'POST',
    asksOnly: true,
    url: account.tokenUri,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: JWT_GRANT, assertion: assertionOf(account, call.now) }).toString(),
    timeoutMs,
  });
  return readToken(`the token endpoint of ${account.email}`, response);
}

async function askMachine({
  setting,
  signal,
}: Pick<ProviderCall<unknown>, 'setting' | 'signal'>): Promise<HttpResponse> {
  const url = new URL(`http://${setting('GCE_METADATA_HOST') ?? METADATA_HOST}${METADATA_PATH}`);
  url.search = new URLSearchParams({ scopes: SCOPE }).toString();
  try {
    return await askMetadataServer(url, { 'Metadata-Flavor': 'Google' }, signal);
  } catch (error) {
    throw new ProviderError(
      'unavailable',
      `no service account key in a secret, and no metadata server: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

interface ServiceAccount {
  readonly email: string;
  readonly privateKey: string;
  readonly keyId: string;
  readonly tokenUri: string;
}

function readKey(text: string): ServiceAccount {
  let key: JsonObject;
  try {
    key = objectOf(JSON.parse(text) as Json);
  } catch {
    throw new ProviderError('refused', 'the service account key is not JSON');
  }
  const { type, client_email: email, private_key: privateKey, private_key_id: keyId, token_uri: tokenUri } = key;
  if (type !== undefined && type !== 'service_account')
    throw new ProviderError(
      'refused',
      `credentials of type ${JSON.stringify(type)} are not those of a service account`,
    );
  if (typeof email !== 'string' || typeof privateKey !== 'string')
    throw new ProviderError('refused', 'the service account key needs client_email and private_key');
  return {
    email,
    privateKey,
    keyId: String(keyId ?? ''),
    tokenUri: typeof tokenUri === 'string' ? tokenUri : 'https://oauth2.googleapis.com/token',
  };
}

/** A signed claim to be the account (RFC 7523). */
function assertionOf({ email, privateKey, keyId, tokenUri }: ServiceAccount, nowMs: number): string {
  const issued = Math.floor(nowMs / 1000);
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== '' && { kid: keyId }) };
  const claims = { iss: email, scope: SCOPE, aud: tokenUri, iat: issued, exp: issued + ASSERTION_SECONDS };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  try {
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  } catch {
    // The cause may quote the key.
    throw new ProviderError('refused', `the private_key of ${email} is not a PEM key`);
  }
}

function readToken(source: string, response: HttpResponse): string {
  const { access_token: token } = readJsonAnswer(source, response);
  if (typeof token !== 'string' || token === '')
    throw new ProviderError('refused', `${source} answered without an access_token`);
  return token;
}
