import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serveCommand } from '../support/assay-server.ts';
import { STAGES, shopCommand } from './stage.ts';

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly command?: string; readonly image: string; readonly profiles?: readonly string[] }>
  >;
  readonly configs: { readonly prometheus: { readonly content: string } };
}

const TEXT = readFileSync('docker-compose.yml', 'utf8');
const { services, configs } = parse(TEXT, { merge: true }) as Compose;
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

interface Message {
  readonly type: string;
  readonly message: string;
}

/** What the linter calls errors: the schema of the Compose specification, and names that clash. Its taste in order is not ours. */
function errors(file: string): string[] {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  const results = linter.lintFiles([file], false) as readonly { readonly messages: readonly Message[] }[];
  const messages = results.flatMap((result) => result.messages);
  return messages.filter(({ type }) => type === 'error').map(({ message }) => message);
}

describe('docker-compose.yml', () => {
  it('fits the Compose schema', () => {
    expect(errors('docker-compose.yml')).toEqual([]);
  });

  it('would not pass with a field that Compose does not have', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-compose-'));
    const file = join(folder, 'docker-compose.yml');
    writeFileSync(file, TEXT.replace('ports:', 'prots:'));
    expect(errors(file).join()).toContain('must NOT have additional properties');
    rmSync(folder, { recursive: true });
  });

  const REDIS = ['--redis', 'redis://redis:6379'];
  const PORTS = { assay: '0.0.0.0:8090', shop: '0.0.0.0:8080' };
  it.each([
    { service: 'assay', runs: serveCommand(PORTS.assay, '/data') },
    { service: 'shop-stable', runs: shopCommand(PORTS.shop, '1.0') },
    { service: 'shop-canary', runs: shopCommand(PORTS.shop, '1.1') },
    { service: 'shop-faulty', runs: shopCommand(PORTS.shop, '1.2') },
    { service: 'api-1', runs: [...serveCommand(PORTS.assay, '/data', 'api'), ...REDIS] },
    { service: 'api-2', runs: [...serveCommand(PORTS.assay, '/data', 'api'), ...REDIS] },
    { service: 'worker', runs: ['services/start.mjs', 'worker', '--data', '/data', ...REDIS] },
    { service: 'install', runs: ['test/support/setup.mjs', 'packages'] },
  ])('$service runs what the demo runs', ({ service, runs }) => {
    const [, script, args] =
      /^npm (?:run )?(?:-s )?(\w+) (?:-s )?-- (.*)$/.exec(services[service]?.command ?? '') ?? [];
    expect(`${scripts[script!]} ${args}`).toBe(`node ${runs.join(' ')}`);
  });

  it('has Prometheus scrape the shops under the labels of the demo', () => {
    const { scrape_configs: jobs } = parse(configs.prometheus.content) as {
      scrape_configs: { static_configs: { targets: string[]; labels: object }[] }[];
    };
    const targets = jobs.flatMap((job) => job.static_configs);
    expect(targets.map(({ labels }) => labels)).toEqual(
      STAGES.map(({ release, track }) => ({ version: release, track })),
    );
    for (const [host] of targets.map(({ targets: [target] }) => target!.split(':')))
      expect(Object.keys(services)).toContain(host);
  });

  it('knows every service that is named above', () => {
    expect(Object.keys(services).sort()).toEqual([
      'api-1',
      'api-2',
      'assay',
      'balancer',
      'install',
      'prometheus',
      'redis',
      'shop-canary',
      'shop-faulty',
      'shop-stable',
      'worker',
    ]);
  });

  it('starts many processes only when asked to, over a Redis that loses nothing', () => {
    const many = Object.keys(services).filter((name) => services[name]!.profiles?.includes('many'));
    expect(many.toSorted()).toEqual(['api-1', 'api-2', 'balancer', 'redis', 'worker']);
    expect(services['worker']).toMatchObject({ deploy: { replicas: 3 } });
    const settings = services['redis']!.command!;
    for (const setting of ['--appendonly yes', '--appendfsync always', '--maxmemory-policy noeviction'])
      expect(settings).toContain(setting);
  });
});
