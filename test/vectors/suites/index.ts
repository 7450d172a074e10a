import type { Suite } from '../suite.ts';

/** Suite name (the vector file's base name, or `providers/NAME`) → its module, loaded on use. */
export const suites: Readonly<Record<string, () => Promise<{ readonly suite: Suite }>>> = {
  'argo-engine': () => import('./argo-engine/index.ts'),
  'kayenta-http': () => import('./kayenta-http/index.ts'),
  'kayenta-judge': () => import('./kayenta/judge.ts'),
  'kayenta-suites': () => import('./kayenta/suites.ts'),
  kubectl: () => import('./kubectl.ts'),
  'mann-whitney': () => import('./kayenta/mann-whitney.ts'),
  'providers/atlas': provider('atlas'),
  'providers/cloudwatch': provider('cloudwatch'),
  'providers/datadog': provider('datadog'),
  'providers/graphite': provider('graphite'),
  'providers/job': provider('job'),
  'providers/influxdb': provider('influxdb'),
  'providers/kayenta': provider('kayenta'),
  'providers/newrelic': provider('newrelic'),
  'providers/prometheus': provider('prometheus'),
  'providers/validation': () => import('./providers/validation.ts'),
  'providers/skywalking': provider('skywalking'),
  'providers/wavefront': provider('wavefront'),
  'providers/web': provider('web'),
  'providers/web-jsonpath': provider('web-jsonpath'),
  'providers/azuremonitor': provider('azuremonitor'),
  'providers/dynatrace': provider('dynatrace'),
  'providers/elasticsearch': provider('elasticsearch'),
  'providers/externalmetrics': provider('externalmetrics'),
  'providers/flagger-observers': provider('flagger-observers'),
  'providers/googlemonitoring': provider('googlemonitoring'),
  'providers/keptn': provider('keptn'),
  'providers/signalfx': provider('signalfx'),
  'eval-time': () => import('./eval-time.ts'),
  'evaluate-result': () => import('./evaluate-result.ts'),
  'expr-conditions': () => import('./expr-conditions.ts'),
  'expr-error-positions': () => import('./expr-error-positions.ts'),
  'expr-values': () => import('./expr-values.ts'),
};

function provider(name: string): () => Promise<{ readonly suite: Suite }> {
  return async () => ({ suite: (await import('./providers/index.ts')).providerSuite(name) });
}
