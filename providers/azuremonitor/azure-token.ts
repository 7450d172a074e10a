import { type Http, type HttpResponse, type ProviderCall, ProviderError } from '../contract.ts';
import { endpoint, readJsonAnswer } from '../json-answer.ts';
import { askMetadataServer } from '../metadata-server.ts';
import { readSecretRef, requireKey } from '../secret-ref.ts';
import type { AzureMonitorQuery } from './query.ts';

/**
 * Where Azure's public cloud is; other clouds by settings, never by a template, since the machine's identity is sent there. AZURE_AUTHORITY_HOST is the
 * name that Azure's own clients have for the first.
 */
const AUTHORITY = 'https://login.microsoftonline.com';
const RESOURCE_MANAGER = 'https://management.azure.com';
const MACHINE = 'http://169.254.169.254/metadata/identity/oauth2/token';

/** A token for the resource API, one a measurement, and where that API is. Throws ProviderError. */
export async function azureToken(
  call: ProviderCall<AzureMonitorQuery>,
  http: Http,
  timeoutMs: number,
): Promise<{ readonly token: string; readonly address: string }> {
  const { secretRef } = call.query;
  const address = call.setting('AZURE_RESOURCE_MANAGER_ADDRESS') ?? RESOURCE_MANAGER;
  const audience = call.setting('AZURE_RESOURCE_MANAGER_AUDIENCE') ?? RESOURCE_MANAGER;
  if (secretRef === undefined)
    return { token: readToken('managed identity', await askMachine(call, audience)), address };
  const credentials = await readSecretRef(call, secretRef);
  const [tenant, clientId, clientSecret] = ['tenant-id', 'client-id', 'client-secret'].map((key) =>
    requireKey(credentials, secretRef, key),
  ) as [string, string, string];
  const authority = call.setting('AZURE_AUTHORITY_HOST') ?? AUTHORITY;
  const response = await http({
    method: 'POST',
    asksOnly: true,
    url: endpoint('azureMonitor', authority, `${encodeURIComponent(tenant)}/oauth2/v2.0/token`).href,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${audience}/.default`,
    }).toString(),
    timeoutMs,
  });
  return { token: readToken(`Entra, asked for a token of client ${clientId},`, response), address };
}

/** App Service and Functions say where to ask; virtual machines and Kubernetes nodes have one address for it. */
async function askMachine(
  { setting, signal }: Pick<ProviderCall<unknown>, 'setting' | 'signal'>,
  resource: string,
): Promise<HttpResponse> {
  const own = setting('IDENTITY_ENDPOINT');
  const url = new URL(own ?? MACHINE);
  const clientId = setting('AZURE_CLIENT_ID');
  url.search = new URLSearchParams({
    'api-version': own === undefined ? '2018-02-01' : '2019-08-01',
    resource: `${resource}/`,
    ...(clientId !== undefined && { client_id: clientId }),
  }).toString();
  const headers = own === undefined ? { Metadata: 'true' } : { 'X-IDENTITY-HEADER': setting('IDENTITY_HEADER') ?? '' };
  try {
    return await askMetadataServer(url, headers, signal);
  } catch (error) {
    throw new ProviderError('unavailable', `no secretRef, and no managed identity: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function readToken(source: string, response: HttpResponse): string {
  const { access_token: token } = readJsonAnswer(source, response);
  if (typeof token !== 'string' || token === '')
    throw new ProviderError('refused', `${source} answered without an access_token`);
  return token;
}
