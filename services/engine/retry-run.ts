import { CallerError } from '../domain/errors.ts';
import { ANALYSIS_API_VERSION } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import type { Argument } from '../domain/template.ts';
import { createRun } from './create-run.ts';
import type { EngineDeps } from './deps.ts';
import { StoreError } from './ports.ts';
import { loadRun } from './run-store.ts';

/** Says on a retry which run it retries, so that a retry of a retry counts on instead of growing a second number. */
export const RETRY_OF = 'assay/retry-of';
/** More retries than that of one run are a loop somewhere. */
const MOST_RETRIES = 1000;

/** An argument's new value. */
export interface ChangedArgument {
  readonly name: string;
  readonly value: string;
}

/**
 * A new run from the same spec, under the first free of NAME.1, NAME.2, …; the old run and its verdict stay. A request to stop is not taken over. With other
 * values for some arguments it is another question: its rollout did not ask it, and would stop it as a run that is not its current one, so it belongs to none.
 * Throws CallerError `not-found`, and `invalid` for an argument that the run does not have.
 */
export async function retryRun(
  deps: Pick<EngineDeps, 'store' | 'queue' | 'clock'>,
  runId: string,
  changes: readonly ChangedArgument[] = [],
): Promise<AnalysisRun> {
  const run = await loadRun(deps.store, { runId });
  if (run === undefined) throw new CallerError('not-found', `analysis run "${runId}" not found`);
  const { terminate: _, ...spec } = run.spec;
  const args = withChanges(spec.args ?? [], changes);
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
          ...(ownerReferences && changes.length === 0 && { ownerReferences }),
        },
        spec: { ...spec, ...(args.length > 0 && { args }) },
      });
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
    }
  }
  throw new CallerError('already-exists', `"${first}.1" to "${first}.${MOST_RETRIES}" are taken`);
}

/** A reference to a Secret beats a value: the new value stands alone. */
function withChanges(args: readonly Argument[], changes: readonly ChangedArgument[]): readonly Argument[] {
  const causes = changes.flatMap(({ name }, index) =>
    args.some((arg) => arg.name === name)
      ? []
      : [
          {
            field: `args[${index}].name`,
            message: `the run has no argument "${name}"; it has ${args.map((arg) => arg.name).join(', ') || 'none'}`,
          },
        ],
  );
  if (causes.length > 0)
    throw new CallerError('invalid', causes.map(({ field, message }) => `${field}: ${message}`).join(', '), causes);
  return args.map((arg) => changes.findLast(({ name }) => name === arg.name) ?? arg);
}
