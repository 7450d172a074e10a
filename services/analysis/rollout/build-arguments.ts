import type { Argument } from '../../domain/template.ts';
import { FieldPathError, readMetadataPath, readRolloutPath } from './field-path.ts';
import type { Rollout, RolloutArgument } from './rollout.ts';

export interface PodHashes {
  readonly stable: string;
  readonly latest: string;
}

/**
 * The arguments a Rollout passes to its run, in its order, each with a value: `valueFrom` beats `value`, and an argument with neither
 * becomes the empty string (and so overrides a template's default).
 *
 * Argo keeps one error for all paths outside `metadata`, and every later fieldRef overwrites it: a path that cannot be read becomes the
 * empty string, and its error is thrown only when no later fieldRef succeeds. A failing `metadata` path throws at once.
 */
export function buildRolloutArguments(
  args: readonly RolloutArgument[],
  rollout: Pick<Rollout, 'metadata'>,
  hashes: PodHashes,
): Argument[] {
  const { built, failure } = readArguments(args, rollout, hashes);
  if (failure !== undefined) throw failure;
  return built;
}

/**
 * The same for validation before anything runs, where the status has no values yet: paths that cannot be read stay empty. With a failing
 * `metadata` path Argo drops all arguments.
 */
export function buildArgumentsLeniently(
  args: readonly RolloutArgument[],
  rollout: Pick<Rollout, 'metadata'>,
  hashes: PodHashes,
): Argument[] {
  try {
    return readArguments(args, rollout, hashes).built;
  } catch (error) {
    if (error instanceof FieldPathError) return [];
    throw error;
  }
}

function readArguments(
  args: readonly RolloutArgument[],
  rollout: Pick<Rollout, 'metadata'>,
  hashes: PodHashes,
): { readonly built: Argument[]; readonly failure: FieldPathError | undefined } {
  let failure: FieldPathError | undefined;
  const built = args.map(({ name, value = '', valueFrom }) => {
    const path = valueFrom?.fieldRef?.fieldPath;
    if (valueFrom?.podTemplateHashValue !== undefined)
      return { name, value: podHash(valueFrom.podTemplateHashValue, hashes) ?? value };
    if (path === undefined) return { name, value };
    failure = undefined;
    if (path.startsWith('metadata')) return { name, value: readMetadataPath(rollout.metadata, path) };
    try {
      return { name, value: readRolloutPath(rollout, path) };
    } catch (error) {
      if (!(error instanceof FieldPathError)) throw error;
      failure = error;
      return { name, value: '' };
    }
  });
  return { built, failure };
}

function podHash(which: string, hashes: PodHashes): string | undefined {
  if (which === 'Latest') return hashes.latest;
  return which === 'Stable' ? hashes.stable : undefined;
}
