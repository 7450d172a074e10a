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
 * AWS's default chain: keys from the settings (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), shared files, web identity, container and
 * instance roles. Throws ProviderError.
 */
export async function awsIdentity(account: AwsAccount, region: string, { setting }: Settings): Promise<AwsIdentity> {
  try {
    const own = account.profile ? undefined : keysFromSettings(setting);
    if (own !== undefined && !account.roleArn) return own;
    const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    const chain = fromNodeProviderChain({
      ...(account.profile && { profile: account.profile }),
      clientConfig: { region },
    });
    if (!account.roleArn) return await chain();
    return await fromTemporaryCredentials({
      masterCredentials: own ?? chain,
      params: { RoleArn: account.roleArn, RoleSessionName: 'assay' },
      clientConfig: { region },
    })();
  } catch (error) {
    throw new ProviderError('unavailable', `cannot get AWS credentials: ${(error as Error).message}`, { cause: error });
  }
}

/** The account's region, else the settings' (AWS_REGION, AWS_DEFAULT_REGION), else the profile's. Throws ProviderError when there is none. */
export async function awsRegion(account: AwsAccount, { setting }: Settings): Promise<string> {
  const region =
    account.region || setting('AWS_REGION') || setting('AWS_DEFAULT_REGION') || (await profileRegion(account, setting));
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
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const profile = account.profile || setting('AWS_PROFILE') || 'default';
  return credentialsFile[profile]?.['region'] ?? configFile[profile]?.['region'];
}
