import { isCompleted } from '../domain/phase.ts';
import { epochMs } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';

/**
 * When a completed run is to be deleted, in epoch milliseconds; undefined: never. Argo compares whole elapsed seconds strictly, so a life of N seconds ends with
 * second N + 1. Runs that ended before they were assessed have no `completedAt` and stay.
 */
export function expiresAt(run: Pick<AnalysisRun, 'spec' | 'status'>): number | undefined {
  const completedAt = epochMs(run.status?.completedAt);
  if (!isCompleted(run.status?.phase) || completedAt === undefined) return undefined;
  const seconds = secondsToLive(run);
  return seconds === undefined ? undefined : completedAt + (seconds + 1) * 1000;
}

function secondsToLive({ spec, status }: Pick<AnalysisRun, 'spec' | 'status'>): number | undefined {
  const strategy = spec.ttlStrategy;
  // Error and Inconclusive have no time of their own.
  if (status?.phase === 'Successful' && isSet(strategy?.secondsAfterSuccess)) return strategy?.secondsAfterSuccess;
  if (status?.phase === 'Failed' && isSet(strategy?.secondsAfterFailure)) return strategy?.secondsAfterFailure;
  return strategy?.secondsAfterCompletion ?? undefined;
}

function isSet(seconds: number | undefined | null): boolean {
  return seconds !== undefined && seconds !== null;
}
