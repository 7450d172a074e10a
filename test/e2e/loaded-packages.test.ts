/** What `assay serve` loads, and when: client packages cost hundreds of megabytes and seconds together, so each waits for a metric that uses it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { serve, type TestServer } from '../support/http-server.ts';

const RUNS = '/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns';
/** Packages that speak to one kind of source or store each, or collect traces. OpenTelemetry's api comes with prom-client, and does nothing by itself. */
const CLIENTS = /^(@datadog|@kubernetes|@aws-sdk|@smithy|mathjs|axios|ioredis|bullmq|@opentelemetry\/(?!api$))\b/;

let folder: string;
let assay: AssayServer;
let source: TestServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-loaded-'));
  source = await serve((request, response) => {
    const isDatadog = request.url?.startsWith('/api/v1/query') === true;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isDatadog ? { series: [{ pointlist: [[1, 1]] }] } : { ok: true }));
  });
  assay = await startAssay({
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${new URL('../support/loaded-modules.mjs', import.meta.url).href}`,
      LOADED_MODULES: join(folder, 'modules'),
      ...{ DD_API_KEY: 'key', DD_APP_KEY: 'key', DD_ADDRESS: source.url },
    },
  });
});
afterAll(async () => {
  await Promise.all([assay?.stop(), source?.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function loadedPackages(): Promise<string[]> {
  const modules = (await readFile(join(folder, 'modules'), 'utf8')).split('\n');
  const names = modules.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? '');
  return [...new Set(names)].sort();
}

const loadedClients = async (): Promise<string[]> => (await loadedPackages()).filter((name) => CLIENTS.test(name));

async function measured(name: string, provider: object): Promise<void> {
  const spec = { metrics: [{ name: 'answer', provider }] };
  const body = JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata: { name }, spec });
  await fetch(assay.url + RUNS, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await vi.waitFor(
    async () => {
      const run = (await (await fetch(`${assay.url}${RUNS}/${name}`)).json()) as AnalysisRun;
      expect(run.status).toMatchObject({ phase: 'Successful' });
      expect(run.metadata.annotations ?? {}).not.toHaveProperty('assay/traceparent');
    },
    { timeout: 20_000, interval: 50 },
  );
}

it('starts and answers without any client package', async () => {
  await fetch(assay.url + RUNS);
  expect(await loadedPackages()).toContain('fastify');
  expect(await loadedClients()).toEqual([]);
});

it('loads what a metric needs when it is measured, and nothing else', { timeout: 60_000 }, async () => {
  await measured('web', { web: { url: source.url, jsonPath: '{$.ok}' } });
  expect(await loadedClients()).toEqual(['axios']);
  await measured('datadog', { datadog: { query: 'avg:up{*}' } });
  expect(await loadedClients()).toEqual(['@datadog/datadog-api-client', 'axios']);
});
