import { JsonPatchError, jsonPatch } from '../../admission/json-patch.ts';
import { mergePatch } from '../../admission/merge-patch.ts';
import type { Resource } from '../../domain/resource.ts';
import { readOneDocument } from '../../manifest/read-manifest.ts';
import type { ServedKind } from './kinds.ts';
import { isJsonObject, JSON_PATCH, MERGE_PATCH, unsupportedMediaType } from './request.ts';
import { badRequest, StatusError } from './status.ts';

export interface Patch {
  /** Fields that stand twice in the patch's text. */
  readonly repeatedFields: readonly string[];
  /** Whether it holds for one version only. */
  readonly namesVersion: boolean;
  /** Throws StatusError when it does not fit. */
  apply(stored: Resource, kind: ServedKind, name: string): unknown;
}

const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

const REFUSED: Readonly<Record<string, string>> = {
  [STRATEGIC_MERGE_PATCH]: '; custom resources have no strategic merge, use kubectl patch --type=merge or --type=json',
  'application/apply-patch+yaml': '; there is no server-side apply, use kubectl apply without --server-side',
};

/**
 * A merge patch (RFC 7386) or JSON patch (RFC 6902) from a request body. kubectl sends strategic merge patches for core kinds and knows no other way:
 * they are taken there as long as they say what a merge patch says.
 */
export function readPatch(kind: Pick<ServedKind, 'group'>, type: string, bytes: Uint8Array): Patch {
  const strategic = type === STRATEGIC_MERGE_PATCH && kind.group === '';
  if (type !== MERGE_PATCH && type !== JSON_PATCH && !strategic)
    throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH], REFUSED[type]);
  const { value, repeatedFields } = readOneDocument(bytes, 'json');
  if (strategic && !isPlainMerge(value))
    throw unsupportedMediaType(
      [JSON_PATCH, MERGE_PATCH],
      '; strategic merge with lists or directives is not supported',
    );
  if (type === JSON_PATCH)
    return { repeatedFields: [], namesVersion: false, apply: (stored) => applyJsonPatch(stored, value) };
  if (!isJsonObject(value)) throw badRequest('a merge patch is an object');
  const { metadata } = value;
  const namesVersion =
    isJsonObject(metadata) && typeof metadata['resourceVersion'] === 'string' && metadata['resourceVersion'] !== '';
  return { repeatedFields, namesVersion, apply: (stored) => mergePatch(stored, value) };
}

/** Without lists and `$` directives a strategic merge is a merge. */
function isPlainMerge(value: unknown): boolean {
  if (Array.isArray(value)) return false;
  return (
    !isJsonObject(value) || Object.entries(value).every(([key, member]) => !key.startsWith('$') && isPlainMerge(member))
  );
}

function applyJsonPatch(stored: Resource, patch: unknown): unknown {
  try {
    return jsonPatch(stored, patch);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    if (error.kind === 'malformed') throw badRequest(error.message);
    // Kubernetes gives no details here; ours says which operation, behind Kubernetes' words.
    throw new StatusError(
      'Invalid',
      `the server rejected our request due to an error in our request: ${error.message}`,
      {},
      error,
    );
  }
}
