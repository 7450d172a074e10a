import type { AnalysisRun } from '../domain/run.ts';

/**
 * A run stops when it is told to, or when a metric that counts has ended badly. The stored `dryRun` flag of a result decides whether it counts, not the
 * rules as they are now.
 */
export function isTerminating(run: Pick<AnalysisRun, 'spec' | 'status'>): boolean {
  if (run.spec.terminate === true) return true;
  return (run.status?.metricResults ?? []).some(
    ({ phase, dryRun }) => dryRun !== true && (phase === 'Failed' || phase === 'Error' || phase === 'Inconclusive'),
  );
}
