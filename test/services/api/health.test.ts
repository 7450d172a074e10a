import { expect, it } from 'vitest';
import { StoreError } from '../../../services/engine/ports.ts';
import { ANALYSIS, runBody, templateBody, testApi } from '../../support/api.ts';

it('says that it lives, and that it is ready while its store takes writes', async () => {
  const { call, deps } = await testApi();
  for (const path of ['/healthz', '/livez', '/readyz']) expect((await call('GET', path)).text).toBe('ok');
  deps.store.check = async () => {
    throw new StoreError('unavailable', 'the disk is full');
  };
  expect((await call('GET', '/readyz')).body).toMatchObject({
    code: 503,
    reason: 'ServiceUnavailable',
    message: 'the disk is full',
  });
  expect((await call('GET', '/readyz')).headers['retry-after']).toBe('1');
  expect((await call('GET', '/healthz')).status).toBe(200);
});

it('counts runs by phase as they come, change and go', async () => {
  const { call } = await testApi();
  const runs = `${ANALYSIS}/namespaces/shop/analysisruns`;
  const phases = async () =>
    Object.fromEntries(
      [...(await call('GET', '/metrics')).text.matchAll(/^assay_runs\{phase="(\w+)"\} (\d+)$/gm)]
        .filter(([, , count]) => count !== '0')
        .map(([, phase, count]) => [phase, Number(count)]),
    );
  await call('POST', runs, runBody('a'));
  await call('POST', runs, { ...runBody('b'), status: { phase: 'Failed' } });
  expect(await phases()).toEqual({ Pending: 1, Failed: 1 });
  await call('PATCH', `${runs}/a`, { status: { phase: 'Running' } });
  await call('DELETE', `${runs}/b`);
  await expect.poll(phases).toEqual({ Running: 1 });
});

it('shows what it was told of providers, passes, waits and the queue', async () => {
  const { call, deps } = await testApi();
  deps.numbers.measured({ provider: 'Prometheus', phase: 'Successful', durationMs: 20 });
  deps.numbers.measured({ provider: 'Prometheus', phase: 'Error', durationMs: 2000 });
  deps.numbers.passed({ run: 'shop/a', durationMs: 10, latenessMs: 300, endedAt: deps.clock.now() });
  deps.numbers.passFailed({ run: 'shop/a', endedAt: deps.clock.now() });
  deps.numbers.told({ reason: 'AnalysisRunFailed', type: 'Warning' });
  deps.numbers.completed({ run: 'shop/a', phase: 'Failed' });
  deps.numbers.plannerWaited({ account: 'http://prometheus', reason: 'rate', ms: 40 });
  await deps.queue.schedule({ runId: 'shop/a', dueAt: deps.clock.now() - 1500 });
  const { text, headers } = await call('GET', '/metrics');
  expect(headers['content-type']).toContain('text/plain');
  for (const line of [
    'assay_measurements_total{provider="Prometheus",phase="Error"} 1',
    'assay_provider_duration_seconds_bucket{le="0.025",provider="Prometheus"} 1',
    'assay_pass_lateness_seconds_sum 0.3',
    'assay_runs_completed_total{phase="Failed"} 1',
    'assay_planner_wait_seconds_sum{account="http://prometheus",reason="rate"} 0.04',
    'assay_events_total{reason="AnalysisRunFailed",type="Warning"} 1',
    'analysis_run_reconcile_bucket{le="0.01",name="a",namespace="shop"} 1',
    'analysis_run_reconcile_count{name="a",namespace="shop"} 1',
    'analysis_run_reconcile_error{name="a",namespace="shop"} 1',
    'assay_store_ready 1',
    'assay_workers 0',
    'assay_queue_tickets 1',
    'assay_queue_lag_seconds 1.5',
  ])
    expect(text).toContain(`${line}\n`);
});

it('shows its other numbers while the store is away', async () => {
  const { call, deps } = await testApi();
  const away = async () => {
    throw new StoreError('unavailable', 'the disk is full');
  };
  Object.assign(deps.store, { check: away, list: away });
  const { status, text } = await call('GET', '/metrics');
  expect(status).toBe(200);
  expect(text).toContain('assay_store_ready 0\n');
  expect(text).toContain('process_resident_memory_bytes');
});

it('shows what each run says, as it changes, and the templates', async () => {
  const { call } = await testApi();
  const runs = `${ANALYSIS}/namespaces/shop/analysisruns`;
  const linesOf = async (name: string) =>
    (await call('GET', '/metrics')).text.split('\n').filter((line) => line.startsWith(`${name}{`));
  await call('POST', `${ANALYSIS}/namespaces/shop/analysistemplates`, templateBody('errors'));
  await call('POST', `${ANALYSIS}/clusteranalysistemplates`, {
    ...templateBody('all'),
    kind: 'ClusterAnalysisTemplate',
  });
  await call('POST', runs, runBody('a'));
  expect(await linesOf('analysis_run_info')).toEqual(['analysis_run_info{name="a",namespace="shop",phase=""} 1']);
  expect(await linesOf('assay_metric_value')).toEqual([]);
  expect(await linesOf('assay_metric_threshold')).toEqual([
    'assay_metric_threshold{condition="failureCondition",index="",metric="errors",name="a",namespace="shop",operator=">"} 5',
  ]);
  const measurements = [{ phase: 'Failed', value: '7' }];
  await call('PATCH', `${runs}/a`, {
    status: { phase: 'Running', metricResults: [{ name: 'errors', phase: 'Running', measurements }] },
  });
  await expect
    .poll(() => linesOf('assay_metric_value'))
    .toEqual(['assay_metric_value{index="",metric="errors",name="a",namespace="shop"} 7']);
  expect(await linesOf('analysis_template_info')).toEqual([
    'analysis_template_info{name="errors",namespace="shop"} 1',
    'analysis_template_info{name="all",namespace=""} 1',
  ]);
  expect(await linesOf('analysis_template_metric_info')).toContain(
    'analysis_template_metric_info{metric="errors",name="errors",namespace="shop",type="web"} 1',
  );
  await call('DELETE', `${runs}/a`);
  await expect.poll(() => linesOf('analysis_run_info')).toEqual([]);
});
