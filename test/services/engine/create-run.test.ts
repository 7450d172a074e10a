import { describe, expect, it } from 'vitest';
import type { AnalysisTemplateSpec } from '../../../services/domain/template.ts';
import { createRun } from '../../../services/engine/create-run.ts';
import { StoreError } from '../../../services/engine/ports.ts';
import { type Bench, engineBench, START } from './harness.ts';

const web = { web: { url: 'http://metrics' } };
const body = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun' } as const;

async function template(bench: Bench, name: string, spec: AnalysisTemplateSpec, clusterScope = false): Promise<void> {
  await bench.store.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: clusterScope ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate',
    metadata: clusterScope ? { name } : { name, namespace: 'default' },
    spec,
  } as never);
}

describe('creating a run', () => {
  it('stores it with its own metadata and schedules its first pass', async () => {
    const bench = engineBench();
    const run = await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    expect(run.metadata).toMatchObject({
      name: 'run',
      namespace: 'default',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(run.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(bench.tickets.get('default/run')).toEqual({ runId: 'default/run', dueAt: START });
  });

  it('leaves it with a ticket when the queue goes away, or the process dies, before the first pass is scheduled', async () => {
    const bench = engineBench();
    const { queue } = bench.deps;
    let asked = 0;
    const schedule: typeof queue.schedule = async (ticket) => {
      asked += 1;
      if (asked > 1) throw new StoreError('unavailable', 'Redis is away');
      await queue.schedule(ticket);
    };
    const run = { ...body, metadata: { name: 'run', namespace: 'default' }, spec: { metrics: [] } };
    await expect(createRun({ ...bench.deps, queue: { schedule } }, run)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await bench.run()).toBeDefined();
    expect(bench.tickets.get('default/run')).toEqual({ runId: 'default/run', dueAt: START + 10_000 });
    expect(await bench.step()).toBe(true);
    expect((await bench.run()).status?.phase).toBeDefined();
  });

  it('draws a name from generateName', async () => {
    const bench = engineBench();
    const run = await createRun(bench.deps, {
      ...body,
      metadata: { generateName: 'canary-', namespace: 'default' } as never,
      spec: { metrics: [{ name: 'rate', provider: web }] },
    });
    expect(run.metadata.name).toMatch(/^canary-.{5}$/);
  });

  it('refuses a name that exists', async () => {
    const bench = engineBench();
    await bench.create({ metrics: [{ name: 'rate', provider: web }] });
    await expect(bench.create({})).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('leaves placeholders in: they are resolved at each pass', async () => {
    const bench = engineBench();
    const run = await bench.create({
      args: [{ name: 'host', value: 'shop' }],
      metrics: [{ name: 'rate', provider: { web: { url: 'http://{{args.host}}' } } }],
    });
    expect(run.spec.metrics[0]?.provider).toEqual({ web: { url: 'http://{{args.host}}' } });
  });
});

describe('creating a run from templates', () => {
  const fromTemplates = (bench: Bench, spec: object) =>
    createRun(bench.deps, { ...body, metadata: { name: 'run', namespace: 'default' }, spec: spec as never });

  it('collects what they refer to, merges arguments and keeps what only the run has', async () => {
    const bench = engineBench();
    await template(bench, 'success', {
      args: [{ name: 'host' }, { name: 'limit', value: '0.95' }],
      metrics: [{ name: 'success', provider: web }],
      templates: [{ templateName: 'latency', clusterScope: true }],
    });
    await template(
      bench,
      'latency',
      { metrics: [{ name: 'latency', provider: web }], dryRun: [{ metricName: 'latency' }] },
      true,
    );
    const run = await fromTemplates(bench, {
      templates: [{ templateName: 'success' }],
      args: [
        { name: 'host', value: 'shop' },
        { name: 'unknown', value: 'dropped' },
      ],
      ttlStrategy: { secondsAfterCompletion: 60 },
    });
    expect(run.spec).toEqual({
      metrics: [
        { name: 'success', provider: web },
        { name: 'latency', provider: web },
      ],
      args: [
        { name: 'host', value: 'shop' },
        { name: 'limit', value: '0.95' },
      ],
      dryRun: [{ metricName: 'latency' }],
      ttlStrategy: { secondsAfterCompletion: 60 },
    });
    expect(run.metadata.annotations).toEqual({
      'assay/templates': 'AnalysisTemplate/success,ClusterAnalysisTemplate/latency',
    });
  });

  it('puts metrics of its own first, with the arguments that no template declares', async () => {
    const bench = engineBench();
    await template(bench, 'success', { args: [{ name: 'host' }], metrics: [{ name: 'success', provider: web }] });
    const run = await fromTemplates(bench, {
      templates: [{ templateName: 'success' }],
      metrics: [{ name: 'own', provider: { web: { url: '{{args.url}}' } } }],
      args: [
        { name: 'url', value: 'http://x' },
        { name: 'host', value: 'shop' },
      ],
    });
    expect(run.spec.metrics.map(({ name }) => name)).toEqual(['own', 'success']);
    expect(run.spec.args).toEqual([
      { name: 'url', value: 'http://x' },
      { name: 'host', value: 'shop' },
    ]);
  });

  it('takes a template once, however often it is mentioned', async () => {
    const bench = engineBench();
    await template(bench, 'a', { metrics: [{ name: 'a', provider: web }], templates: [{ templateName: 'c' }] });
    await template(bench, 'b', { metrics: [{ name: 'b', provider: web }], templates: [{ templateName: 'c' }] });
    await template(bench, 'c', { metrics: [{ name: 'c', provider: web }] });
    const run = await fromTemplates(bench, {
      templates: [{ templateName: 'a' }, { templateName: 'b' }, { templateName: 'c' }],
    });
    expect(run.spec.metrics.map(({ name }) => name)).toEqual(['a', 'c', 'b']);
  });

  it.each([
    {
      name: 'a missing template',
      refs: [{ templateName: 'success' }, { templateName: 'none' }],
      field: 'spec.templates[1]',
      message: "AnalysisTemplate 'none' not found",
    },
    {
      name: 'a missing cluster template behind another one',
      refs: [{ templateName: 'to-none' }],
      field: 'spec.templates[0]',
      message: "ClusterAnalysisTemplate 'none' not found",
    },
    {
      name: 'a circle',
      refs: [{ templateName: 'success' }, { templateName: 'round' }],
      field: 'spec.templates[1]',
      message:
        "AnalysisTemplate 'round' refers to itself: AnalysisTemplate 'round' -> AnalysisTemplate 'about' -> AnalysisTemplate 'round'",
    },
    {
      name: 'an argument that nobody fills',
      refs: [{ templateName: 'needs-host' }],
      field: 'spec.templates',
      message: 'args.host was not resolved',
    },
    {
      name: 'metrics with one name',
      refs: [{ templateName: 'success' }, { templateName: 'success-too' }],
      field: 'spec.templates',
      message: "two metrics have the same name 'success'",
    },
  ])('refuses $name, says where, and stores nothing', async ({ refs, field, message }) => {
    const bench = engineBench();
    await template(bench, 'success', { metrics: [{ name: 'success', provider: web }] });
    await template(bench, 'success-too', { metrics: [{ name: 'success', provider: web }] });
    await template(bench, 'to-none', { templates: [{ templateName: 'none', clusterScope: true }] });
    await template(bench, 'round', { templates: [{ templateName: 'about' }] });
    await template(bench, 'about', { templates: [{ templateName: 'round' }] });
    await template(bench, 'needs-host', { args: [{ name: 'host' }], metrics: [{ name: 'm', provider: web }] });
    await expect(fromTemplates(bench, { templates: refs })).rejects.toMatchObject({
      fault: 'invalid',
      message: `${field}: ${message}`,
      causes: [{ field, message }],
    });
    expect((await bench.store.list({ kind: 'AnalysisRun' })).items).toEqual([]);
    expect(bench.tickets.size).toBe(0);
  });
});
