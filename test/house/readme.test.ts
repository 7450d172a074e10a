/** What the READMEs say is run, or held to the code that it tells of. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EXIT } from '../../services/cli/command.ts';
import { COMMANDS } from '../../services/cli/commands.ts';
import { readConfig } from '../../services/config/read-config.ts';
import { type NotificationSettings, notificationMistakes } from '../../services/notify/settings.ts';
import { openShop, type Shop } from '../demo/shop.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { findKubectl } from '../support/kubectl.ts';
import { startRedis } from '../support/redis.ts';
import { codeBlocks, tableRows } from './markdown.ts';

const README = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
/** Commands that run on by themselves, or for long: they have tests of their own. */
const LONG = /^npm (?:start|test|run (?:demo|shop|check|fix|bench))$/;

describe('README.md', () => {
  let assay: AssayServer;
  let shop: Shop;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'assay-readme-'));
    symlinkSync(resolve(await which(findKubectl())), join(home, 'kubectl'));
    shop = await openShop({ release: '1.1', listen: '127.0.0.1:0' });
    assay = await startAssay();
  });
  afterAll(async () => {
    await Promise.all([assay?.stop(), shop?.close()]);
    rmSync(home, { recursive: true });
  });

  it('has commands that work as they stand, one block after the other', { timeout: 120_000 }, async () => {
    const commands = codeBlocks(README, 'sh').flatMap((block) =>
      block.split('\n').filter((line) => !LONG.test(line.trim())),
    );
    const script = commands
      .join('\n')
      .replaceAll('http://127.0.0.1:8090', assay.url)
      .replaceAll('http://127.0.0.1:8080', shop.url);
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-euo', 'pipefail', '-c', `shopt -s expand_aliases\n${script}`],
      {
        env: {
          ...process.env,
          PATH: `${home}:${process.env['PATH']}`,
          HOME: home,
          KUBECONFIG: '/dev/null',
          ASSAY_SERVER: assay.url,
        },
      },
    );
    expect(stdout).toContain('analysisrun.argoproj.io/first-look condition met');
    expect(stdout).toContain('assay_runs{phase="Successful"} 1');
  });

  it('has an example for the intake queue that works as it stands', { timeout: 60_000 }, async () => {
    const redis = await startRedis();
    const server = await startAssay({ flags: ['--redis', redis.url] });
    const template = parse(readFileSync('openapi/examples/web-check.yaml', 'utf8')) as object;
    await fetch(`${server.url}/apis/argoproj.io/v1alpha1/namespaces/default/analysistemplates`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(template),
    });
    const [example] = codeBlocks(README, 'js');
    const script = example!.replace('redis://127.0.0.1:6379', redis.url).replace('http://127.0.0.1:8080', shop.url);
    const node = [process.execPath, '--input-type=module', '--eval', script] as const;
    const { stdout } = await promisify(execFile)(node[0], node.slice(1));
    expect(stdout).toContain('Waiting for its first pass');
    expect(stdout).toMatch(/^Successful web-check-\w+ Metric "failed-orders" Successful: .*3 samples/m);
    await server.stop();
    await redis.stop();
  });

  it('names npm scripts that exist', () => {
    const named = [...README.matchAll(/npm (?:run (?:-s )?)?(start|test|\w+)\b/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(8);
    for (const name of named.filter((word) => word !== 'run')) expect(Object.keys(scripts)).toContain(name);
  });

  it('has a settings file that is accepted', async () => {
    const text = codeBlocks(README, 'yaml').find((block) => block.startsWith('# assay.yaml'));
    expect(parse(text!)).toMatchObject({ listen: '127.0.0.1:8090' });
    const file = join(home, 'assay.yaml');
    await promisify(execFile)('bash', ['-c', 'cat > "$0" <<< "$1"', file, text!]);
    expect(await readConfig({ config: file }, {})).toMatchObject({ planner: { shareWindow: '1s', concurrency: 20 } });
  });

  it('has settings of notifications that are accepted', async () => {
    const text = codeBlocks(README, 'yaml').find((block) => block.startsWith('publicUrl'));
    const file = join(home, 'notifications.yaml');
    writeFileSync(file, text!);
    const { notifications } = await readConfig({ config: file }, {});
    expect(Object.keys(notifications.services)).toHaveLength(6);
    expect(notificationMistakes(notifications as NotificationSettings)).toEqual([]);
  });

  it('lists every command of the command line', () => {
    const listed = tableRows(README).filter(([cell]) =>
      COMMANDS.some(({ name }) => new RegExp(`^\`${name}[ \`]`).test(cell!)),
    );
    expect(listed).toEqual(
      COMMANDS.map(({ name, parameters, summary }) => [`\`${`${name} ${parameters}`.trim()}\``, summary]),
    );
  });

  it('lists every exit code', () => {
    const listed = tableRows(README).filter(([cell]) => /^\d$/.test(cell!));
    expect(listed.map(([code]) => Number(code))).toEqual(Object.values(EXIT));
    for (const phase of ['Successful', 'Failed', 'Inconclusive', 'Error'] as const)
      expect(listed).toContainEqual([String(EXIT[phase]), phase]);
  });

  it('names paths of the API that are there', () => {
    const openapi = parse(readFileSync('openapi/openapi.yaml', 'utf8')) as { paths: Record<string, unknown> };
    const paths = tableRows(README)
      .flatMap(([cell]) => [...cell!.matchAll(/`(\/[^`]+)`/g)])
      .map(([, path]) => path!);
    expect(paths.length).toBeGreaterThan(4);
    expect(Object.keys(openapi.paths)).toEqual(expect.arrayContaining(paths));
  });
});

describe('every README', () => {
  it.each(globSync('{,services/**/,providers/**/,test/**/,openapi/**/}*.md'))(
    '%s links to files that exist',
    (file) => {
      const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => link!);
      for (const link of links) expect(existsSync(join(dirname(file), link)), link).toBe(true);
    },
  );
});

async function which(program: string): Promise<string> {
  return (await promisify(execFile)('which', [program])).stdout.trim();
}
