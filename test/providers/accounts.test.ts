import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, type Accounts, accountMistakes } from '../../providers/accounts.ts';
import type { ProvidersOptions } from '../../providers/create-providers.ts';
import { providerSchemas, registry } from '../../providers/registry.ts';
import { kindSchemas } from '../../services/admission/kind-schemas.ts';
import { readConfig } from '../../services/config/read-config.ts';
import type { ProviderSpec } from '../../services/domain/template.ts';
import { codeBlocks } from '../house/markdown.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { callFor, testProviders } from '../support/providers.ts';

let folder: string;
let server: TestServer;
let seen: { url: string; headers: Record<string, unknown> }[];
let status = 200;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-accounts-'));
  writeFileSync(join(folder, 'token'), 'from-the-file\n');
  server = await serve((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    const echo = JSON.stringify(request.headers);
    if (status !== 200) response.writeHead(status).end(echo);
    else if (/\/api\/v1\/query\b/.test(request.url ?? '') && !request.headers['dd-api-key'])
      response.end('{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}');
    else response.end(`{"status":"ok","series":[],"echo":${echo}}`);
  });
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  seen = [];
  status = 200;
});

const accountsAt = (url: string): Accounts => ({
  prod: {
    provider: 'prometheus',
    fields: {
      address: url,
      headers: [
        { key: 'X-File', value: { file: join(folder, 'token') } },
        { key: 'X-Env', value: { env: 'PROD_TOKEN' } },
        { key: 'X-Secret', value: { secret: 'prod/token' } },
        { key: 'X-Other', value: { secret: 'shop/prod/token' } },
      ],
    },
  },
  open: { provider: 'prometheus', fields: { address: url, timeout: 5 } },
  eu: {
    provider: 'datadog',
    credentials: { 'api-key': { env: 'PROD_TOKEN' }, 'app-key': 'app-from-text', address: url },
  },
  broken: { provider: 'prometheus', fields: { address: url, headers: [{ key: 'a', value: { env: 'UNSET' } }] } },
  noFile: { provider: 'prometheus', fields: { address: { file: '/nowhere/at-all' } } },
  noKey: { provider: 'prometheus', fields: { address: { secret: 'prod/nothing' } } },
  noSecret: { provider: 'prometheus', fields: { address: { secret: 'nobody/key' } } },
});

const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'argo-rollouts/prod': { token: 'from-the-controllers-secret' },
  'shop/prod': { token: 'from-the-shops-secret' },
  'argo-rollouts/own': { 'api-key': 'own-api', 'app-key': 'own-app' },
};
const SETTINGS: Readonly<Record<string, string>> = {
  PROD_TOKEN: 'from-the-environment',
  DD_API_KEY: 'env-api',
  DD_APP_KEY: 'env-app',
};

function measure(spec: ProviderSpec, more: Partial<ProvidersOptions> = {}) {
  const providers = testProviders({
    accounts: accountsAt(server.url),
    setting: (name) => (name === 'DD_ADDRESS' ? server.url : SETTINGS[name]),
    secrets: { read: async (namespace, name) => SECRETS[`${namespace}/${name}`] },
    ...more,
  });
  return providers.measure(callFor(spec)).finally(() => providers.close());
}

