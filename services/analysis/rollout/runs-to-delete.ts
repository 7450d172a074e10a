import { isCompleted } from '../../domain/phase.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import { POD_HASH_LABEL } from './rollout.ts';

export interface ReplicaSet {
  readonly podHash: string;
  readonly deleting?: boolean;
}

export interface HistoryLimits {
  /** `spec.analysis.successfulRunHistoryLimit`. */
  readonly successful: number;
  /** `spec.analysis.unsuccessfulRunHistoryLimit`: Failed, Error and Inconclusive runs together. */
  readonly unsuccessful: number;
}

/** What Argo keeps when a Rollout says nothing. */
export const DEFAULT_HISTORY_LIMITS: HistoryLimits = { successful: 5, unsuccessful: 5 };

/**
 * Which of a rollout's runs that are not current go: those whose ReplicaSet is unknown, gone or going, and the oldest completed ones beyond
 * the limits. Runs that are not completed are terminated instead, never deleted here. Newest first.
 */
export function runsToDelete(
  runs: readonly AnalysisRun[],
  replicaSets: readonly ReplicaSet[],
  limits: HistoryLimits,
): readonly AnalysisRun[] {
  const isDeleting = new Map(replicaSets.map(({ podHash, deleting }) => [podHash, deleting === true]));
  const kept = { successful: 0, unsuccessful: 0 };
  const newestFirst = runs.toSorted((a, b) => createdAt(b) - createdAt(a));
  return newestFirst.filter((run) => {
    const podHash = run.metadata.labels?.[POD_HASH_LABEL];
    if (podHash === undefined || isDeleting.get(podHash) !== false) return true;
    const phase = run.status?.phase;
    if (!isCompleted(phase)) return false;
    const tally = phase === 'Successful' ? 'successful' : 'unsuccessful';
    if (kept[tally] >= limits[tally]) return true;
    kept[tally] += 1;
    return false;
  });
}

function createdAt(run: AnalysisRun): number {
  return run.metadata.creationTimestamp === undefined ? 0 : Date.parse(run.metadata.creationTimestamp);
}
