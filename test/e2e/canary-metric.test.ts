/** Canary and formula metrics of templates over a real Prometheus, from the API to the report; and the same comparison on the command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { AnalysisRun } from '../../services/domain/run.ts';
import type { JudgementDocument } from '../../services/engine/keep-judgement.ts';
import { assay as assayCommand } from '../support/assay-command.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import { type PrometheusServer, startPrometheus } from '../support/prometheus.ts';
import { releaseHistory } from '../support/release-history.ts';

const RUNS = '/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns';
const folder = mkdtempSync(join(tmpdir(), 'assay-canary-'));
const history = releaseHistory(Date.now());

let prometheus: PrometheusServer;
let assay: AssayServer;
beforeAll(async () => {
  prometheus = await startPrometheus({ history: history.text });
  const accounts = { kayenta: { prometheus: { accounts: [{ name: 'prod', endpoint: { baseUrl: prometheus.url } }] } } };
  writeFileSync(join(folder, 'kayenta.yml'), stringify(accounts));
  assay = await startAssay({ flags: ['--kayenta-accounts', join(folder, 'kayenta.yml')] });
}, 60_000);
afterAll(async () => {
  await Promise.all([assay?.stop(), prometheus?.stop()]);
  rmSync(folder, { recursive: true });
});

const query = (text: string) => ({ prometheus: { address: prometheus.url, query: text } });
const errors = (version: string) => query(`sum(errors{version="${version}"})`);
const against = (version: string, more: object = {}) => ({
  window: '1h',
  analysis: { direction: 'increase' },
  baseline: errors('v1'),
  canary: errors(version),
  ...more,
});
/** A whole config, whose scopes look at the window of the metric. */
const configured = (version: string) => ({
  window: '1h',
  canaryConfig: {
    name: 'shop',
    metrics: [
      {
        name: 'errors',
        query: { type: 'prometheus', customInlineTemplate: 'PromQL:sum(errors{version="${scope}"})' },
        groups: ['quality'],
        analysisConfigurations: { canary: { direction: 'increase' } },
        scopeName: 'default',
      },
    ],
    classifier: { groupWeights: { quality: 100 } },
  },
  scopes: { default: { controlScope: { scope: 'v1' }, experimentScope: { scope: version } } },
});

async function verdict(name: string, metric: object): Promise<AnalysisRun> {
  const body = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name },
    spec: { metrics: [metric] },
  };
  const created = await fetch(assay.url + RUNS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(created.status, await created.text()).toBe(201);
  return (await (await fetch(`${assay.url}${RUNS}/${name}?wait=20s`)).json()) as AnalysisRun;
}
const measurementOf = ({ status }: AnalysisRun) => status?.metricResults?.[0]?.measurements?.[0];

