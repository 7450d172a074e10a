/** One AnalysisTemplate with a metric on each of Argo's providers: every source is asked over its own wire, and the run ends as Argo's would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProviders, type Providers } from '../../providers/create-providers.ts';
import { pluginProvider } from '../../providers/plugin/index.ts';
import { registry } from '../../providers/registry.ts';
import type { AnalysisRun } from '../../services/domain/run.ts';
import type { AnalysisTemplate } from '../../services/domain/template.ts';
import { advanceRun } from '../../services/engine/advance-run.ts';
import { createRun } from '../../services/engine/create-run.ts';
import type { Ticket } from '../../services/engine/ports.ts';
import { loadRun } from '../../services/engine/run-store.ts';
import { engineBench, START } from '../services/engine/harness.ts';
import { serve, type TestServer } from '../support/http-server.ts';
import { type Kubeconfig, writeKubeconfig } from '../support/kubeconfig.ts';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes-api.ts';

const UID = '34e4d823-4ba9-4afe-8775-6384561d7ef3';
const JOB = `/apis/batch/v1/namespaces/shop/jobs/${UID}.job.1`;

let server: TestServer;
let asked: Set<string>;
let cluster: KubernetesApi;
let kubeconfig: Kubeconfig;
let folder: string;
let providers: Providers;
let score: number;

const INFLUX = [
  '#datatype,string,long,double',
  '#group,false,false,false',
  '#default,_result,,',
  ',result,table,_value',
  ',,0,1.0',
  ',,0,6.6',
  '',
  '',
].join('\r\n');

/** What each source answers, by the path it is asked at. */
const ANSWERS: Readonly<Record<string, () => unknown>> = {
  '/prometheus/api/v1/query': () => ({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: {}, value: [START / 1000, '0.97'] }] },
  }),
  '/web': () => ({ checkout: { rate: 0.5 } }),
  '/datadog/api/v1/query': () => ({
    status: 'ok',
    series: [
      {
        pointlist: [
          [START, 0.002],
          [START, 0.0003],
        ],
      },
    ],
  }),
  '/wavefront/api/v2/chart/api': () => ({ timeseries: [{ label: 'l', data: [[START / 1000 - 5, 10]] }] }),
  '/newrelic/graphql': () => ({ data: { actor: { account: { nrql: { results: [{ count: 10 }] } } } } }),
  '/cloudwatch': () => ({
    MetricDataResults: [
      {
        Id: 'rate',
        Label: 'rate',
        StatusCode: 'Complete',
        Values: [0.1, 0.2],
        Timestamps: [START / 1000, START / 1000 - 60],
      },
    ],
  }),
  '/graphite/render': () => [
    {
      target: 'errors',
      datapoints: [
        [100, START / 1000],
        [null, START / 1000],
      ],
    },
  ],
  '/influxdb/api/v2/query': () => INFLUX,
  '/skywalking/graphql': () => ({ data: { sla: { value: 9999 } } }),
  '/kayenta/canaryConfig': () => [{ id: 'config-1', name: 'shop' }],
  '/kayenta/canary/config-1': () => ({ canaryExecutionId: 'execution-1' }),
  '/kayenta/canary/execution-1': () => ({ complete: true, result: { judgeResult: { score: { score } } } }),
  '/plugin': () => 7,
};

beforeEach(async () => {
  score = 95;
  asked = new Set();
  server = await serve((request, response) => {
    const path = new URL(request.url ?? '/', 'http://server').pathname.replace(/\/$/, '');
    asked.add(path);
    const answer = ANSWERS[path]?.();
    const type = path === '/cloudwatch' ? 'application/x-amz-json-1.0' : 'application/json';
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': answer === INFLUX ? 'text/csv' : type });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  cluster = await startKubernetesApi();
  kubeconfig = await writeKubeconfig(cluster.url);
  folder = mkdtempSync(join(tmpdir(), 'assay-every-source-'));
  writeFileSync(
    join(folder, 'plugin.ts'),
    `export default {
      async measure({ query, http }) {
        const { body } = await http({ method: 'GET', url: query.url, timeoutMs: 1000 });
        return { result: { type: 'float64', value: Number(body) }, value: body };
      },
    };`,
  );
});
afterEach(async () => {
  providers?.close();
  await Promise.all([server.close(), cluster.close(), kubeconfig.remove()]);
  rmSync(folder, { recursive: true });
});

const templateAt = (url: string): AnalysisTemplate['spec'] => ({
  args: [{ name: 'service', value: 'checkout' }],
  metrics: [
    {
      name: 'prometheus',
      successCondition: 'result[0] >= 0.95',
      provider: { prometheus: { address: `${url}/prometheus`, query: 'rate{service="{{args.service}}"}' } },
    },
    {
      name: 'job',
      provider: { job: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [] } } } } },
    },
    {
      name: 'kayenta',
      provider: {
        kayenta: {
          address: `${url}/kayenta`,
          application: 'shop',
          canaryConfigName: 'shop',
          metricsAccountName: 'metrics',
          configurationAccountName: 'store',
          storageAccountName: 'store',
          threshold: { pass: 90, marginal: 75 },
          scopes: [
            {
              name: 'default',
              controlScope: { scope: 'baseline', region: 'eu', step: 60 },
              experimentScope: { scope: 'canary', region: 'eu', step: 60 },
            },
          ],
        },
      },
      interval: '1h',
      count: 1,
    },
    {
      name: 'web',
      successCondition: 'result > 0.4',
      provider: { web: { url: `${url}/web`, jsonPath: '{$.{{args.service}}.rate}' } },
    },
    { name: 'datadog', successCondition: 'result < 0.001', provider: { datadog: { query: 'avg:errors{*}' } } },
    {
      name: 'wavefront',
      successCondition: 'result == 10',
      provider: { wavefront: { address: `${url}/wavefront`, query: 'ts(x)' } },
    },
    { name: 'newrelic', successCondition: 'result.count == 10', provider: { newRelic: { query: 'SELECT count(*)' } } },
    {
      name: 'cloudwatch',
      successCondition: 'result[0].Values[0] < 0.15',
      provider: { cloudWatch: { metricDataQueries: [{ id: 'rate', expression: 'errors / requests' }] } },
    },
    {
      name: 'graphite',
      successCondition: 'result[0] == 100',
      provider: { graphite: { address: `${url}/graphite`, query: 'target=errors' } },
    },
    { name: 'influxdb', successCondition: 'result[0] == 1', provider: { influxdb: { query: 'from(bucket: "shop")' } } },
    {
      name: 'skywalking',
      successCondition: 'result.sla.value >= 9990',
      provider: {
        skywalking: { address: `${url}/skywalking`, query: 'query q($duration: Duration!) { sla }', interval: '5m' },
      },
    },
    {
      name: 'plugin',
      successCondition: 'result == 7',
      provider: { plugin: { 'shop/errors': { url: `${url}/plugin` } } },
    },
  ],
});

