/** Runs as an engine would have left them: of every phase, with measurements, in several namespaces. */
import type { Phase } from '../../services/domain/phase.ts';
import { rfc3339 } from '../../services/domain/resource.ts';
import type { AnalysisRun, Measurement, MetricResult } from '../../services/domain/run.ts';

const NAMESPACES = ['checkout', 'payments', 'search', 'shop'];
const SERVICES = ['cart', 'catalog', 'gateway', 'ledger', 'mailer', 'pricing'];
/** Out of twenty: most releases are well. */
const PHASES: readonly Phase[] = [
  ...Array<Phase>(13).fill('Successful'),
  ...(['Running', 'Running', 'Running', 'Failed', 'Failed', 'Error', 'Inconclusive'] as const),
];
const MEASUREMENTS = 12;
const RUNNING_TAKEN = 7;

/** `count` runs, the first made last. Running ones wait for their next measurement for an hour. */
export function storedRuns(count: number, now: number): AnalysisRun[] {
  return Array.from({ length: count }, (_, index) => storedRun(index, now));
}

function storedRun(index: number, now: number): AnalysisRun {
  const service = SERVICES[index % SERVICES.length]!;
  const phase = PHASES[(Math.floor(index / 4) * 7 + (index % 4) * 3) % PHASES.length]!;
  const isOver = phase !== 'Running';
  // The last measurement of one that runs is of now, so that the next is an hour away.
  const startedMs = isOver ? now - 60_000 - index * 47_000 : now - RUNNING_TAKEN * 60_000;
  const metricResults = [
    metricResult('success-rate', phase, startedMs, (step) => 0.97 + 0.02 * Math.sin(index + step)),
    metricResult(
      'latency-p95',
      isOver ? 'Successful' : phase,
      startedMs,
      (step) => 180 + 40 * Math.cos(index * 3 + step),
    ),
  ];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name: `${service}-${String(index).padStart(5, '0')}`,
      namespace: NAMESPACES[index % NAMESPACES.length]!,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      creationTimestamp: rfc3339(startedMs),
      labels: { app: service, 'rollouts-pod-template-hash': (index * 2654435761).toString(16).slice(-8) },
    },
    spec: {
      args: [{ name: 'service', value: service }],
      metrics: [
        {
          name: 'success-rate',
          interval: '1h',
          count: 12,
          failureLimit: 2,
          successCondition: 'result[0] >= 0.95',
          provider: {
            prometheus: { address: 'http://127.0.0.1:9', query: 'sum(rate(ok{app="{{args.service}}"}[5m]))' },
          },
        },
        {
          name: 'latency-p95',
          interval: '1h',
          count: 12,
          failureCondition: 'result[0] > 400',
          provider: { prometheus: { address: 'http://127.0.0.1:9', query: 'p95{app="{{args.service}}"}' } },
        },
      ],
    },
    status: {
      phase,
      startedAt: rfc3339(startedMs),
      ...(isOver && { completedAt: rfc3339(startedMs + 600_000) }),
      ...(phase === 'Failed' && {
        message: 'Metric "success-rate" assessed Failed due to failed (3) > failureLimit (2)',
      }),
      runSummary: { count: 2, ...(isOver && { successful: phase === 'Successful' ? 2 : 1 }) },
      metricResults,
    },
  };
}

function metricResult(name: string, phase: Phase, startedMs: number, valueAt: (step: number) => number): MetricResult {
  const bad = phase === 'Failed' || phase === 'Error' || phase === 'Inconclusive' ? phase : undefined;
  const taken = phase === 'Running' ? RUNNING_TAKEN : MEASUREMENTS;
  const measurements = Array.from({ length: taken }, (_, step): Measurement => {
    const isBad = bad !== undefined && step >= taken - 3;
    const at = rfc3339(startedMs + step * 60_000);
    return {
      phase: isBad ? bad : 'Successful',
      ...(isBad && bad === 'Error'
        ? { message: 'the source answers 503' }
        : { value: `[${(isBad ? valueAt(step) * 0.9 : valueAt(step)).toFixed(4)}]` }),
      startedAt: at,
      finishedAt: at,
    };
  });
  const counter = bad?.toLowerCase() as 'failed' | 'error' | 'inconclusive' | undefined;
  return {
    name,
    phase,
    count: bad === 'Error' ? taken - 3 : taken,
    successful: bad === undefined ? taken : taken - 3,
    ...(counter !== undefined && { [counter]: 3 }),
    ...(bad === 'Error' && { consecutiveError: 5 }),
    measurements,
  };
}
