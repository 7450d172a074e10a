import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../../providers/contract.ts';
import type { Metric } from '../../../services/domain/template.ts';
import { type MetricTrial, tryMetric } from '../../../services/engine/try-metric.ts';
import { engineBench, reading } from './harness.ts';

const web = { web: { url: 'http://metrics/{{args.host}}' } };
const metric = (more: Partial<Metric> = {}): Metric => ({ name: 'errors', provider: web, ...more });
const asked = (more: Partial<Metric> = {}, trial: Partial<MetricTrial> = {}): MetricTrial => ({
  namespace: 'shop',
  metric: metric(more),
  args: [{ name: 'host', value: 'checkout' }],
  signal: new AbortController().signal,
  ...trial,
});

describe('trying a metric', () => {
  it('says the value, what each condition made of it, and what a run would record, and stores nothing', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = async () => {
      await bench.clock.advance(40);
      return reading(0.97);
    };
    bench.measurer.notes = { Query: 'errors{host="checkout"}' };
    const before = await bench.store.revision();
    const conditions = { successCondition: 'result >= 0.95', failureCondition: 'result < 0.9' };
    expect(await tryMetric(bench.deps, asked(conditions))).toMatchObject({
      measurement: { phase: 'Successful', value: '0.97' },
      value: '0.97',
      resultType: 'float64',
      conditions: [
        { field: 'successCondition', text: 'result >= 0.95', held: true },
        { field: 'failureCondition', text: 'result < 0.9', held: false },
      ],
      notes: { Query: 'errors{host="checkout"}' },
      durationMs: 40,
    });
    expect(bench.measurer.calls.map(({ verb, call }) => [verb, call.provider, call.run.namespace])).toEqual([
      ['measure', { web: { url: 'http://metrics/checkout' } }, 'shop'],
    ]);
    expect(await bench.store.revision()).toBe(before);
  });

  it.each([
    {
      name: 'does not parse',
      condition: 'result >> 1',
      error: 'unexpected token Operator(">") (1:9)\n | result >> 1\n | ........^',
    },
    { name: 'does not fit the value', condition: 'result[0] > 1', error: 'type float64' },
  ])('shows the place in a condition that $name', async ({ condition, error }) => {
    const bench = engineBench();
    const tried = await tryMetric(bench.deps, asked({ successCondition: condition }));
    expect(tried).toMatchObject({ measurement: { phase: 'Error' }, value: '1' });
    expect(tried.measurement.value).toBeUndefined();
    expect(tried.conditions[0]?.error).toContain(error);
    expect(tried.conditions[0]?.held).toBeUndefined();
  });

  it('shows it even when the source fails', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => Promise.reject(new ProviderError('unavailable', 'connection refused'));
    const tried = await tryMetric(bench.deps, asked({ successCondition: 'result >', failureCondition: 'result > 1' }));
    expect(tried).toMatchObject({
      measurement: { phase: 'Error', message: 'connection refused' },
      conditions: [{ error: expect.stringContaining('^') }, { field: 'failureCondition', text: 'result > 1' }],
      findings: expect.arrayContaining([
        expect.objectContaining({ severity: 'error', path: 'spec.metrics[0].successCondition' }),
      ]),
    });
    expect(tried.conditions[1]).not.toHaveProperty('held');
  });

  it('reads secrets and shows them nowhere', async () => {
    const bench = engineBench();
    bench.secrets.set('api', { token: 'hunter2' });
    bench.measurer.onMeasure = ({ provider }) => ({
      result: { type: 'string', value: 'hunter2' },
      value: JSON.stringify(provider),
      metadata: { echo: 'hunter2' },
    });
    bench.measurer.notes = { Query: 'token hunter2' };
    const tried = await tryMetric(
      bench.deps,
      asked(
        { successCondition: 'result == "{{args.token}}"', provider: { web: { url: 'http://x/{{args.token}}' } } },
        { args: [{ name: 'token', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } }] },
      ),
    );
    expect(tried.conditions).toEqual([{ field: 'successCondition', text: 'result == "*****"', held: true }]);
    expect(JSON.stringify(tried)).not.toContain('hunter2');
  });

  it('ends what it has begun', async () => {
    const bench = engineBench();
    bench.measurer.onMeasure = () => ({ deferred: true, metadata: { handle: '7' } });
    expect((await tryMetric(bench.deps, asked())).measurement.phase).toBe('Running');
    expect(bench.measurer.calls.map(({ verb }) => verb)).toEqual(['measure', 'cancel']);
  });

  it.each([
    { name: 'a source that does something', metric: { provider: { job: { spec: {} } } }, field: 'metric.provider' },
    { name: 'an argument nobody gives', metric: { provider: { web: { url: '{{args.no}}' } } }, field: 'metric' },
    {
      name: 'a secret that is not there',
      args: [{ name: 'host', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      field: 'args',
    },
  ])('refuses $name', async ({ metric = {}, args, field }) => {
    const bench = engineBench();
    const trial = tryMetric(bench.deps, asked(metric, args === undefined ? {} : { args }));
    await expect(trial).rejects.toMatchObject({ fault: 'invalid', causes: [{ field }] });
    expect(bench.measurer.calls).toEqual([]);
  });
});
