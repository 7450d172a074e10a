import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { printableConfig } from '../../../services/config/print-config.ts';
import { ConfigError, readConfig, SETTINGS } from '../../../services/config/read-config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(document: unknown): string {
  const name = join(folder, `${Math.random()}.yaml`);
  writeFileSync(name, typeof document === 'string' ? document : stringify(document));
  return name;
}

async function mistakesOf(...given: Parameters<typeof readConfig>): Promise<readonly string[]> {
  const error = await readConfig(...given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).mistakes;
}

describe('readConfig', () => {
  it('has safe defaults: loopback only, metadata addresses denied, no retries', async () => {
    const config = await readConfig({}, {});
    expect(config.listen).toBe('127.0.0.1:8090');
    expect(config.outbound).toEqual({
      allow: [],
      deny: ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254', '100.100.100.200'],
    });
    expect(config.planner).toEqual({
      shareWindow: '1s',
      concurrency: 20,
      requestsPerSecond: 0,
      retries: 0,
      accounts: {},
    });
    expect(config.secrets).toBeUndefined();
  });

  it('lets flags beat the environment and the environment beat the file', async () => {
    const config = file({ listen: '0.0.0.0:1', data: 'from-file', logLevel: 'warn' });
    const environment = { ASSAY_LISTEN: '0.0.0.0:2', ASSAY_DATA: 'from-environment', ASSAY_CONFIG: config };
    const read = await readConfig({ listen: '0.0.0.0:3' }, environment);
    expect([read.listen, read.data, read.logLevel]).toEqual(['0.0.0.0:3', 'from-environment', 'warn']);
  });

  it('keeps what a table of the file says beside what a flag says of the same table', async () => {
    const config = file({ planner: { retries: 2, accounts: { 'http://prometheus': { concurrency: 3 } } } });
    const read = await readConfig({ config, 'planner-share-window': '0' }, {});
    expect(read.planner).toMatchObject({
      retries: 2,
      shareWindow: '0',
      accounts: { 'http://prometheus': { concurrency: 3 } },
    });
  });

  it('takes lists from flags and variables with commas, and from a flag given twice', async () => {
    const read = await readConfig(
      { 'outbound-allow': ['10.0.0.0/8', '192.0.2.7'] },
      { ASSAY_OUTBOUND_DENY: '::1/128, 127.0.0.1' },
    );
    expect(read.outbound).toEqual({ allow: ['10.0.0.0/8', '192.0.2.7'], deny: ['::1/128', '127.0.0.1'] });
  });

  it.each([
    { flags: { 'kayenta-cors': true }, environment: {}, want: true },
    { flags: {}, environment: { ASSAY_KAYENTA_CORS: 'true' }, want: true },
    { flags: {}, environment: { ASSAY_KAYENTA_CORS: 'false' }, want: false },
  ])('reads a switch: $flags $environment', async ({ flags, environment, want }) => {
    expect((await readConfig(flags, environment)).kayenta.cors).toBe(want);
  });

  it('gives provider settings by their names, the variable before the file', async () => {
    const config = file({ providers: { DD_API_KEY: 'file', DD_APP_KEY: 'app' } });
    const { setting } = await readConfig({ config }, { DD_API_KEY: 'variable', DD_APP_KEY: '' });
    expect([setting('DD_API_KEY'), setting('DD_APP_KEY'), setting('DD_ADDRESS')]).toEqual([
      'variable',
      'app',
      undefined,
    ]);
  });

  it('tells an empty DD_ADDRESS from none, as Argo does', async () => {
    const { setting } = await readConfig({}, { DD_API_KEY: 'a', DD_APP_KEY: '', DD_ADDRESS: '' });
    expect([setting('DD_API_KEY'), setting('DD_APP_KEY'), setting('DD_ADDRESS')]).toEqual(['a', undefined, '']);
  });

  it.each([
    { name: 'an address without port', flags: { listen: 'localhost' }, wants: '--listen: "localhost" is no HOST:PORT' },
    { name: 'a port out of range', flags: { listen: 'a:70000' }, wants: '--listen: "a:70000" is no HOST:PORT' },
    {
      name: 'a word for a number',
      flags: { 'planner-concurrency': 'many' },
      wants: '--planner-concurrency: "many" is no whole number',
    },
    { name: 'too few', flags: { 'planner-concurrency': '0' }, wants: '--planner-concurrency: 0 is below 1' },
    { name: 'a duration with blanks', flags: { 'planner-share-window': '1 s' }, wants: '"1 s" is no duration' },
    {
      name: 'a range that is none',
      flags: { 'outbound-deny': '10.0.0.0/33' },
      wants: '--outbound-deny[0]: "10.0.0.0/33" is no IP address or range',
    },
    { name: 'an unknown level', flags: { 'log-level': 'loud' }, wants: '--log-level: "loud" is none of trace, debug' },
    {
      name: 'a switch that is neither',
      flags: { 'kayenta-cors': 'yes' },
      wants: '--kayenta-cors: "yes" is neither true nor false',
    },
    {
      name: 'a Redis that is none, without its password',
      flags: { redis: 'http://user:pass@redis' },
      wants: '--redis: "http://*****@redis" is no Redis address such as redis://HOST:6379',
    },
    {
      name: 'a Redis password with a slash in it, which is no address',
      flags: { redis: 'redis://:ab/cd@redis' },
      wants: '--redis: "redis://*****@redis" is no Redis address such as redis://HOST:6379',
    },
    { name: 'an empty folder', flags: { data: '' }, wants: '--data: must not be empty' },
  ])('refuses $name, and says what is wanted', async ({ flags, wants }) => {
    expect(await mistakesOf(flags, {})).toEqual([expect.stringContaining(wants)]);
  });

  it('reports every mistake at once, each with its source', async () => {
    const config = file({
      listn: 'x',
      planner: { retries: 'often', shareWindw: '1s' },
      providers: { A: 1 },
      outbound: [],
    });
    const mistakes = await mistakesOf({ config, listen: 'x' }, { ASSAY_DTA: 'y' });
    expect(mistakes.map((mistake) => mistake.replace(config, 'FILE').split(';')[0])).toEqual([
      'FILE: listn: no such setting',
      'FILE: planner.retries: "often" is no whole number',
      'FILE: planner.shareWindw: no such setting',
      'FILE: providers.A: 1 is no text',
      'FILE: outbound: [] is no map',
      '--listen: "x" is no HOST:PORT such as 127.0.0.1:8090 or [::1]:8090',
      'ASSAY_DTA: no such setting',
    ]);
  });

  it.each([
    { name: 'a file that does not exist', config: () => join(folder, 'nothing.yaml'), wants: 'ENOENT' },
    { name: 'a file that is no YAML', config: () => file('a: [1'), wants: 'line' },
    { name: 'a file that is a list', config: () => file('[1]'), wants: 'is no map' },
  ])('refuses $name', async ({ config, wants }) => {
    expect(await mistakesOf({ config: config() }, {})).toEqual([expect.stringContaining(wants)]);
  });
});

