import { CallerError } from '../domain/errors.ts';
import { isCompleted } from '../domain/phase.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import { StoreError } from './ports.ts';
import { changed, loadRun } from './run-store.ts';
import { scheduleRun } from './schedule-run.ts';

/** Asks a run to stop; its next pass ends what is in flight and completes it. A completed run stays as it is. `runId` is `namespace/name`. Throws CallerError `not-found`. */
export async function terminateRun(
  deps: Pick<EngineDeps, 'store' | 'queue' | 'clock'>,
  runId: string,
): Promise<AnalysisRun> {
  for (;;) {
    const run = await loadRun(deps.store, { runId });
    if (run === undefined) throw new CallerError('not-found', `analysis run "${runId}" not found`);
    if (isCompleted(run.status?.phase)) return run;
    if (run.spec.terminate === true) {
      // Whoever asks again was perhaps not answered because the queue was away.
      await scheduleRun(deps, run);
      return run;
    }
    const stopping = changed({ ...run, spec: { ...run.spec, terminate: true } });
    try {
      const stored = (await deps.store.replace(stopping, run.metadata.resourceVersion ?? '')) as AnalysisRun;
      await scheduleRun(deps, stored);
      return stored;
    } catch (error) {
      // A pass was written meanwhile: ask again on top of it.
      if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
    }
  }
}
