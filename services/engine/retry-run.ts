import { CallerError } from '../domain/errors.ts';
import { ANALYSIS_API_VERSION } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { createRun } from './create-run.ts';
import type { EngineDeps } from './deps.ts';
import { StoreError } from './ports.ts';
import { loadRun } from './run-store.ts';

/** Says on a retry which run it retries, so that a retry of a retry counts on instead of growing a second number. */
export const RETRY_OF = 'assay/retry-of';
/** More retries than that of one run are a loop somewhere. */
const MOST_RETRIES = 1000;

/**
 * A new run from the same spec, under the first free of NAME.1, NAME.2, …; the old run and its verdict stay. A request to stop is not taken over. Throws
 * CallerError `not-found`.
 */
export async function retryRun(
  deps: Pick<EngineDeps, 'store' | 'queue' | 'clock'>,
  runId: string,
): Promise<AnalysisRun> {
  const run = await loadRun(deps.store, { runId });
  if (run === undefined) throw new CallerError('not-found', `analysis run "${runId}" not found`);
  const { terminate: _, ...spec } = run.spec;
  const { name, namespace, labels, annotations, ownerReferences } = run.metadata;
  const first = annotations?.[RETRY_OF] ?? name;
  for (let retry = 1; retry <= MOST_RETRIES; retry += 1) {
    try {
      return await createRun(deps, {
        apiVersion: ANALYSIS_API_VERSION,
        kind: 'AnalysisRun',
        metadata: {
          name: `${first}.${retry}`,
          ...(namespace !== undefined && { namespace }),
          ...(labels && { labels }),
          annotations: { ...annotations, [RETRY_OF]: first },
          ...(ownerReferences && { ownerReferences }),
        },
        spec,
      });
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
    }
  }
  throw new CallerError('already-exists', `"${first}.1" to "${first}.${MOST_RETRIES}" are taken`);
}