describe('printableConfig', () => {
  it('masks provider settings but addresses, and what passwords those hold', async () => {
    const config = file({
      providers: { DD_API_KEY: 'k3y', ARGO_ROLLOUTS_PROMETHEUS_ADDRESS: 'http://user:s3cret@prometheus:9090' },
    });
    const printed = printableConfig(await readConfig({ config }, { DD_APP_KEY: 'hidden' }));
    expect(printed.providers).toEqual({
      DD_API_KEY: '*****',
      ARGO_ROLLOUTS_PROMETHEUS_ADDRESS: 'http://*****@prometheus:9090',
    });
    expect(JSON.stringify(printed)).not.toMatch(/k3y|s3cret|hidden/u);
  });

  it('shows Redis without user and password', async () => {
    const printed = printableConfig(await readConfig({ redis: 'rediss://user:pass@redis:6380/1' }, {}));
    expect(printed.redis).toBe('rediss://*****@redis:6380/1');
  });

  it('reads back as the same configuration', async () => {
    const first = await readConfig({ listen: '[::1]:9', 'outbound-allow': '10.0.0.1', secrets: 'etc' }, {});
    const config = file(printableConfig(first));
    expect(printableConfig(await readConfig({ config }, {}))).toEqual(printableConfig(first));
  });
});

it('every setting has one flag and one variable of its own', () => {
  expect(new Set(SETTINGS.map(({ flag }) => flag)).size).toBe(SETTINGS.length);
  expect(SETTINGS.map(({ variable }) => variable)).toContain('ASSAY_PLANNER_SHARE_WINDOW');
});
