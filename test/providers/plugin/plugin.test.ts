import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pluginProvider } from '../../../providers/plugin/index.ts';
import { registry } from '../../../providers/registry.ts';
import { codeBlocks } from '../../house/markdown.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const README = readFileSync('providers/plugin/README.md', 'utf8');

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-plugin-'));
  server = await serve((request, response) => {
    const isKnown = request.headers.authorization === 'Bearer let-me-in';
    if (request.url === '/errors?service=checkout') response.writeHead(isKnown ? 200 : 401).end(isKnown ? '0.25' : '');
    else response.writeHead(404).end();
  });
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

/** Providers with one plugin, named `shop/errors`, of this text. */
function withPlugin(text: string, token = 'let-me-in') {
  const file = join(folder, `${crypto.randomUUID()}.ts`);
  writeFileSync(file, text);
  const plugins = { 'shop/errors': file, missing: './nothing-here.ts', 'a-package': 'no-such-package-at-all' };
  return testProviders(
    { secrets: { read: async () => ({ token }) } },
    { ...registry, plugin: { ...registry['plugin']!, load: async () => pluginProvider(plugins) as never } },
  );
}
const call = (config: unknown = {}, name = 'shop/errors') => callFor({ plugin: { [name]: config } });
const inFlight = { phase: 'Running', startedAt: '2026-01-01T00:00:00Z', metadata: { handle: '7' } } as const;

describe('the example in the README', () => {
  const [example = ''] = codeBlocks(README, 'ts');

  it('is ten lines and something, and reads its number', async () => {
    const [, spec = ''] = codeBlocks(README, 'yaml');
    const { provider } = parse(spec.replace('http://shop:8080', server.url)) as { provider: object };
    const reading = await withPlugin(example).measure(callFor(provider as never));
    expect(reading).toEqual({ result: { type: 'float64', value: 0.25 }, value: '0.25' });
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(11);
  });

  it('fails in its own words', async () => {
    const providers = withPlugin(example, 'wrong');
    await expect(providers.measure(call({ address: server.url, service: 'checkout' }))).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'failed to run via plugin: the shop answered 401',
    });
  });
});

describe('a plugin', () => {
  it('may decide itself, defer, resume and clean up', async () => {
    const providers = withPlugin(`
      export const provider = {
        measure: async () => ({ deferred: true, metadata: { handle: '7' } }),
        resume: async (_, { metadata }) => ({ value: metadata.handle, verdict: { phase: 'Successful' } }),
        cancel: async () => ({ value: '', verdict: { phase: 'Inconclusive' } }),
        collect: async ({ query }) => { throw new Error('still ' + query.left); },
      };`);
    expect(await providers.measure(call())).toMatchObject({ deferred: true });
    expect(await providers.resume(call(), inFlight)).toMatchObject({ value: '7', verdict: { phase: 'Successful' } });
    expect(await providers.cancel(call(), inFlight)).toMatchObject({ verdict: { phase: 'Inconclusive' } });
    await expect(providers.collect(call({ left: 3 }), { name: 'm', phase: 'Running' }, 1)).rejects.toThrow(
      'failed to garbage collect via plugin: still 3',
    );
  });

  it.each([
    { what: 'a number', answer: '5' },
    { what: 'nothing', answer: 'undefined' },
    { what: 'a bare result', answer: '{ result: 5, value: "5" }' },
    { what: 'no text', answer: '{ result: { type: "float64", value: 5 } }' },
  ])('that answers $what is told what to answer', async ({ answer }) => {
    const providers = withPlugin(`export default { measure: async () => (${answer}) };`);
    await expect(providers.measure(call())).rejects.toThrow(
      'failed to run via plugin: its answer must be { result: { type, value }, value } or { deferred: true }',
    );
  });

  it('keeps the kind of its failures, so that no data stays no data', async () => {
    const providers = withPlugin(
      'export default { measure: async () => { throw Object.assign(new Error("no sales yet"), { kind: "no-data" }); } };',
    );
    await expect(providers.measure(call())).rejects.toMatchObject({
      kind: 'no-data',
      message: 'failed to run via plugin: no sales yet',
    });
  });

  it.each([
    {
      name: 'shop/sales',
      says: 'plugin shop/sales is not configured; the setting plugins names a-package, missing, shop/errors',
    },
    { name: 'toString', says: 'plugin toString is not configured' },
    { name: 'missing', says: 'plugin missing: Cannot find module' },
    { name: 'a-package', says: 'plugin a-package: ' },
    { name: 'shop/errors', says: 'exports no provider: it needs a default export' },
  ])('$name that cannot be had is refused', async ({ name, says }) => {
    const error = await withPlugin('export default {};')
      .measure(call({}, name))
      .catch((reason: Error) => reason);
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(says) });
    expect((error as Error).message).toMatch(/^failed to create plugin: unable to get metric plugin: /);
  });

  it('is none in an empty map', async () => {
    await expect(withPlugin('').measure(callFor({ plugin: {} }))).rejects.toThrow(
      "no valid provider in metric 'metric'",
    );
  });
});