/** Takes the run from its creation to its verdict; `jobEnds` is what the cluster says of the Job after the first pass. */
async function runToVerdict(jobEnds: object): Promise<AnalysisRun> {
  const bench = engineBench();
  const { clock } = bench;
  const settings: Readonly<Record<string, string>> = {
    ...kubeconfig.settings,
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: `${server.url}/cloudwatch`,
  };
  const data: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    datadog: { address: `${server.url}/datadog`, 'api-key': 'a', 'app-key': 'b' },
    'wavefront-api-tokens': { [`${server.url}/wavefront`]: 'token' },
    newrelic: { 'personal-api-key': 'key', 'account-id': '1', 'base-url-nerdgraph': `${server.url}/newrelic/graphql` },
    influxdb: { address: `${server.url}/influxdb`, authToken: 'token', org: 'shop' },
  };
  const secrets = {
    read: async (namespace: string, name: string) => (namespace === 'argo-rollouts' ? data[name] : undefined),
  };
  providers = createProviders(
    {
      clock,
      setting: (name) => settings[name],
      secrets,
      controllerNamespace: 'argo-rollouts',
      evaluateTime: (text) => Date.parse(text),
      planner: { shareWindowMs: 0, limits: () => ({ concurrency: 10, requestsPerSecond: 0, retries: 0 }) },
    },
    {
      ...registry,
      plugin: {
        ...registry['plugin']!,
        load: async () => pluginProvider({ 'shop/errors': join(folder, 'plugin.ts') }) as never,
      },
    },
  );
  const deps = { ...bench.deps, measurer: providers, secrets };
  await deps.store.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: 'every-source', namespace: 'shop' },
    spec: templateAt(server.url),
  } as AnalysisTemplate);
  await createRun(deps, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: 'run', namespace: 'shop', uid: UID },
    spec: { templates: [{ templateName: 'every-source' }] },
  });
  let ticket: Ticket | undefined = { runId: 'shop/run', dueAt: START };
  for (let pass = 1; ticket !== undefined && pass < 50; pass += 1) {
    await clock.advanceTo(Math.max(ticket.dueAt, clock.now()));
    ticket = await advanceRun(deps, ticket);
    if (pass === 1) cluster.setStatus(JOB, { conditions: [jobEnds] });
  }
  return (await loadRun(deps.store, { runId: 'shop/run' })) as AnalysisRun;
}

const told = ({ status }: AnalysisRun) =>
  Object.fromEntries(
    (status?.metricResults ?? []).map(({ name, phase, measurements = [] }) => [
      name,
      [phase, ...measurements.map(({ value, message }) => value ?? message ?? '')].join(' ').trim(),
    ]),
  );

it('measures with twelve providers at once, and is Successful when all are', async () => {
  const run = await runToVerdict({ type: 'Complete', status: 'True' });
  expect(told(run)).toEqual({
    prometheus: 'Successful [0.97]',
    job: 'Successful',
    kayenta: 'Successful 95',
    web: 'Successful 0.5',
    datadog: 'Successful 0.0003',
    wavefront: 'Successful 10.00',
    newrelic: 'Successful {"count":10}',
    cloudwatch: 'Successful [[0.1 0.2]]',
    graphite: 'Successful [100.000000]',
    influxdb: 'Successful [1 6.6]',
    skywalking: 'Successful {"sla":{"value":9999}}',
    plugin: 'Successful 7',
  });
  expect(run.status).toMatchObject({ phase: 'Successful', runSummary: { count: 12, successful: 12 } });
  expect([...asked].sort()).toEqual(Object.keys(ANSWERS).sort());
});

it('is Failed by the one that fails, in the words of Argo', async () => {
  score = 40;
  const run = await runToVerdict({ type: 'Complete', status: 'True' });
  expect(told(run)).toMatchObject({ prometheus: 'Successful [0.97]', kayenta: 'Failed 40' });
  expect(run.status).toMatchObject({
    phase: 'Failed',
    message: 'Metric "kayenta" assessed Failed due to failed (1) > failureLimit (0)',
  });
});

it('ends what is in flight when another metric fails', async () => {
  const run = await runToVerdict({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' });
  expect(told(run)).toMatchObject({ job: 'Failed BackoffLimitExceeded', plugin: 'Successful 7' });
  expect(run.status).toMatchObject({
    phase: 'Failed',
    message: 'Metric "job" assessed Failed due to failed (1) > failureLimit (0): "Error Message: BackoffLimitExceeded"',
  });
});
