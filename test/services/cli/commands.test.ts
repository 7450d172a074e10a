import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { assay } from '../../support/assay-command.ts';
import { type AssayServer, startAssay } from '../../support/assay-server.ts';

let folder: string;
let source: Server;
let port: number;

/** `/3` answers 3; `/token` what it was sent; anything else 404. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-cli-'));
  source = createServer((request, response) => {
    const number = /^\/(\d+)$/u.exec(request.url ?? '')?.[1];
    if (number === undefined) response.writeHead(404).end(`nothing for ${request.headers['x-token'] ?? 'you'}`);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ value: Number(number) }));
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  port = (source.address() as AddressInfo).port;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => source.close(resolve));
});

function file(...documents: object[]): string {
  const name = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
  writeFileSync(name, documents.map((document) => stringify(document)).join('---\n'));
  return name;
}

const apiVersion = 'argoproj.io/v1alpha1';
const web = (path: string) => ({ web: { url: `http://127.0.0.1:${port}/${path}`, jsonPath: '{$.value}' } });

function template(name: string, metric: object, args: object[] = []) {
  return {
    apiVersion,
    kind: 'AnalysisTemplate',
    metadata: { name },
    spec: { args, metrics: [{ name: 'm', ...metric }] },
  };
}
const pass = () => template('pass', { successCondition: 'result == 3', provider: web('3') });
const fail = () => template('fail', { successCondition: 'result == 3', provider: web('4') });

describe('wrong usage exits 4 and says what would be right', () => {
  it.each([
    { args: ['frobnicate'], says: 'no command "frobnicate"', fix: 'one of serve, api, worker, run' },
    { args: ['run'], says: 'FILE is missing', fix: 'assay run FILE' },
    { args: ['run', 'a', 'b'], says: '"b" is one word too many', fix: 'assay run FILE' },
    { args: ['wait', 'x', '--tiemout', '3s'], says: "Unknown option '--tiemout'", fix: 'assay help wait' },
    { args: ['wait', 'x', '--timeout', '5 mins'], says: '"5 mins" is no duration', fix: '90s' },
    { args: ['run', 'nothing.yaml'], says: 'nothing.yaml: no such file' },
    { args: ['get', 'pods'], says: 'no kind "pods"', fix: 'analysisruns' },
    { args: ['get', '-o', 'wide'], says: '"wide" is no format', fix: 'table, name, json, yaml' },
    { args: ['create'], says: 'one of --from or --from-file must be specified' },
    { args: ['create', '--from', 'a', '--from-file', 'b'], says: 'one of --from or --from-file must be specified' },
    { args: ['create', '--from', 'a', '-a', 'x'], says: 'arguments must be in the form NAME=VALUE' },
    { args: ['eval', 'true', '{'], says: 'the value is no JSON' },
    { args: ['status', 'x', '--server', 'ftp://x'], says: '"ftp://x" is no server address', fix: '' },
    { args: ['config', '--listen', 'x', '--log-level', 'y'], says: '--listen: "x" is no HOST:PORT' },
  ])('assay $args', async ({ args, says, fix = '' }) => {
    const { code, out, err } = await assay(args);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain(says);
    expect(err).toContain(fix);
  });

  it('reports all mistakes in the settings at once', async () => {
    const { code, err } = await assay(['serve', '--listen', 'x'], { env: { ASSAY_DTA: 'y', ASSAY_LOG_LEVEL: 'loud' } });
    expect(code).toBe(4);
    expect(err).toMatch(/--listen.*\n.*ASSAY_LOG_LEVEL.*\n.*ASSAY_DTA/u);
  });
});

describe('assay config', () => {
  it('prints the settings in force without secrets', async () => {
    const config = file({ providers: { DD_API_KEY: 'top-secret' }, logLevel: 'warn' });
    const { code, out, err } = await assay(['config', '--config', config, '--listen', '[::1]:7'], {
      env: { DD_APP_KEY: 'hidden' },
    });
    expect(code).toBe(0);
    expect(out).toContain('logLevel: warn');
    expect(out).toContain('"[::1]:7"');
    expect(out).toMatch(/DD_API_KEY: "?\*{5}/u);
    expect(out + err).not.toMatch(/top-secret|hidden/u);
  });
});

describe('assay run, in process', () => {
  it.each([
    { name: 'Successful', document: pass, code: 0 },
    { name: 'Failed', document: fail, code: 1 },
    {
      name: 'Inconclusive',
      document: () =>
        template('unsure', { successCondition: 'result == 1', failureCondition: 'result == 2', provider: web('3') }),
      code: 2,
    },
    {
      name: 'Error',
      document: () =>
        template('broken', { consecutiveErrorLimit: 0, successCondition: 'result == 3', provider: web('nothing') }),
      code: 3,
    },
  ])('exits $code for $name, with the value and the condition', async ({ name, document, code }) => {
    const result = await assay(['run', file(document())]);
    expect(result.code).toBe(code);
    expect(result.out).toMatch(new RegExp(`${name}  m #1`, 'u'));
    expect(result.out).toContain('successCondition result ==');
    expect(result.out.trimEnd().split('\n').length).toBeGreaterThan(2);
  });

  it('prints JSON lines, one for each measurement and the verdict last', async () => {
    const { code, out } = await assay(['run', '-o', 'json', file(fail())]);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      event: 'measurement',
      metric: 'm',
      number: 1,
      dryRun: false,
      measurement: { phase: 'Failed', value: '4' },
      successCondition: 'result == 3',
    });
    expect(lines[1]).toMatchObject({
      event: 'verdict',
      phase: 'Failed',
      message: 'Metric "m" assessed Failed due to failed (1) > failureLimit (0)',
      runSummary: { count: 1, failed: 1 },
      reason: { metric: 'm', value: '4', threshold: { text: 'failed (1) > failureLimit (0)' } },
    });
  });

  it('takes arguments, and combines the templates that the chosen one names', async () => {
    const parent = {
      apiVersion,
      kind: 'AnalysisTemplate',
      metadata: { name: 'parent' },
      spec: { templates: [{ templateName: 'child' }] },
    };
    const child = template('child', { successCondition: 'result == {{args.wanted}}', provider: web('{{args.path}}') }, [
      { name: 'wanted' },
      { name: 'path' },
    ]);
    const documents = file(parent, child);
    const args = ['--arg', 'wanted=7', '-a', 'path=7'];
    expect((await assay(['run', documents, ...args])).err).toContain('choose one with --template: parent, child');
    const { code, out } = await assay(['run', documents, '--template', 'parent', ...args]);
    expect(code).toBe(0);
    expect(out).toContain('successCondition result == 7');
  });

  it('reads secrets from a folder and shows them nowhere', async () => {
    const secrets = join(folder, 'secrets', 'default', 'shop');
    (await import('node:fs')).mkdirSync(secrets, { recursive: true });
    writeFileSync(join(secrets, 'token'), 's3cr3t-token');
    const metric = {
      consecutiveErrorLimit: 0,
      successCondition: 'result == "{{args.token}}"',
      provider: {
        web: {
          url: `http://127.0.0.1:${port}/nothing?{{args.token}}`,
          headers: [{ key: 'x-token', value: '{{args.token}}' }],
        },
      },
    };
    const args = [{ name: 'token', valueFrom: { secretKeyRef: { name: 'shop', key: 'token' } } }];
    const { code, out, err } = await assay([
      'run',
      '--secrets',
      join(folder, 'secrets'),
      file(template('secret', metric, args)),
    ]);
    expect(code).toBe(3);
    expect(out).toContain('*****');
    expect(out + err).not.toContain('s3cr3t-token');
  });

  it.each([
    {
      name: 'an argument is missing',
      document: () => template('open', { provider: web('{{args.path}}') }, [{ name: 'path' }]),
      says: 'args.path was not resolved',
    },
    {
      name: 'nothing declares an argument',
      document: () => template('plain', { provider: web('3') }),
      flags: ['--arg', 'pth=3'],
      says: '--arg: nothing declares "pth"',
    },
    {
      name: 'a placeholder leads nowhere',
      document: () => template('typo', { provider: web('{{args.pth}}') }),
      says: 'failed to resolve {{args.pth}}',
    },
    {
      name: 'a duration cannot be read',
      document: () => template('slow', { count: 2, interval: '5 mins', provider: web('3') }),
      says: 'unknown unit " mins"',
    },
    {
      name: 'a provider is unknown',
      document: () => template('odd', { provider: { promtheus: {} } }),
      says: 'spec.metrics[0].provider',
    },
    {
      name: 'a condition does not parse',
      document: () => template('bad', { successCondition: 'result >', provider: web('3') }),
      says: 'successCondition',
    },
  ])('starts nothing when $name', async ({ document, flags = [], says }) => {
    const { code, out, err } = await assay(['run', file(document()), ...flags]);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain(says);
  });

  it('exits 5 when the time is up', async () => {
    const endless = template('endless', { interval: '10m', successCondition: 'result == 3', provider: web('3') });
    const { code, err } = await assay(['run', '--timeout', '500ms', file(endless)]);
    expect(code).toBe(5);
    expect(err).toContain('run endless has no verdict after 500ms');
  });

  it('stops the run on an interrupt, and says that its success means little', async () => {
    const endless = template('endless', { interval: '10m', successCondition: 'result == 3', provider: web('3') });
    const { code, out } = await assay(['run', file(endless)], { interrupt: { after: 'm #1', signal: 'SIGINT' } });
    expect(code).toBe(0);
    expect(out).toContain('Run Terminated');
    expect(out).toContain('warning: stopped before it was done');
  });
});

describe('assay lint', () => {
  it('exits 1 for an error with file, line, path and fix, and 0 for warnings alone', async () => {
    const documents = file(
      pass(),
      template('slow', { count: 2, interval: '5 mins', successCondition: 'result == 1', provider: web('3') }),
    );
    const wrong = await assay(['lint', documents]);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(
      /\.yaml:\d+: error: spec\.metrics\[0\]\.interval: .*unknown unit " mins".*\n +fix: write a Go duration/u,
    );
    const surprising = await assay(['lint', file(template('none', { provider: web('3') }))]);
    expect(surprising.code).toBe(0);
    expect(surprising.out).toContain('warning: spec.metrics[0]: no condition');
  });

  it('checks what the API would refuse, unknown fields included', async () => {
    const { code, out } = await assay([
      'lint',
      '-o',
      'json',
      file(template('typo', { sucessCondition: 'true', provider: web('3') })),
    ]);
    expect(code).toBe(1);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        path: 'spec.metrics[0].sucessCondition',
        kind: 'AnalysisTemplate',
        name: 'typo',
      }),
    );
  });

  it('checks a Rollout against the templates beside it', async () => {
    const rollout = {
      apiVersion,
      kind: 'Rollout',
      metadata: { name: 'shop' },
      spec: { strategy: { canary: { steps: [{ analysis: { templates: [{ templateName: 'endless' }] } }] } } },
    };
    const { code, out } = await assay([
      'lint',
      file(rollout, template('endless', { interval: '1m', successCondition: 'result == 1', provider: web('3') })),
    ]);
    expect(code).toBe(1);
    expect(out).toContain(
      'AnalysisTemplate endless has metric m which runs indefinitely. Invalid value for count: <nil>',
    );
  });
});

describe('assay eval', () => {
  it.each([
    { args: ['result[0] >= 0.95', '[0.97]'], code: 0, out: 'true\n' },
    { args: ['result[0] >= 0.95', '[NaN]', '--type', '[]float64'], code: 1, out: 'false\n' },
    { args: ['isInf(result)', '-Inf', '--type', 'float64'], code: 0, out: 'true\n' },
    { args: ['result == "up"', 'up', '--type', 'string'], code: 0, out: 'true\n' },
  ])('$args', async ({ args, code, out }) => {
    expect(await assay(['eval', ...args])).toEqual({ code, out, err: '' });
  });

  it('reads the value from standard input', async () => {
    expect(await assay(['eval', 'result.a == 1'], { stdin: '{"a": 1}' })).toMatchObject({ code: 0, out: 'true\n' });
  });

  it('shows an error with a caret under its place', async () => {
    const { code, err } = await assay(['eval', 'result >= limit', '1']);
    expect(code).toBe(3);
    expect(err).toContain('unknown name limit (1:11)\n | result >= limit\n | ..........^');
  });
});

describe('with a server', () => {
  let server: AssayServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await startAssay();
    env = { ASSAY_SERVER: server.url };
  });
  afterAll(() => server.stop());

  it('creates a run from a template file, waits for it, shows it and retries it', async () => {
    const created = await assay(['create', '--from-file', file(fail()), '--name', 'first'], { env });
    expect(created).toMatchObject({ code: 0, out: 'analysisrun.argoproj.io/first created\n' });
    const waited = await assay(['wait', 'first', '--timeout', '15s'], { env });
    expect(waited.code).toBe(1);
    expect(waited.out).toContain('Failed  first: Metric "m" assessed Failed');

    const status = await assay(['status', 'first'], { env });
    expect(status.code).toBe(1);
    expect(status.out).toContain('m #1  4  successCondition result == 3');
    expect(JSON.parse((await assay(['status', 'first', '-o', 'json'], { env })).out)).toMatchObject({
      phase: 'Failed',
    });

    expect((await assay(['retry', 'first'], { env })).out).toBe('analysisrun.argoproj.io/first.1 created\n');
    expect((await assay(['retry', 'first.1'], { env })).out).toBe('analysisrun.argoproj.io/first.2 created\n');
    const watched = await assay(['watch', 'first.2', '-o', 'json', '--timeout', '15s'], { env });
    expect(watched.code).toBe(1);
    expect(JSON.parse(watched.out.trimEnd().split('\n').at(-1)!)).toMatchObject({
      event: 'verdict',
      name: 'first.2',
      phase: 'Failed',
    });
  });

  it('runs a file on the server', async () => {
    const { code, out, err } = await assay(['run', file(pass()), '--server', server.url, '--timeout', '15s']);
    expect(code).toBe(0);
    expect(out).toContain('Successful  m #1  3');
    expect(err).toMatch(/analysisrun\.argoproj\.io\/pass-\w+ created on/u);
  });

  it('runs a file in the namespace that the file names, unless the command names another', async () => {
    const inShop = { ...pass(), metadata: { name: 'pass', namespace: 'shop' } };
    for (const [flags, namespace] of [
      [[], 'shop'],
      [['-n', 'till'], 'till'],
    ] as const) {
      const { err } = await assay(['run', file(inShop), '--server', server.url, '--timeout', '15s', ...flags]);
      const name = /analysisrun\.argoproj\.io\/(\S+) created/u.exec(err)?.[1] ?? '';
      expect((await assay(['status', name, '-n', namespace], { env })).code).toBe(0);
    }
  });

  it('lists runs as a table, by name and as YAML', async () => {
    await assay(['create', '--from-file', file(pass()), '--name', 'listed'], { env });
    await assay(['wait', 'listed', '--timeout', '15s'], { env });
    expect((await assay(['get'], { env })).out).toMatch(/^NAME +STATUS +AGE\n(.*\n)*listed +Successful +\d+s\n/u);
    expect((await assay(['get', 'ar', '-o', 'name'], { env })).out).toContain('analysisrun.argoproj.io/listed\n');
    expect((await assay(['get', 'ar', 'listed', '-o', 'yaml'], { env })).out).toContain('phase: Successful');
    expect((await assay(['get', 'cat'], { env })).out).toBe('No resources found.\n');
  });

  it('terminates a run', async () => {
    const endless = template('endless', { interval: '10m', successCondition: 'result == 3', provider: web('3') });
    await assay(['create', '--from-file', file(endless), '--name', 'stop-me'], { env });
    expect((await assay(['terminate', 'stop-me'], { env })).out).toBe("analysisRun 'stop-me' terminated\n");
    const { code, out } = await assay(['wait', 'stop-me', '--timeout', '15s'], { env });
    expect(code).toBe(0);
    expect(out).toContain('Run Terminated');
  });

  it('exits 5 for a run that is not there, and when nobody answers', async () => {
    const missing = await assay(['status', 'nobody'], { env });
    expect([missing.code, missing.err]).toEqual([5, 'assay: analysisruns.argoproj.io "nobody" not found\n']);
    const away = await assay(['wait', 'x', '--server', 'http://127.0.0.1:9']);
    expect(away.code).toBe(5);
    expect(away.err).toContain('assay serve');
  });

  it('says what is in its way: the address, or a server on the same data', async () => {
    const address = new URL(server.url).host;
    const taken = await assay(['serve', '--listen', address, '--data', join(folder, 'other')]);
    expect(taken.code).toBe(4);
    expect(taken.err).toContain(`cannot listen on ${address}: listen EADDRINUSE`);
    const twice = await assay(['serve', '--listen', '127.0.0.1:0', '--data', server.data]);
    expect(twice.code).toBe(4);
    expect(twice.err).toContain('assay.db');
  });

  it('shuts down in order on SIGTERM, and a new start goes on with what is stored', async () => {
    const data = server.data;
    expect(await server.program.stop('SIGTERM')).toBe(0);
    server = await startAssay({ data });
    env = { ASSAY_SERVER: server.url };
    expect((await assay(['status', 'listed'], { env })).code).toBe(0);
  });
});
