import { awsIdentity, awsRegion } from '../aws.ts';
import { type Http, type ProviderCall, ProviderError } from '../contract.ts';
import { isUrl } from '../go-url.ts';
import { withBasicAuth, withDeadline, withHeaders } from '../http-layers.ts';
import { isOAuth2Configured, withOAuth2 } from '../oauth2.ts';
import { withSigv4 } from '../sigv4.ts';
import type { PrometheusQuery } from './query.ts';

/** Where a query goes and how it signs in. */
export interface Connection {
  readonly address: string;
  readonly http: Http;
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_SECONDS = 30;

/** What Argo checks when it builds the provider. Throws ProviderError. */
export async function connect(call: ProviderCall<PrometheusQuery>): Promise<Connection> {
  const { query } = call;
  const address = query.address || call.setting('ARGO_ROLLOUTS_PROMETHEUS_ADDRESS') || '';
  if (address === '') throw refused('prometheus address is not configured');
  if (!isUrl(address)) throw refused('prometheus address is not is url format');
  const timeoutMs = (query.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const http = await signedIn(call, address, timeoutMs);
  if (timeoutMs < 0) throw refused('prometheus timeout should not be negative');
  return { address, http, timeoutMs };
}

/**
 * Argo's layers from the wire outwards: custom headers (which so have the last word), basic authentication, signature, token. The token request passes
 * the inner ones too.
 */
async function signedIn(call: ProviderCall<PrometheusQuery>, address: string, timeoutMs: number): Promise<Http> {
  const { insecure = false, headers = [], authentication = {} } = call.query;
  const wire: Http = (request) => call.http({ ...request, insecure, deadline: 'context' });
  let http = withHeaders(withDeadline(wire, timeoutMs), headers);

  const { username = '', password = '' } = authentication.basicAuth ?? {};
  if (username !== '' || password !== '') {
    if (username === '') throw refused(`${BASIC_AUTH_INCOMPLETE} username`);
    if (password === '') throw refused(`${BASIC_AUTH_INCOMPLETE} password`);
    http = withBasicAuth(http, { username, password });
  }

  const { region, profile, roleArn } = authentication.sigv4 ?? {};
  if (address.includes('aps-workspaces') && (region || profile || roleArn)) {
    const account = { region, profile, roleArn };
    const signingRegion = await awsRegion(account, call);
    http = withSigv4(
      http,
      { region: signingRegion, service: 'aps' },
      () => awsIdentity(account, signingRegion, call),
      call.now,
    );
  }

  if (authentication.oauth2 !== undefined && isOAuth2Configured(authentication.oauth2))
    http = withOAuth2(http, authentication.oauth2, http);
  return http;
}

const BASIC_AUTH_INCOMPLETE = 'missing mandatory parameter in metric for basic auth setup:';

function refused(message: string): ProviderError {
  return new ProviderError('refused', message);
}