describe('a canary metric', () => {
  it.each([
    { name: 'healthy', canary: () => against('v2'), phase: 'Successful', value: '100' },
    { name: 'bad', canary: () => against('v3'), phase: 'Failed', value: '0' },
    {
      name: 'baseline-an-hour-ago',
      canary: () => ({ ...against('v3'), baseline: errors('v3'), window: '30m', baselineOffset: '1h' }),
      phase: 'Successful',
      value: '100',
    },
    { name: 'whole-config-healthy', canary: () => configured('v2'), phase: 'Successful', value: '100' },
    { name: 'whole-config-bad', canary: () => configured('v3'), phase: 'Failed', value: '0' },
  ])('$name: $phase', async ({ name, canary, phase, value }) => {
    const run = await verdict(name, { name: 'errors', provider: { canary: canary() } });
    expect(measurementOf(run)).toMatchObject({ phase, value });
    expect(run.status?.phase).toBe(phase);
  });

  it('is held against conditions on the judgement', async () => {
    const conditions = {
      successCondition: 'result.score >= 95 and result.ratio < 2',
      failureCondition: 'result.results[0].classification == "High"',
    };
    const run = await verdict('conditions', { name: 'errors', ...conditions, provider: { canary: against('v3') } });
    expect(run.status).toMatchObject({ phase: 'Failed' });
  });

  it('fails its measurement when a side cannot be asked', async () => {
    const run = await verdict('away', {
      name: 'errors',
      consecutiveErrorLimit: 0,
      provider: { canary: against('v2', { canary: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }) },
    });
    expect(run.status?.phase).toBe('Error');
    expect(measurementOf(run)?.message).toMatch(/^canary of errors: .*connection refused/);
  });

  it('leaves its samples to be read, and a report that needs nothing else', async () => {
    const run = await verdict('shown', { name: 'errors <&>', provider: { canary: against('v3') } });
    const record = measurementOf(run)?.metadata?.['judgement'] ?? '';
    const answer = await fetch(`${assay.url}/judgements/default/${encodeURIComponent(record)}`);
    const document = (await answer.json()) as JudgementDocument;
    expect(document).toMatchObject({
      run: 'shown',
      metric: 'errors <&>',
      judgement: { score: { score: 0, classification: 'Fail' } },
    });
    expect(document.pairs[0]?.values.control).toHaveLength(60);
    const missing = await fetch(`${assay.url}/judgements/default/none`);
    expect([missing.status, await missing.json()]).toEqual([
      404,
      expect.objectContaining({ kind: 'Status', reason: 'NotFound' }),
    ]);

    const file = join(folder, 'shown.html');
    const { code, out, err } = await assayCommand(['report', 'shown', '--server', assay.url, '--out', file]);
    expect([code, out, err]).toEqual([0, `${file}\n`, '']);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('errors &lt;&amp;&gt;');
    expect(page).toMatch(/<path class="line canary" d="M[\d. ]+l0 0L/);
    expect(page).toContain(document.judgement.results[0]?.evidence.why);
    expect((await assayCommand(['report', 'nobody', '--server', assay.url])).code).toBe(5);
  });
});

it('a formula metric computes over two queries', async () => {
  const formula = (version: string) => ({
    expression: '100 * errors / requests',
    queries: { errors: errors(version), requests: query(`sum(requests{version="${version}"})`) },
  });
  const metric = (version: string) => ({
    name: 'errors',
    successCondition: 'result < 3',
    provider: { formula: formula(version) },
  });
  expect((await verdict('formula-healthy', metric('v2'))).status?.phase).toBe('Successful');
  const bad = await verdict('formula-bad', metric('v3'));
  expect(bad.status?.phase).toBe('Failed');
  expect(measurementOf(bad)?.metadata).toMatchObject({ requests: '[100]' });
});

describe('assay judge with queries', () => {
  const file = (block: object): string => {
    const name = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
    writeFileSync(name, stringify(block));
    return name;
  };
  const at = ['--at', new Date(history.endMs).toISOString()];
  it.each([
    { name: 'alike', block: () => against('v2'), args: at, exit: 0, says: /"classification": "Pass"/ },
    { name: 'worse', block: () => against('v3'), args: at, exit: 1, says: /"classification": "Fail"/ },
    {
      name: 'worse, as text',
      block: () => against('v3'),
      args: [...at, '-o', 'text'],
      exit: 1,
      says: /^Fail {2}score 0, pass from 95, marginal from 75\n[\s\S]*High +canary +1\.\d+ +5\.\d+/,
    },
    {
      name: 'long before',
      block: () => against('v2'),
      args: ['--at', '2020-01-01T00:00:00Z'],
      exit: 1,
      says: /Nodata/,
    },
    {
      name: 'of a whole config',
      block: () => configured('v3'),
      args: () => [...at, '--kayenta-accounts', join(folder, 'kayenta.yml')],
      exit: 1,
      says: /"Fail"/,
    },
    {
      name: 'from nobody',
      block: () => against('v2', { baseline: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }),
      args: at,
      exit: 3,
      says: /connection refused/,
    },
    {
      name: 'without a window',
      block: () => against('v2', { window: 'run' }),
      args: at,
      exit: 4,
      says: /there is no run here/,
    },
  ])('$name: exit $exit', async ({ block, args, exit, says }) => {
    const { code, out, err } = await assayCommand([
      'judge',
      file(block()),
      ...(typeof args === 'function' ? args() : args),
    ]);
    expect([code, out + err]).toEqual([exit, expect.stringMatching(says)]);
  });
});