describe('an account', () => {
  it('gives what the template leaves out, from environment, file and Secret', async () => {
    await measure({ prometheus: { account: 'prod', query: 'up' } });
    expect(seen[0]?.headers).toMatchObject({
      'x-file': 'from-the-file',
      'x-env': 'from-the-environment',
      'x-secret': 'from-the-controllers-secret',
      'x-other': 'from-the-shops-secret',
    });
  });

  it("comes after the template, and before Argo's own defaults", async () => {
    const headers = [{ key: 'X-Mine', value: 'mine' }];
    await measure({ prometheus: { account: 'prod', query: 'up', headers } });
    expect(seen[0]?.headers).toMatchObject({ 'x-mine': 'mine' });
    expect(seen[0]?.headers).not.toHaveProperty('x-env');

    await measure({ datadog: { account: 'eu', query: 'q' } });
    expect(seen[1]?.headers).toMatchObject({
      'dd-api-key': 'from-the-environment',
      'dd-application-key': 'app-from-text',
    });

    await measure({ datadog: { account: 'eu', query: 'q', secretRef: { name: 'own' } } }).catch(() => {});
    await measure({ datadog: { query: 'q' } });
    expect(seen.at(-1)?.headers).toMatchObject({ 'dd-api-key': 'env-api' });
  });

  it('keeps its credentials from other servers', async () => {
    const spec = { prometheus: { account: 'prod', query: 'up', address: 'http://127.0.0.1:1' } };
    await expect(measure(spec)).rejects.toMatchObject({
      kind: 'refused',
      message: `account "prod": is for ${server.url}, not for http://127.0.0.1:1: leave address out`,
    });
    expect(seen).toEqual([]);
    // Without credentials there is nothing to keep.
    await measure({ prometheus: { account: 'open', query: 'up', address: `${server.url}/prefix` } });
    expect(seen[0]?.url).toContain('/prefix/api/v1/query');
  });

  it.each<{ name: string; account: Account; written: object; says: string }>([
    {
      name: 'as a server for tokens, which gets the headers, too',
      account: {
        provider: 'prometheus',
        fields: { address: 'SERVER', headers: [{ key: 'Authorization', value: 'x' }] },
      },
      written: { query: 'up', authentication: { oauth2: { tokenUrl: 'http://127.0.0.1:1/token', clientId: 'c' } } },
      says: 'has no authentication.oauth2.tokenUrl of its own, not for http://127.0.0.1:1: leave authentication.oauth2.tokenUrl out, or set it in the account',
    },
    {
      name: 'as the address of an account without one',
      account: { provider: 'prometheus', fields: { headers: [{ key: 'Authorization', value: 'x' }] } },
      written: { query: 'up', address: 'http://127.0.0.1:1' },
      says: 'has no address of its own, not for http://127.0.0.1:1: leave address out, or set it in the account',
    },
    {
      name: 'as the address of an account with a realm',
      account: { provider: 'signalFx', fields: { realm: 'us1' }, credentials: { sf_token_key: 'x' } },
      written: { program: 'p', address: 'http://127.0.0.1:1' },
      says: 'has no address of its own, not for http://127.0.0.1:1',
    },
    {
      name: 'as a realm that is a host',
      account: { provider: 'signalFx', fields: { realm: 'us1' }, credentials: { sf_token_key: 'x' } },
      written: { program: 'p', realm: 'x.127.0.0.1.example/?' },
      says: 'is not for realm "x.127.0.0.1.example/?": leave realm out, or set it in the account',
    },
    {
      name: "as the address of Flagger's provider",
      account: { provider: 'flagger', credentials: { username: 'u', password: 'p' } },
      written: { query: 'up', provider: { type: 'prometheus', address: 'SERVER', secretRef: { name: 'x' } } },
      says: 'has no provider.address of its own',
    },
    {
      name: 'as an address without a scheme',
      account: { provider: 'wavefront', fields: { address: 'own:443' }, credentials: { 'own:443': 'x' } },
      written: { query: 'q', address: 'other:443' },
      says: 'is for own:443, not for other:443: leave address out',
    },
  ])('keeps its credentials from a server written $name', async ({ account, written, says }) => {
    const atServer = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('SERVER', server.url)) as T;
    const spec = { [account.provider]: { account: 'own', ...atServer(written) } };
    await expect(measure(spec, { accounts: { own: atServer(account) } })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`account "own": ${says}`),
    });
    expect(seen).toEqual([]);
  });

  it.each<{ name: string; account: Account; written: object }>([
    {
      name: 'the address that its credentials name',
      account: { provider: 'elasticsearch', credentials: { 'api-key': 'x', address: 'SERVER' } },
      written: { query: '{}', address: 'SERVER' },
    },
    {
      name: "its own address, and the template's own user",
      account: {
        provider: 'prometheus',
        fields: { address: 'SERVER', headers: [{ key: 'X-Scope-OrgID', value: 'x' }] },
      },
      written: { query: 'up', authentication: { basicAuth: { username: 'u', password: 'p' } } },
    },
    {
      name: "the template's address, with the template's Secret",
      account: { provider: 'elasticsearch', credentials: { 'api-key': 'x' } },
      written: { query: '{}', address: 'SERVER', secretRef: { name: 'own' } },
    },
    {
      name: "the address of its Flagger's provider",
      account: {
        provider: 'flagger',
        fields: { provider: { type: 'prometheus', address: 'SERVER' } },
        credentials: { token: 'x' },
      },
      written: { query: 'up', provider: { type: 'prometheus', address: 'SERVER/prefix', secretRef: { name: 'x' } } },
    },
    {
      name: 'the address that is the key of a token',
      account: { provider: 'wavefront', credentials: { SERVER: 'x' } },
      written: { query: 'q', address: 'SERVER' },
    },
  ])('is used for $name', async ({ account, written }) => {
    const atServer = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('SERVER', server.url)) as T;
    const spec = { [account.provider]: { account: 'own', ...atServer(written) } };
    await measure(spec, { accounts: { own: atServer(account) } }).catch(() => {});
    expect(seen).toHaveLength(1);
  });

  it('does not share its answers with another account', async () => {
    const accounts = { ...accountsAt(server.url), second: accountsAt(server.url)['prod']! };
    const providers = testProviders({
      accounts,
      setting: (name) => SETTINGS[name],
      secrets: { read: async (namespace, name) => SECRETS[`${namespace}/${name}`] },
      planner: { shareWindowMs: 60_000, limits: () => ({ concurrency: 10, requestsPerSecond: 0, retries: 0 }) },
    });
    for (const [index, account] of ['prod', 'second', 'prod'].entries()) {
      const run = { uid: `run-${index}`, name: 'run', namespace: 'default' };
      await providers.measure(callFor({ prometheus: { account, query: 'up' } }, { run }));
    }
    providers.close();
    expect(seen).toHaveLength(2);
  });

  it('shares neither answers nor pauses with a Secret of its name', async () => {
    const told: string[] = [];
    const providers = testProviders({
      accounts: { eu: { provider: 'datadog', credentials: { 'api-key': 'a', 'app-key': 'b', address: server.url } } },
      secrets: { read: async () => ({ 'api-key': 'c', 'app-key': 'd', address: server.url }) },
      planner: {
        shareWindowMs: 60_000,
        limits: () => ({ concurrency: 10, requestsPerSecond: 0, retries: 0 }),
      },
      onCall: ({ account }) => told.push(account),
    });
    const blocks = [{ account: 'eu' }, { secretRef: { name: 'eu' } }];
    for (const [index, block] of blocks.entries()) {
      const run = { uid: `run-${index}`, name: 'run', namespace: 'default' };
      await providers.measure(callFor({ datadog: { ...block, query: 'q' } }, { run })).catch(() => {});
    }
    providers.close();
    expect(seen.map(({ headers }) => headers['dd-api-key'])).toEqual(['a', 'c']);
    expect(told).toEqual(['datadog account eu', 'datadog eu']);
  });

  it.each([
    { account: 'nobody', says: 'account "nobody": is not configured; for prometheus there is prod, open' },
    { account: 'eu', says: 'account "eu": is for datadog, not for prometheus' },
    { account: 'toString', says: 'account "toString": is not configured' },
    { account: 'broken', says: 'account "broken": environment variable UNSET is not set' },
    { account: 'noFile', says: 'account "noFile": file /nowhere/at-all cannot be read (ENOENT)' },
    { account: 'noKey', says: `account "noKey": key 'nothing' does not exist in secret 'prod'` },
    { account: 'noSecret', says: 'secrets "nobody" not found' },
  ])('$account cannot be used, and that says why', async ({ account, says }) => {
    await expect(measure({ prometheus: { account, query: 'up' } })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(says),
    });
  });

  it('is shown nowhere, though the source repeats what it was sent', async () => {
    status = 403;
    for (const spec of [{ datadog: { account: 'eu', query: 'q' } }, { prometheus: { account: 'prod', query: 'up' } }]) {
      const error = (await measure(spec).catch((reason: unknown) => reason)) as Error;
      expect(error.message.length).toBeGreaterThan(0);
      expect(`${error.message}${JSON.stringify(error)}${error.cause}`).not.toMatch(
        /from-the-(environment|file|controllers|shops)|app-from-text/,
      );
    }
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });
});

