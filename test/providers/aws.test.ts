import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { awsIdentity, awsRegion } from '../../providers/aws.ts';

let folder = '';
let files: Readonly<Record<string, string>> = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-aws-'));
  files = { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'), AWS_CONFIG_FILE: join(folder, 'config') };
  writeFileSync(join(folder, 'credentials'), '[team]\naws_access_key_id = FILE\naws_secret_access_key = FILE-SECRET\n');
  writeFileSync(join(folder, 'config'), '[default]\nregion = eu-west-3\n[profile team]\nregion = eu-west-2\n');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const from = (settings: Readonly<Record<string, string>>) => ({
  setting: (name: string) => ({ ...files, ...settings })[name],
});
const keys = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' };

describe('the region', () => {
  it.each([
    { account: { region: 'us-east-1' }, settings: { AWS_REGION: 'us-east-2' }, want: 'us-east-1' },
    { account: {}, settings: { AWS_REGION: 'us-east-2', AWS_DEFAULT_REGION: 'us-west-1' }, want: 'us-east-2' },
    { account: { profile: 'team' }, settings: { AWS_DEFAULT_REGION: 'us-west-1' }, want: 'us-west-1' },
    { account: { profile: 'team' }, settings: {}, want: 'eu-west-2' },
    { account: {}, settings: { AWS_PROFILE: 'team' }, want: 'eu-west-2' },
    { account: {}, settings: {}, want: 'eu-west-3' },
  ])('of $account with $settings is $want', async ({ account, settings, want }) => {
    expect(await awsRegion(account, from(settings))).toBe(want);
  });

  it('is refused when there is none, or what is there is none', async () => {
    await expect(awsRegion({ profile: 'nobody' }, from({}))).rejects.toThrow('could not find an AWS region');
    await expect(awsRegion({ region: 'x.evil.example/' }, from({}))).rejects.toThrow(
      '"x.evil.example/" is not an AWS region',
    );
  });
});

describe('credentials', () => {
  it.each([
    { account: {}, settings: keys, want: { accessKeyId: 'A', secretAccessKey: 'S' } },
    { account: {}, settings: { ...keys, AWS_SESSION_TOKEN: 'T' }, want: { accessKeyId: 'A', sessionToken: 'T' } },
    { account: { profile: 'team' }, settings: keys, want: { accessKeyId: 'FILE', secretAccessKey: 'FILE-SECRET' } },
    { account: {}, settings: { AWS_PROFILE: 'team' }, want: { accessKeyId: 'FILE', secretAccessKey: 'FILE-SECRET' } },
    { account: {}, settings: { ...keys, AWS_PROFILE: 'team' }, want: { accessKeyId: 'A', secretAccessKey: 'S' } },
  ])('of $account with $settings', async ({ account, settings, want }) => {
    expect(await awsIdentity(account, 'us-east-1', from(settings))).toMatchObject(want);
  });

  it('that cannot be had are said to be so', async () => {
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true'); // the last link of the chain would ask the network
    await expect(awsIdentity({ profile: 'nobody' }, 'us-east-1', from(keys))).rejects.toThrow(
      'cannot get AWS credentials of profile "nobody": ',
    );
  });
});
