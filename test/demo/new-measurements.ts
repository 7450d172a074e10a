import type { AnalysisRun, Measurement } from '../../services/domain/run.ts';

export interface Shown {
  readonly metric: string;
  /** 1 for the metric's first measurement. */
  readonly number: number;
  readonly measurement: Measurement;
}

/** The measurements that finished between two states of a run, in the order in which they finished. */
export function newMeasurements(before: AnalysisRun | undefined, after: AnalysisRun): Shown[] {
  const seen = new Map(before?.status?.metricResults?.map((result) => [result.name, finished(result)]));
  return (after.status?.metricResults ?? [])
    .flatMap((result) => {
      const already = seen.get(result.name)?.length ?? 0;
      return finished(result)
        .map((measurement, index) => ({ metric: result.name, number: index + 1, measurement }))
        .slice(already);
    })
    .sort((a, b) => (a.measurement.finishedAt! < b.measurement.finishedAt! ? -1 : 1));
}

function finished({ measurements = [] }: { readonly measurements?: readonly Measurement[] }): readonly Measurement[] {
  return measurements.filter(({ finishedAt }) => finishedAt !== undefined);
}