describe('the settings of accounts', () => {
  it.each([
    {
      accounts: { a: { provider: 'promethus' } },
      says: 'accounts.a.provider: "promethus" is no provider; one of datadog',
    },
    { accounts: { a: { provider: 'datadog', credentials: { k: 5 } } }, says: 'accounts.a.credentials.k: must be text' },
    { accounts: { a: { provider: 'datadog', credentials: { k: { secret: 'x' } } } }, says: 'must read NAME/KEY' },
    { accounts: { a: { provider: 'datadog', fields: { account: 'b' } } }, says: 'an account cannot name another' },
  ])('$says', ({ accounts, says }) => {
    expect(accountMistakes(accounts as Accounts, ['datadog']).join()).toContain(says);
  });

  it('are right in the README', async () => {
    const text = codeBlocks(readFileSync('README.md', 'utf8'), 'yaml').find((block) => block.includes('accounts:'));
    const file = join(folder, 'readme.yaml');
    writeFileSync(file, text ?? '');
    const { accounts } = await readConfig({ config: file }, {});
    expect(Object.keys(accounts)).toEqual(['prod', 'datadog-eu']);
    expect(accountMistakes(accounts, Object.keys(registry))).toEqual([]);
  });

  it('are right as above', () => {
    expect(accountMistakes(accountsAt('http://x'), ['prometheus', 'datadog'])).toEqual([]);
  });
});

it('every block but plugin may name an account, which templates are admitted with', () => {
  const { provider } = kindSchemas({ ...providerSchemas }).AnalysisTemplate.properties!['spec']!.properties!['metrics']!
    .items!.properties!;
  const blocks = provider!.properties!;
  const without = Object.entries(blocks).filter(([, { properties: fields = {} }]) => !('account' in fields));
  expect(without.map(([member]) => member)).toEqual(['plugin']);
});
