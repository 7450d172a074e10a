import { isCompleted } from '../../domain/phase.ts';
import type { ObjectMeta } from '../../domain/resource.ts';
import type { AnalysisRun, AnalysisRunSpec } from '../../domain/run.ts';

export interface FreeName {
  readonly name: string;
  /** An earlier attempt already created this very run: use it instead of creating another. */
  readonly reused: boolean;
}

/**
 * Finds the name under which a run can exist: its own, else `<name>.1`, `.2`, … A run in the way is reused when it is not completed, has
 * the same controller and asks the same. Throws when the run has no controller.
 */
export function resolveCollision(run: AnalysisRun, taken: (name: string) => AnalysisRun | undefined): FreeName {
  const owner = controllerOf(run.metadata);
  if (owner === undefined) throw new Error('Supplied run does not have an owner reference');
  for (let attempt = 0; ; attempt += 1) {
    const name = attempt === 0 ? run.metadata.name : `${run.metadata.name}.${attempt}`;
    const existing = taken(name);
    if (existing === undefined) return { name, reused: false };
    const isOurs = controllerOf(existing.metadata)?.uid === owner.uid && asksTheSame(existing.spec, run.spec);
    if (isOurs && !isCompleted(existing.status?.phase)) return { name, reused: true };
  }
}

export function controllerOf(metadata: ObjectMeta) {
  return metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/**
 * Do two specs measure the same? Only metrics, rules and arguments count, in their order; `terminate` and `ttlStrategy` do not.
 */
export function asksTheSame(left: AnalysisRunSpec, right: AnalysisRunSpec): boolean {
  return canonical(left) === canonical(right);
}

function canonical({ metrics, args, dryRun, measurementRetention }: AnalysisRunSpec): string {
  const lists = {
    metrics: metrics ?? null,
    args: args ?? [],
    dryRun: dryRun ?? [],
    retention: measurementRetention ?? [],
  };
  return JSON.stringify(lists, (_key, value: unknown) => (isPlainObject(value) ? sortedMembers(value) : value));
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Argo compares the documents as Go writes them: members in a fixed order, without empty ones. Only an argument's value may be empty and still be there. */
function sortedMembers(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(object)
      .filter((key) => object[key] !== null && (object[key] !== '' || key === 'value'))
      .sort()
      .map((key) => [key, object[key]]),
  );
}
