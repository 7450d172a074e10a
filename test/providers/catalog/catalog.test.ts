import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Reading } from '../../../providers/contract.ts';
import { measurementOf } from '../../../services/analysis/evaluate-reading.ts';
import { resolveMetric } from '../../../services/analysis/resolve-metric.ts';
import { checkDocuments } from '../../../services/cli/check-documents.ts';
import { readDocuments } from '../../../services/cli/read-documents.ts';
import type { Measurement } from '../../../services/domain/run.ts';
import type { AnalysisTemplate } from '../../../services/domain/template.ts';
import { allProviderSchemas } from '../../../services/wiring/provider-schemas.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { type PrometheusServer, startPrometheus } from '../../support/prometheus.ts';
import { callFor, testProviders } from '../../support/providers.ts';
import { COLLECTORS, END, historyOf, type Traffic } from './mesh-metrics.ts';

const FOLDER = 'providers/catalog';
const NAMES = readdirSync(FOLDER).map((file) => file.replace('.yaml', ''));
const TRAFFIC: Readonly<Record<Traffic, Measurement['phase']>> = {
  good: 'Successful',
  bad: 'Failed',
  idle: 'Inconclusive',
  absent: 'Inconclusive',
};

/** Takes the template's one metric, with these arguments, and evaluates its conditions. */
async function measure(name: string, args: Readonly<Record<string, string>>, settings: Record<string, string> = {}) {
  const { spec } = parse(readFileSync(`${FOLDER}/${name}.yaml`, 'utf8')) as AnalysisTemplate;
  const filled = (spec.args ?? []).map((arg) => ({ ...arg, value: args[arg.name] ?? arg.value ?? '' }));
  expect(Object.keys(args).filter((arg) => !filled.some((known) => known.name === arg))).toEqual([]);
  const metric = resolveMetric(spec.metrics![0]!, filled);
  const providers = testProviders({ clock: new TestClock(END), setting: (setting) => settings[setting] });
  const reading = (await providers.measure(callFor(metric.provider, { now: END }))) as Reading;
  providers.close();
  return measurementOf(metric, reading, { startedAt: END, endedAt: END });
}

describe('every template of the catalog', () => {
  it.each(NAMES)('%s is named after its file, says what it measures, and lint finds nothing', async (name) => {
    const documents = await readDocuments(`${FOLDER}/${name}.yaml`);
    expect(documents.map(({ value }) => value.metadata?.name)).toEqual([name]);
    expect(readFileSync(`${FOLDER}/${name}.yaml`, 'utf8')).toMatch(/^# .+\.\n/);
    const checked = await checkDocuments(documents, { providerSchemas: allProviderSchemas });
    expect(checked.flatMap(({ findings }) => findings)).toEqual([]);
  });

  it('is tried below', () => {
    const tried = [...COLLECTORS.map(({ mesh }) => mesh), 'aws-alb'];
    expect(NAMES).toEqual(tried.flatMap((mesh) => [`${mesh}-latency`, `${mesh}-success-rate`]).toSorted());
  });
});

describe('against a real Prometheus with the metrics of', () => {
  let prometheus: PrometheusServer;
  beforeAll(async () => {
    prometheus = await startPrometheus({ history: historyOf(COLLECTORS) });
  });
  afterAll(() => prometheus?.stop());

  const cases = COLLECTORS.flatMap((collector) =>
    (Object.keys(TRAFFIC) as Traffic[]).map((traffic) => ({ ...collector, traffic, want: TRAFFIC[traffic] })),
  );
  it.each(cases)('$mesh: $traffic traffic is $want', async ({ mesh, args, traffic, want }) => {
    const given = { prometheus: prometheus.url, ...args(traffic) };
    const rate = await measure(`${mesh}-success-rate`, given);
    const latency = await measure(`${mesh}-latency`, given);
    expect([rate.phase, latency.phase], JSON.stringify({ rate, latency })).toEqual([want, want]);
    if (traffic === 'good') {
      expect(rate.value).toBe('[1]');
      // Every request took between the bounds 100 and 300 milliseconds, so the quantile lies there, in this unit.
      const [milliseconds] = JSON.parse(latency.value ?? '') as [number];
      expect(milliseconds).toBeGreaterThan(100);
      expect(milliseconds).toBeLessThan(300);
    }
    if (traffic === 'bad') expect(rate.value).toBe('[0]');
  });
});

describe('against a server that speaks CloudWatch', () => {
  const TARGETS = { 'load-balancer': 'app/shop/1', 'target-group': 'targetgroup/canary/2' };
  const DIMENSIONS = [
    { Name: 'LoadBalancer', Value: 'app/shop/1' },
    { Name: 'TargetGroup', Value: 'targetgroup/canary/2' },
  ];
  /** By metric name, newest first; CloudWatch has no points where a count is zero. */
  const POINTS: Readonly<Record<Traffic, Readonly<Record<string, readonly number[]>>>> = {
    good: { RequestCount: [50, 60, 70], TargetResponseTime: [0.1, 0.2, 0.15] },
    bad: { RequestCount: [50, 60], HTTPCode_Target_5XX_Count: [50, 60], TargetResponseTime: [2, 3] },
    idle: { RequestCount: [0, 0] },
    absent: {},
  };
  let server: TestServer;
  let points: Readonly<Record<string, readonly number[]>>;
  beforeAll(async () => {
    server = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as { MetricDataQueries: AwsQuery[] };
      const MetricDataResults = asked.MetricDataQueries.map(({ Id, MetricStat: { Metric } }) => {
        expect(Metric).toMatchObject({ Namespace: 'AWS/ApplicationELB', Dimensions: DIMENSIONS });
        const Values = points[Metric.MetricName] ?? [];
        return { Id, Values, Timestamps: Values.map((_, i) => END / 1000 - i * 60), StatusCode: 'Complete' };
      });
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify({ MetricDataResults }));
    });
  });
  afterAll(() => server?.close());

  it.each(Object.entries(TRAFFIC))('aws-alb: %s traffic is %s', async (traffic, want) => {
    points = POINTS[traffic as Traffic];
    const settings = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: server.url,
    };
    const rate = await measure('aws-alb-success-rate', TARGETS, settings);
    const latency = await measure('aws-alb-latency', TARGETS, settings);
    expect([rate.phase, latency.phase], JSON.stringify({ rate, latency })).toEqual([want, want]);
  });
});

interface AwsQuery {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly MetricName: string } };
}
