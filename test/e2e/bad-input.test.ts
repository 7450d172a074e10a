/** What a caller or a source can do wrong, to a live server: it is told what and where, nothing is stored half, and the process stays up. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { type AssayServer, startAssay } from '../support/assay-server.ts';
import type { TestServer } from '../support/http-server.ts';
import { type PrometheusServer, startPrometheus } from '../support/prometheus.ts';
import { openHostileSource } from './hostile-source.ts';

const DEFAULT = '/apis/argoproj.io/v1alpha1/namespaces/default';
const RUNS = `${DEFAULT}/analysisruns`;
const GUARDED = 'http://169.254.169.254/latest/meta-data/';

let assay: AssayServer;
let source: TestServer;
let prometheus: PrometheusServer;
beforeAll(async () => {
  source = await openHostileSource();
  prometheus = await startPrometheus();
  assay = await startAssay();
});
afterAll(async () => {
  await Promise.all([assay?.stop(), source?.close(), prometheus?.stop()]);
});

interface Answer {
  readonly status: number;
  readonly warnings: string;
  readonly body: AnalysisRun & { readonly message: string; readonly details?: { readonly causes?: readonly Cause[] } };
}
interface Cause {
  readonly field?: string;
  readonly message?: string;
}

async function post(body: string, type = 'application/json', query = '', plural = 'analysisruns'): Promise<Answer> {
  const answer = await fetch(`${assay.url}${DEFAULT}/${plural}${query}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  const warnings = (answer.headers.get('warning') ?? '').replaceAll('\\"', '"');
  return { status: answer.status, warnings, body: (await answer.json()) as Answer['body'] };
}

async function names(): Promise<string[]> {
  const answer = await fetch(assay.url + RUNS);
  return ((await answer.json()) as { items: AnalysisRun[] }).items.map(({ metadata }) => metadata.name);
}

type Document = Record<string, unknown>;
const metric = (more: Document = {}): Document => ({
  name: 'answer',
  successCondition: 'result == 1',
  consecutiveErrorLimit: 0,
  provider: { web: { url: `${source?.url}/ok`, jsonPath: '{$.value}' } },
  ...more,
});
const run = (name: string, spec: Document = { metrics: [metric()] }): Document => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisRun',
  metadata: { name },
  spec,
});

describe('what is refused at once', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => metric({ name: `m${index}` }));
  it.each([
    {
      name: 'malformed YAML',
      body: () => 'kind: AnalysisRun\nspec: [1, 2\n',
      type: 'application/yaml',
      status: 400,
      says: /line [23]/,
    },
    { name: 'malformed JSON', body: () => '{"kind": "AnalysisRun",}', status: 400, says: /line 1|position|column/i },
    {
      name: 'an unknown field, when the caller asks for strictness',
      body: () => JSON.stringify(run('strict', { metrics: [metric({ sucessCondition: 'true' })] })),
      query: '?fieldValidation=Strict',
      status: 400,
      says: /unknown field "spec\.metrics\[0\]\.sucessCondition"/,
    },
    {
      name: 'a field of the wrong type',
      body: () => JSON.stringify(run('wrong-type', { metrics: [metric({ interval: 5 })] })),
      status: 422,
      field: 'spec.metrics[0].interval',
      says: /string/,
    },
    {
      name: 'a body too large',
      body: () => JSON.stringify(run('large', { metrics: [metric({ successCondition: 'x'.repeat(2 << 20) })] })),
      status: 413,
      says: /too large|1 MiB|limit/i,
    },
    {
      name: '10,000 metrics',
      body: () => JSON.stringify(run('many', { metrics: many(10_000).map(({ name }) => ({ name, provider: {} })) })),
      status: 422,
      field: 'spec.metrics',
      says: /500/,
    },
    {
      name: 'a YAML alias bomb',
      body: () => {
        const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}*a${n}]`);
        return `a0: &a0 [lol]\n${levels.join('\n')}\n${stringify(run('bomb'))}`;
      },
      type: 'application/yaml',
      status: 400,
      says: /alias/i,
    },
    {
      name: 'a template that is not there',
      body: () => JSON.stringify(run('lost', { templates: [{ templateName: 'nowhere' }] })),
      status: 422,
      field: 'spec.templates[0]',
      says: /nowhere.*not found/,
    },
  ] as const)('$name', async (row) => {
    const before = await names();
    const { body, type = 'application/json', query = '', status, says } = { type: undefined, query: undefined, ...row };
    const answer = await post(body(), type, query);
    expect(answer).toMatchObject({ status, body: { kind: 'Status', status: 'Failure' } });
    expect(answer.body.message).toMatch(says);
    if ('field' in row) expect(answer.body.details?.causes?.map(({ field }) => field)).toContain(row.field);
    expect(await names()).toEqual(before);
  });

  it('an argument of a template that nobody fills', async () => {
    const template = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: { name: 'needs-pace' },
      spec: { args: [{ name: 'pace' }], metrics: [metric({ interval: '{{args.pace}}' })] },
    };
    await post(JSON.stringify(template), 'application/json', '', 'analysistemplates');
    const answer = await post(JSON.stringify(run('unfilled', { templates: [{ templateName: 'needs-pace' }] })));
    expect(answer.status).toBe(422);
    expect(answer.body.message).toContain('args.pace was not resolved');
    expect(await names()).not.toContain('unfilled');
  });

  it('a name that exists', async () => {
    await post(JSON.stringify(run('twice')));
    const answer = await post(JSON.stringify(run('twice')));
    expect(answer.status).toBe(409);
    expect(answer.body.message).toBe('analysisruns.argoproj.io "twice" already exists');
  });
});

describe('what Argo accepts and ends in Error', () => {
  it.each([
    {
      name: 'an unknown provider',
      spec: () => ({ metrics: [metric({ provider: { promethius: { query: 'up' } } })] }),
      warns: /unknown field "spec\.metrics\[0\]\.provider\.promethius"/,
      message: 'Analysis spec invalid: metrics[0]: no provider specified',
    },
    {
      name: 'a condition that does not parse',
      spec: () => ({ metrics: [metric({ successCondition: 'result >' })] }),
      warns: /spec\.metrics\[0\]\.successCondition: .*unexpected token EOF/,
      message: /could not evaluate successCondition/,
    },
    {
      name: 'a condition that does not check',
      spec: () => ({ metrics: [metric({ successCondition: 'resul == 1' })] }),
      warns: /spec\.metrics\[0\]\.successCondition: .*unknown name resul/,
      message: /unknown name resul/,
    },
    {
      name: 'an argument that is not there',
      spec: () => ({ metrics: [metric({ interval: '{{args.pace}}' })] }),
      warns: /args\.pace/,
      message: 'Unable to resolve metric arguments: failed to resolve {{args.pace}}',
    },
    {
      name: 'a missing secret',
      spec: () => ({
        args: [{ name: 'token', valueFrom: { secretKeyRef: { name: 'nowhere', key: 'token' } } }],
        metrics: [metric()],
      }),
      message: 'Unable to resolve metric arguments: secrets "nowhere" not found',
    },
    {
      name: 'a duration like 5 mins',
      spec: () => ({ metrics: [metric({ interval: '5 mins', count: 2 })] }),
      warns: /spec\.metrics\[0\]\.interval: .*5 mins/,
      message: /^Analysis spec invalid: metrics\[0\]: invalid interval string: time: unknown unit " mins"/,
    },
    {
      name: 'an address that the guard forbids',
      spec: () => ({ metrics: [metric({ provider: { web: { url: GUARDED } } })] }),
      message: /169\.254\.169\.254/,
    },
  ])('$name', async ({ name, spec, warns, message }) => {
    const { status, warnings } = await post(JSON.stringify(run(nameOf(name), spec())));
    expect(status).toBe(201);
    if (warns !== undefined) expect(warnings).toMatch(warns);
    const ended = await verdict(nameOf(name));
    expect(ended.status?.phase).toBe('Error');
    expect(ended.status?.message).toMatch(message);
  });
});

describe('what sources do', () => {
  it.each([
    { name: 'that is down', path: '/down', says: /EOF|reset|closed/ },
    { name: 'that is slow', path: '/slow', says: /deadline|[Tt]imeout/, timeoutSeconds: 1 },
    { name: 'that answers 500', path: '/500', says: 'received non 2xx response code: 500' },
    { name: 'that gives half a body', path: '/half', says: /EOF/ },
    { name: 'that never ends', path: '/endless', says: /10 MiB|too large|limit/i },
    { name: 'that redirects to the metadata address', path: '/to-metadata', says: /169\.254\.169\.254/ },
    { name: 'that answers HTML', path: '/html', says: /could not evaluate successCondition/ },
  ])(
    'a source $name makes an Error that tells, and the run goes on by its limits',
    async ({ name, path, says, timeoutSeconds = 30 }) => {
      const provider = { web: { url: source.url + path, timeoutSeconds, jsonPath: '{$.value}' } };
      const patient = nameOf(`${name} patient`);
      await post(JSON.stringify(run(nameOf(name), { metrics: [metric({ provider })] })));
      await post(JSON.stringify(run(patient, { metrics: [metric({ provider, consecutiveErrorLimit: 4 })] })));
      const ended = await verdict(nameOf(name));
      expect(ended.status).toMatchObject({
        phase: 'Error',
        metricResults: [{ error: 1, measurements: [{ phase: 'Error' }] }],
      });
      expect(ended.status?.metricResults?.[0]?.measurements?.[0]?.message).toMatch(says);
      await vi.waitFor(async () => {
        const { status } = await readRun(patient);
        expect(status).toMatchObject({ phase: 'Running', metricResults: [{ phase: 'Running', error: 1 }] });
      });
    },
  );

  it.each([
    { name: 'only a success condition', conditions: { successCondition: 'result > 0' }, phase: 'Failed' },
    { name: 'only a failure condition', conditions: { failureCondition: 'result > 0' }, phase: 'Successful' },
    {
      name: 'both conditions',
      conditions: { successCondition: 'result > 0', failureCondition: 'result <= 0' },
      phase: 'Inconclusive',
    },
  ])('NaN with $name is $phase', async ({ name, conditions, phase }) => {
    const provider = { prometheus: { address: prometheus.url, query: 'scalar(vector(0) / 0)' } };
    await post(JSON.stringify(run(nameOf(`nan ${name}`), { metrics: [{ name: 'ratio', provider, ...conditions }] })));
    const ended = await verdict(nameOf(`nan ${name}`));
    expect(ended.status).toMatchObject({ phase, metricResults: [{ measurements: [{ value: 'NaN' }] }] });
  });

  it('a regular expression built to backtrack costs no time', async () => {
    const provider = { web: { url: `${source.url}/text` } };
    const condition = 'not (result matches "^(a+)+$")';
    const began = performance.now();
    await post(JSON.stringify(run('backtrack', { metrics: [metric({ provider, successCondition: condition })] })));
    expect((await verdict('backtrack')).status?.phase).toBe('Successful');
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

it('the process that took all this is still the same and well', async () => {
  expect((await fetch(`${assay.url}/readyz`)).status).toBe(200);
  expect(assay.program.output()).not.toContain('"level":50');
});

function nameOf(sentence: string): string {
  return sentence.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

async function readRun(name: string, query = ''): Promise<AnalysisRun> {
  return (await (await fetch(`${assay.url}${RUNS}/${name}${query}`)).json()) as AnalysisRun;
}

/** The run when it has completed. */
async function verdict(name: string): Promise<AnalysisRun> {
  return readRun(name, '?wait=15s');
}
