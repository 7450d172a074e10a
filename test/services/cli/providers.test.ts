import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { assay } from '../../support/assay-command.ts';
import { freePort } from '../../support/free-port.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { type Kubeconfig, writeKubeconfig } from '../../support/kubeconfig.ts';
import { type KubernetesApi, startKubernetesApi } from '../../support/kubernetes-api.ts';

const TOKEN = 'hunter2-hunter2';

let folder: string;
let server: TestServer;
let cluster: KubernetesApi;
let kubeconfig: Kubeconfig;
let config: string;
let asked: string[] = [];

/** Prometheus at `/`, a page at `/login`, 401 at `/locked`, 403 at `/forbidden`, Graphite without data at `/graphite`, Kayenta at `/kayenta`. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-providers-'));
  server = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    asked.push(`${request.method} ${pathname}`);
    const [, place = ''] = pathname.split('/');
    if (place === 'login') response.end('<html>sign in</html>');
    else if (place === 'locked') response.writeHead(401).end(`no such token ${request.headers.authorization}`);
    else if (place === 'forbidden') response.writeHead(403).end();
    else if (place === 'graphite') response.end('[]');
    else if (place === 'kayenta') response.end('[]');
    else response.end('{"status":"success","data":{"resultType":"vector","result":[{"value":[0,"1"]}]}}');
  });
  cluster = await startKubernetesApi({ token: TOKEN });
  kubeconfig = await writeKubeconfig(cluster.url, { token: TOKEN });
  const data = { token: Buffer.from(`Bearer ${TOKEN}`).toString('base64') };
  cluster.put('/api/v1/namespaces/argo-rollouts/secrets/prod', { kind: 'Secret', data });

  const prometheus = (fields: object) => ({ provider: 'prometheus', fields });
  const at = (path: string) => ({ address: `${server.url}${path}` });
  const authorization = [{ key: 'Authorization', value: { secret: 'prod/token' } }];
  writeFileSync(join(folder, 'plugin.ts'), 'export default { measure: async () => ({ deferred: true }) };');
  config = join(folder, 'assay.yaml');
  writeFileSync(
    config,
    stringify({
      accounts: {
        prod: prometheus({ ...at(''), headers: authorization }),
        locked: prometheus({ ...at('/locked'), headers: authorization }),
        forbidden: prometheus(at('/forbidden')),
        login: prometheus(at('/login')),
        away: prometheus({ address: `http://127.0.0.1:${await freePort()}` }),
        metadata: prometheus({ address: 'http://169.254.169.254' }),
        'no-token': prometheus({ ...at(''), headers: [{ key: 'A', value: { env: 'NOBODY_SETS_THIS' } }] }),
        metrics: { provider: 'graphite', fields: at('/graphite') },
        judge: { provider: 'kayenta', fields: at('/kayenta') },
      },
      plugins: { 'shop/errors': join(folder, 'plugin.ts'), 'shop/gone': join(folder, 'gone.ts') },
    }),
  );
});
afterAll(async () => {
  await server?.close();
  await cluster?.close();
  await kubeconfig?.remove();
  rmSync(folder, { recursive: true });
});

const run = (...words: string[]) =>
  assay(['providers', ...words, '--config', config], { env: { KUBECONFIG: kubeconfig.path } });

describe('assay providers', () => {
  it('lists the sources and their accounts, and no secrets', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^prometheus +prod, locked, forbidden, login, away, metadata, no-token$/mu);
    expect(out).toMatch(/^graphite +metrics$/mu);
    expect(out).toMatch(/^plugin +shop\/errors, shop\/gone$/mu);
    expect(out).toMatch(/^skywalking$/mu);
    expect(out).not.toContain(TOKEN);
  });

  it.concurrent.each([
    { name: 'prod', says: 'prod: ok: it answers' },
    { name: 'metrics', says: 'metrics: ok: it answers, without data: no values found' },
    { name: 'judge', says: 'judge: ok: it answers' },
    { name: 'job', says: 'job: ok: it answers' },
    { name: 'shop/errors', says: 'shop/errors: ok: it answers' },
  ])('test $name: can be used', async ({ name, says }) => {
    expect(await run('test', name)).toMatchObject({ code: 0, out: `${says}\n` });
  });

  it.concurrent.each([
    { name: 'locked', says: '401', fix: 'exchange them in accounts.locked' },
    { name: 'forbidden', says: '403', fix: 'widen their rights' },
    { name: 'login', says: "invalid character '<'", fix: 'that of a login or a proxy' },
    { name: 'away', says: 'connection refused', fix: 'See accounts.away' },
    { name: 'metadata', says: 'not allowed by the outbound rules', fix: 'outbound.allow' },
    { name: 'no-token', says: 'environment variable NOBODY_SETS_THIS is not set', fix: 'accounts.no-token' },
    { name: 'prometheus', says: 'prometheus address is not configured', fix: 'an account for prometheus' },
    { name: 'shop/gone', says: 'plugin shop/gone: Cannot find module', fix: 'plugins.shop/gone' },
  ])('test $name: says what is wrong and what to do', async ({ name, says, fix }) => {
    const { code, out } = await run('test', name);
    expect(code).toBe(1);
    expect(out).toContain(says);
    expect(out.split('\n')[1]).toMatch(/^ {2}fix: /u);
    expect(out).toContain(fix);
    expect(out).not.toContain(TOKEN);
  });

  it('starts no judgement and no Job to find out', async () => {
    asked = [];
    await run('test', 'judge');
    await run('test', 'job');
    expect(asked).toEqual(['GET /kayenta/credentials']);
    expect(cluster.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  it.each([
    { words: ['test', 'prd'], says: 'no provider, account or plugin "prd"', fix: 'prod' },
    { words: ['test'], says: '"providers test" is nothing', fix: 'providers test NAME' },
    { words: ['try', 'prod'], says: '"providers try prod" is nothing', fix: 'providers test NAME' },
  ])('$words is refused', async ({ words, says, fix }) => {
    const { code, err } = await run(...words);
    expect(code).toBe(4);
    expect(err).toContain(says);
    expect(err).toContain(fix);
  });

  it('refuses settings of accounts that cannot be right', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, stringify({ accounts: { a: { provider: 'promethus' } } }));
    const { code, err } = await assay(['providers', 'test', 'prometheus', '--config', file]);
    expect([code, err]).toEqual([4, expect.stringContaining('accounts.a.provider: "promethus" is no provider')]);
  });

  it('accounts are printed without what may be secret', async () => {
    const { out } = await assay(['config', '--config', config]);
    expect(out).toContain('secret: prod/token');
    expect(out).toContain(`address: ${server.url}`);
    expect(out).toMatch(/key: "\*\*\*\*\*"/u);
  });
});
