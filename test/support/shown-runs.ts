/** Runs for the page, over a Prometheus with the history of release-history.ts. */
import type { Resource } from '../../services/domain/resource.ts';

export interface ShownRun {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly metrics: readonly object[]; readonly [field: string]: unknown };
}

/** One that passes, one that fails, one that goes on for an hour, and two canaries. */
export function shownRuns(prometheus: string): readonly ShownRun[] {
  const query = (text: string) => ({ prometheus: { address: prometheus, query: text } });
  const errors = (version: string) => query(`sum(errors{version="${version}"})`);
  const canary = (version: string) => ({
    name: 'errors-against-baseline',
    provider: {
      canary: { window: '1h', analysis: { direction: 'increase' }, baseline: errors('v1'), canary: errors(version) },
    },
  });
  const ratio = {
    name: 'success-rate',
    interval: '1s',
    count: 4,
    successCondition: 'result[0] >= 0.95',
    provider: query('0.97 + sum(errors{version="{{args.version}}"}) / 1000'),
  };
  const args = [{ name: 'version', value: 'v2' }];
  return [
    { metadata: { name: 'release-2', labels: { app: 'shop', track: 'stable' } }, spec: { args, metrics: [ratio] } },
    {
      metadata: { name: 'release-3', labels: { app: 'shop', track: 'canary' } },
      spec: {
        args: [{ name: 'version', value: 'v3' }],
        metrics: [
          {
            name: 'errors',
            interval: '1s',
            count: 5,
            failureLimit: 2,
            failureCondition: 'result[0] > 4',
            provider: errors('{{args.version}}'),
          },
          ratio,
        ],
      },
    },
    {
      metadata: { name: 'release-4', labels: { app: 'shop', track: 'canary' } },
      spec: {
        args,
        metrics: [
          { ...ratio, count: 3600 },
          { ...ratio, name: 'success-rate-dry' },
        ],
        dryRun: [{ metricName: 'dry' }],
      },
    },
    { metadata: { name: 'canary-2' }, spec: { metrics: [canary('v2')] } },
    { metadata: { name: 'canary-3' }, spec: { metrics: [canary('v3')] } },
  ];
}

/** Every text that a page must not take for anything else. */
export const HOSTILE = '<img src=x onerror=alert(1)>"\'&amp;\u202egnp.exe\u0000{{constructor}}';

const START = Date.parse('2026-11-01T00:00:00Z');
const iso = (step: number): string => new Date(START + step * 1000).toISOString().replace('.000', '');

/** A completed run as somebody could have written it: ten thousand measurements, values that are no numbers, and texts that want to be markup. */
export function hostileRun(namespace: string, name: string): Resource {
  const values = ['[NaN]', '[+Inf]', '[-Inf]', 'not a number', `[0.5] ${HOSTILE}`];
  const measurements = Array.from({ length: 10_000 }, (_, step) => ({
    phase: step % 50 === 7 ? 'Failed' : 'Successful',
    value: values[step % 500] ?? `[${(0.97 + 0.02 * Math.sin(step / 90)).toFixed(4)}]`,
    startedAt: iso(step),
    finishedAt: iso(step),
    ...(step === 9_999 && { message: HOSTILE }),
  }));
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      namespace,
      name,
      uid: 'b7c1f4f0-0000-4000-8000-000000000000',
      creationTimestamp: iso(0),
      labels: { [`a${'b'.repeat(62)}`]: 'c'.repeat(63) },
    },
    spec: {
      terminate: true,
      args: [{ name: 'text', value: HOSTILE.repeat(40) }],
      metrics: [
        {
          name: HOSTILE,
          successCondition: 'result[0] > 0.9',
          provider: { web: { url: 'http://127.0.0.1:9/{{args.text}}' } },
        },
      ],
    },
    status: {
      phase: 'Failed',
      message: HOSTILE,
      startedAt: iso(0),
      completedAt: iso(10_000),
      metricResults: [{ name: HOSTILE, phase: 'Failed', count: 10_000, failed: 200, successful: 9_800, measurements }],
    },
  } as Resource;
}
