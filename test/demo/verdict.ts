import { reasonOf } from '../../services/analysis/reason.ts';
import type { CompletedPhase } from '../../services/domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../../services/domain/run.ts';

export interface Canary {
  /** Name of its AnalysisRun. */
  readonly run: string;
  readonly release: string;
  /** The verdict that its run must get. */
  readonly must: CompletedPhase;
}

/** Whether the run has the verdict that it must have, and the lines that tell why. */
export function verdictOf(run: AnalysisRun | undefined, { must }: Canary): { isRight: boolean; lines: string[] } {
  if (run === undefined) return { isRight: false, lines: [`no verdict, but it must be ${must}`] };
  const isRight = run.status?.phase === must;
  const reason = `${reasonOf(run).sentence}.`;
  const tallies = (run.status?.metricResults ?? []).map((result) => `${result.name.padEnd(14)}${tally(result)}`);
  return { isRight, lines: [...(isRight ? [] : [`It must be ${must}!`]), reason, ...tallies] };
}

function tally({ successful = 0, failed = 0, inconclusive = 0, error = 0 }: MetricResult): string {
  const counts = [
    [successful, 'good'],
    [failed, 'bad'],
    [inconclusive, 'unclear'],
    [error, 'in error'],
  ] as const;
  return counts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(', ');
}
