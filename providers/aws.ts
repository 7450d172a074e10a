import type { ProviderCall } from './contract.ts';
import { ProviderError } from './contract.ts';

/** What signs requests to AWS. The credential packages are loaded when a metric first needs them. */

export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsAccount {
  readonly region?: string | undefined;
  /** Profile in the shared AWS files. */
  readonly profile?: string | undefined;
  /** Role assumed on top of the credentials found. */
  readonly roleArn?: string | undefined;
}

type Settings = Pick<ProviderCall<unknown>, 'setting'>;

/**
 * AWS's default chain (which asks addresses of AWS's own choice, so that the outbound rules do not apply to it): keys from the settings (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), shared files (AWS_PROFILE), web identity, container and
 * instance roles. Throws ProviderError.
 */
export async function awsIdentity(account: AwsAccount, region: string, { setting }: Settings): Promise<AwsIdentity> {
  const profile = account.profile || setting('AWS_PROFILE');
  try {
    // Only a profile that the account names comes before keys (Go's SDK); AWS_PROFILE comes after them.
    const own = account.profile ? undefined : keysFromSettings(setting);
    if (own !== undefined && !account.roleArn) return own;
    const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    const chain = fromNodeProviderChain({
      ...(profile && { profile }),
      ...sharedFiles(setting),
      clientConfig: { region },
    });
    if (!account.roleArn) return await chain();
    return await fromTemporaryCredentials({
      masterCredentials: own ?? chain,
      params: { RoleArn: account.roleArn, RoleSessionName: 'assay' },
      clientConfig: { region },
    })();
  } catch (error) {
    const whose = profile ? ` of profile ${JSON.stringify(profile)}` : '';
    const { message } = error as Error;
    throw new ProviderError('unavailable', `cannot get AWS credentials${whose}: ${message}`, { cause: error });
  }
}

/** The account's region, else the settings' (AWS_REGION, AWS_DEFAULT_REGION), else the profile's. Throws ProviderError when there is none. */
export async function awsRegion(account: AwsAccount, { setting }: Settings): Promise<string> {
  const region =
    account.region || setting('AWS_REGION') || setting('AWS_DEFAULT_REGION') || (await profileRegion(account, setting));
  if (region && !/^[a-z0-9-]+$/.test(region))
    throw new ProviderError('refused', `${JSON.stringify(region)} is not an AWS region: it should look like us-east-1`);
  if (region) return region;
  throw new ProviderError('refused', 'could not find an AWS region: set region, AWS_REGION or one in the profile');
}

function keysFromSettings(setting: Settings['setting']): AwsIdentity | undefined {
  const accessKeyId = setting('AWS_ACCESS_KEY_ID');
  const secretAccessKey = setting('AWS_SECRET_ACCESS_KEY');
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = setting('AWS_SESSION_TOKEN');
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

async function profileRegion(account: AwsAccount, setting: Settings['setting']): Promise<string | undefined> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles(sharedFiles(setting));
  const profile = account.profile || setting('AWS_PROFILE') || 'default';
  return credentialsFile[profile]?.['region'] ?? configFile[profile]?.['region'];
}

function sharedFiles(setting: Settings['setting']): { readonly filepath?: string; readonly configFilepath?: string } {
  const filepath = setting('AWS_SHARED_CREDENTIALS_FILE');
  const configFilepath = setting('AWS_CONFIG_FILE');
  return { ...(filepath && { filepath }), ...(configFilepath && { configFilepath }) };
}
