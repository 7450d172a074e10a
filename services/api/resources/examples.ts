import { ANALYSIS_API_VERSION, type Resource } from '../../domain/resource.ts';
import type { ServedKind } from './kinds.ts';

interface KindExamples {
  /** As a caller may send it. */
  readonly sent: Resource;
  /** As the server answers it. */
  readonly stored: Resource;
  readonly patch: unknown;
}

const spec = {
  metrics: [
    {
      name: 'success-rate',
      interval: '1m',
      count: 3,
      successCondition: 'result[0] >= 0.95',
      provider: {
        prometheus: {
          address: 'http://prometheus:9090',
          query: 'sum(rate(ok_total[1m])) / sum(rate(requests_total[1m]))',
        },
      },
    },
  ],
};
const born = {
  uid: '2f1d9a52-3c1b-4b3e-9d3c-5d6a4b1c8e70',
  resourceVersion: '7',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const status = {
  phase: 'Successful',
  startedAt: '2026-01-01T00:00:00Z',
  completedAt: '2026-01-01T00:02:00Z',
  runSummary: { count: 1, successful: 1 },
  dryRunSummary: {},
  metricResults: [
    {
      name: 'success-rate',
      phase: 'Successful',
      count: 3,
      successful: 3,
      measurements: [
        { phase: 'Successful', value: '[0.99]', startedAt: '2026-01-01T00:02:00Z', finishedAt: '2026-01-01T00:02:00Z' },
      ],
    },
  ],
};

function examples(sent: Resource & object, patch: unknown, more: object = {}): KindExamples {
  const generation = sent.apiVersion === ANALYSIS_API_VERSION ? { generation: 1 } : {};
  return { sent, stored: { ...sent, metadata: { ...sent.metadata, ...born, ...generation }, ...more }, patch };
}

const template = (kind: string, metadata: Resource['metadata']) => ({
  apiVersion: ANALYSIS_API_VERSION,
  kind,
  metadata,
  spec,
});
const event = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'checkout-1.17b5a0', namespace: 'shop' },
  involvedObject: { apiVersion: ANALYSIS_API_VERSION, kind: 'AnalysisRun', namespace: 'shop', name: 'checkout-1' },
  reason: 'AnalysisRunSuccessful',
  message: 'Analysis Completed. Result: Successful',
  type: 'Normal',
  count: 1,
  firstTimestamp: '2026-01-01T00:02:00Z',
  lastTimestamp: '2026-01-01T00:02:00Z',
};

export const EXAMPLES: Readonly<Record<ServedKind['kind'], KindExamples>> = {
  AnalysisRun: examples(
    template('AnalysisRun', { name: 'checkout-1', namespace: 'shop' }),
    { spec: { terminate: true } },
    { status },
  ),
  AnalysisTemplate: examples(template('AnalysisTemplate', { name: 'success-rate', namespace: 'shop' }), {
    metadata: { labels: { team: 'shop' } },
  }),
  ClusterAnalysisTemplate: examples(template('ClusterAnalysisTemplate', { name: 'success-rate' }), {
    metadata: { labels: { team: 'shop' } },
  }),
  Event: examples(event, { message: 'Analysis completed.' }),
  Namespace: examples(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    { metadata: { labels: { team: 'shop' } } },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  ),
};
