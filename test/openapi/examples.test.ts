/** Every example is right by `assay lint`, and runs to the verdict that it is an example of, against the shop of the demo and a real Prometheus. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { openShop, type Shop } from '../demo/shop.ts';
import { sendVisitors } from '../demo/visitors.ts';
import { assay as assayCommand } from '../support/assay-command.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { type PrometheusServer, startPrometheus } from '../support/prometheus.ts';

const FILES = globSync('openapi/examples/*.yaml');
const GROUP = '/apis/argoproj.io/v1alpha1';
const TOKEN = 'open-sesame-1714';
const RELEASES = [
  { release: '1.0', track: 'stable' },
  { release: '1.1', track: 'canary' },
  { release: '1.2', track: 'canary' },
] as const;

interface Document {
  readonly kind: 'AnalysisTemplate' | 'ClusterAnalysisTemplate' | 'AnalysisRun' | 'Rollout';
  readonly metadata: { readonly name: string };
  readonly spec: { readonly args?: readonly { readonly name: string }[] };
}
const EXAMPLES = new Map(FILES.map((file) => [basename(file, '.yaml'), parse(readFileSync(file, 'utf8')) as Document]));

it('every example is right, without a warning', async () => {
  const { code, out, err } = await assayCommand(['lint', ...FILES]);
  expect(out + err).toContain(`${FILES.length} documents, 0 errors, 0 warnings`);
  expect(code).toBe(0);
});

describe('an example runs to its verdict', { timeout: 60_000 }, () => {
  let assay: AssayServer;
  let prometheus: PrometheusServer;
  let shops: readonly Shop[];
  let visitors: readonly { stop(): void }[];
  const secrets = mkdtempSync(join(tmpdir(), 'assay-secrets-'));

  beforeAll(async () => {
    mkdirSync(join(secrets, 'default', 'shop-reports'), { recursive: true });
    writeFileSync(join(secrets, 'default', 'shop-reports', 'token'), TOKEN);
    const open = ({ release }: (typeof RELEASES)[number]) => openShop({ release, listen: '127.0.0.1:0', token: TOKEN });
    shops = await Promise.all(RELEASES.map(open));
    visitors = shops.map(({ url }) => sendVisitors(url, 40));
    const targets = RELEASES.map(({ release, track }, index) => ({
      job: 'shop',
      address: new URL(shops[index]!.url).host,
      labels: { version: release, track },
    }));
    prometheus = await startPrometheus({ targets, scrapeIntervalMs: 500 });
    assay = await startAssay({ flags: ['--secrets', secrets] });
    for (const document of EXAMPLES.values()) if (document.kind.endsWith('Template')) await create(document);
    await untilCounted();
  }, 60_000);
  afterAll(async () => {
    for (const each of visitors ?? []) each.stop();
    await Promise.all([assay?.stop(), prometheus?.stop(), ...(shops ?? []).map((shop) => shop.close())]);
    rmSync(secrets, { recursive: true });
  });

  const good = { version: '1.1', phase: 'Successful' } as const;
  const bad = { version: '1.2', phase: 'Failed' } as const;
  it.concurrent.each([
    { example: 'success-rate', ...good },
    { example: 'success-rate', ...bad },
    { example: 'latency', ...good },
    { example: 'latency', ...bad },
    { example: 'canary-health', ...good },
    { example: 'canary-health', ...bad },
    { example: 'cluster-success-rate', ...good },
    { example: 'cluster-success-rate', ...bad },
    { example: 'web-check', ...good },
    { example: 'web-check', ...bad },
    { example: 'range-query', ...good },
    { example: 'range-query', ...bad },
    { example: 'canary', ...good },
    { example: 'canary', ...bad },
    { example: 'formula', ...good },
    { example: 'formula', ...bad },
    { example: 'release-gate', ...good },
    { example: 'release-gate', ...bad },
    { example: 'secret-token', ...good },
    { example: 'dry-run', ...good },
  ])('$example with version $version: $phase', async ({ example, version, phase }) => {
    const document = EXAMPLES.get(example)!;
    const name = `${example}-${version.replace('.', '-')}`;
    await create({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name },
      spec: {
        templates: [
          { templateName: document.metadata.name, clusterScope: document.kind === 'ClusterAnalysisTemplate' },
        ],
        args: argumentsFor(version),
      },
    });
    const run = await verdict(name);
    expect(run.status?.message ?? '').not.toContain(TOKEN);
    expect(run.status).toMatchObject({ phase });
  });

  it('analysis-run brings its own metrics', async () => {
    const document = EXAMPLES.get('analysis-run')!;
    await create({ ...document, spec: { ...document.spec, args: [{ name: 'shop', value: shops[0]!.url }] } });
    expect((await verdict('shop-is-open')).status?.phase).toBe('Successful');
  });

  it('analysis-run-from-template is a run of canary-health', async () => {
    const created = await create(EXAMPLES.get('analysis-run-from-template')!);
    expect(created.metadata.name).toMatch(/^shop-canary-.{5}$/);
    expect(created.spec.metrics.map(({ name }) => name)).toEqual(['success-rate', 'latency-p95']);
  });

  it('the dry run in dry-run failed, and changed nothing', async () => {
    const run = await verdict('dry-run-1-1');
    expect(run.status).toMatchObject({
      dryRunSummary: { count: 1, failed: 1 },
      runSummary: { count: 1, successful: 1 },
    });
  });

  it('rollout gets the run of its step, and moves on when that is Successful', async () => {
    const rollout = JSON.parse(JSON.stringify(EXAMPLES.get('rollout')), addPrometheus) as object;
    const question = {
      point: 'Step',
      rollout: {
        ...rollout,
        metadata: { name: 'shop', namespace: 'default', uid: '5b0c1f9e-7a53-4e0a-8f43-1a2b3c4d5e6f' },
        status: { currentPodHash: 'new', stableRS: 'old', currentStepIndex: 1, canary: {} },
      },
    };
    const asked = await advice(question);
    expect(asked.verdict).toEqual({ action: 'wait' });
    const run = await verdict(asked.run.metadata.name);
    expect(run.status?.phase).toBe('Successful');
    const remembered = { name: run.metadata.name, status: 'Running' };
    question.rollout.status.canary = { currentStepAnalysisRunStatus: remembered };
    expect((await advice(question)).verdict).toMatchObject({ action: 'advance' });
  });

  /** The address of Prometheus for each list of arguments that a Rollout passes on. */
  function addPrometheus(key: string, value: unknown): unknown {
    return key === 'args' ? [...(value as object[]), { name: 'prometheus', value: prometheus.url }] : value;
  }

  async function advice(question: object): Promise<{ verdict: object; run: AnalysisRun }> {
    const answer = await fetch(`${assay.url}/rollouts/default/analysisruns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    const body = (await answer.json()) as { verdict: object; run: AnalysisRun };
    expect(answer.status, JSON.stringify(body)).toBe(200);
    return body;
  }

  function argumentsFor(version: string): object[] {
    const index = RELEASES.findIndex(({ release }) => release === version);
    return [
      { name: 'version', value: version },
      { name: 'prometheus', value: prometheus.url },
      { name: 'shop', value: shops[index]!.url },
    ];
  }

  async function create(document: object): Promise<AnalysisRun> {
    const { kind } = document as Document;
    const scope = kind === 'ClusterAnalysisTemplate' ? '' : '/namespaces/default';
    const answer = await fetch(`${assay.url}${GROUP}${scope}/${kind.toLowerCase()}s`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
    const body = (await answer.json()) as AnalysisRun;
    expect(answer.status, JSON.stringify(body)).toBe(201);
    return body;
  }

  async function verdict(name: string): Promise<AnalysisRun> {
    const answer = await fetch(`${assay.url}${GROUP}/namespaces/default/analysisruns/${name}?wait=40s`);
    return (await answer.json()) as AnalysisRun;
  }

  async function untilCounted(): Promise<void> {
    const query = encodeURIComponent('count(sum by (version) (rate(http_requests_total[15s])) > 0)');
    for (;;) {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=${query}`);
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      if (data.result[0]?.value[1] === String(RELEASES.length)) return;
      await sleep(100);
    }
  }
});

it('no example is left out here', () => {
  const named = readFileSync('test/openapi/examples.test.ts', 'utf8');
  for (const name of EXAMPLES.keys()) expect(named, name).toMatch(new RegExp(`['" ]${name}['" ]`));
});
