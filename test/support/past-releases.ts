/** What a few weeks of releases leave in a store: templates, the runs made from them, and Kayenta's executions. */
import type { Resource } from '../../services/domain/resource.ts';
import { rfc3339 } from '../../services/domain/resource.ts';
import type { AnalysisRun, MetricResult } from '../../services/domain/run.ts';
import type { AnalysisTemplate, Metric } from '../../services/domain/template.ts';

const HOUR_MS = 3_600_000;
const API = { apiVersion: 'argoproj.io/v1alpha1' } as const;

const prometheus = (query: string) => ({ prometheus: { address: '{{args.address}}', query } });

const METRICS: readonly Metric[] = [
  {
    name: 'success-rate',
    interval: '1m',
    count: 5,
    failureLimit: 1,
    successCondition: 'result[0] >= 0.95',
    provider: prometheus('sum(rate(requests_ok{app="{{args.service}}"}[5m]))'),
  },
  {
    name: 'latency-p95',
    interval: '1m',
    count: 5,
    failureCondition: 'result[0] > 400',
    provider: prometheus('histogram_quantile(0.95, latency_bucket{app="{{args.service}}"})'),
  },
  {
    name: 'canary-errors',
    provider: {
      canary: {
        window: '10m',
        baseline: prometheus('errors{app="{{args.service}}",version="stable"}'),
        canary: prometheus('errors{app="{{args.service}}",version="canary"}'),
      },
    },
  },
];

const TEMPLATES: readonly AnalysisTemplate[] = [
  {
    ...API,
    kind: 'AnalysisTemplate',
    metadata: { name: 'release-health', namespace: 'shop' },
    spec: {
      args: [
        { name: 'service' },
        { name: 'address', value: 'http://prometheus:9090' },
        { name: 'token', valueFrom: { secretKeyRef: { name: 'metrics-api', key: 'token' } } },
      ],
      metrics: METRICS,
      templates: [{ templateName: 'saturation', clusterScope: true }],
    },
  },
  {
    ...API,
    kind: 'AnalysisTemplate',
    metadata: { name: 'broken', namespace: 'payments' },
    spec: { metrics: [{ name: 'errors', count: 3, successCondition: 'result[0] >> 1', provider: prometheus('up') }] },
  },
  {
    ...API,
    kind: 'ClusterAnalysisTemplate',
    metadata: { name: 'saturation' },
    spec: {
      args: [{ name: 'address', value: 'http://prometheus:9090' }],
      metrics: [{ name: 'cpu', failureCondition: 'result[0] > 0.9', provider: prometheus('cpu:saturation') }],
    },
  },
];

/** By release, newest first: how each metric of the template ended, and with what. */
const RELEASES = [
  { revision: 19, step: 3, rate: 0.921, latency: 212, score: 61.5 },
  { revision: 19, step: 1, rate: 0.983, latency: 205, score: 96 },
  { revision: 18, step: 3, rate: 0.991, latency: 188, score: 100 },
  { revision: 18, step: 1, rate: 0.989, latency: 191, score: 98.25 },
  { revision: 17, step: 1, rate: 0.984, latency: 431, score: 84 },
  { revision: 16, step: 3, rate: 0.987, latency: 240, score: 92 },
  { revision: 15, step: 3, rate: 0.99, latency: 233, score: undefined },
  { revision: 14, step: 3, rate: 0.992, latency: 228, score: 97 },
  { revision: 13, step: 3, rate: 0.986, latency: 219, score: 95 },
  { revision: 12, step: 3, rate: Number.NaN, latency: 225, score: 96.5 },
] as const;

export function pastReleases(now: number): readonly Resource[] {
  return [...TEMPLATES, ...RELEASES.map((release, index) => pastRun(release, now - (index + 1) * 7 * HOUR_MS))];
}

function pastRun({ revision, step, rate, latency, score }: (typeof RELEASES)[number], startedMs: number): AnalysisRun {
  const startedAt = rfc3339(startedMs);
  const result = (name: string, phase: MetricResult['phase'], value: string | undefined, more = {}): MetricResult => ({
    name,
    phase,
    count: 1,
    ...(phase === 'Failed' && { failed: 2 }),
    ...(phase === 'Inconclusive' && { inconclusive: 1 }),
    measurements: [{ phase, ...(value !== undefined && { value }), startedAt, finishedAt: startedAt, ...more }],
  });
  const metricResults = [
    result('success-rate', rate >= 0.95 ? 'Successful' : 'Failed', `[${rate}]`),
    result('latency-p95', latency > 400 ? 'Failed' : 'Successful', `[${latency}]`),
    score === undefined
      ? result('canary-errors', 'Error', undefined, { message: 'baseline of canary-errors: context deadline exceeded' })
      : result('canary-errors', score >= 95 ? 'Successful' : score >= 75 ? 'Inconclusive' : 'Failed', String(score), {
          metadata: { classification: score >= 95 ? 'Pass' : score >= 75 ? 'Marginal' : 'Fail' },
        }),
    ...(step === 3 ? [result('cpu', 'Successful', '[0.41]')] : []),
  ];
  const phases = metricResults.map(({ phase }) => phase);
  const phase = (['Error', 'Failed', 'Inconclusive'] as const).find((one) => phases.includes(one)) ?? 'Successful';
  const hash = (revision * 2654435761).toString(16).slice(-6);
  return {
    ...API,
    kind: 'AnalysisRun',
    metadata: {
      name: `checkout-${hash}-${revision}-${step}`,
      namespace: 'shop',
      uid: `release-${revision}-${step}`,
      creationTimestamp: startedAt,
      labels: { 'rollouts-pod-template-hash': hash },
      annotations: {
        'rollout.argoproj.io/revision': String(revision),
        'assay/templates': 'AnalysisTemplate/release-health,ClusterAnalysisTemplate/saturation',
      },
    },
    spec: {
      args: [
        { name: 'service', value: 'checkout' },
        { name: 'address', value: 'http://127.0.0.1:9' },
      ],
      metrics: METRICS,
    },
    status: { phase, startedAt, completedAt: rfc3339(startedMs + 600_000), metricResults },
  };
}
