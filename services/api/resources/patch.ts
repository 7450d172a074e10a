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

const REFUSED: Readonly<Record<string, string>> = {
  'application/strategic-merge-patch+json':
    '; custom resources have no strategic merge, use kubectl patch --type=merge or --type=json',
  'application/apply-patch+yaml': '; there is no server-side apply, use kubectl apply without --server-side',
};

/** A merge patch (RFC 7386) or JSON patch (RFC 6902) from a request body. */
export function applyPatch(type: string, bytes: Uint8Array): Patch {
  if (type !== MERGE_PATCH && type !== JSON_PATCH) throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH], REFUSED[type]);
  const { value, repeatedFields } = readOneDocument(bytes, 'json');
  if (type === JSON_PATCH)
    return { repeatedFields: [], namesVersion: false, apply: (stored) => applyJsonPatch(stored, value) };
  if (!isJsonObject(value)) throw badRequest('a merge patch is an object');
  const { metadata } = value;
  const namesVersion =
    isJsonObject(metadata) && typeof metadata['resourceVersion'] === 'string' && metadata['resourceVersion'] !== '';
  return { repeatedFields, namesVersion, apply: (stored) => mergePatch(stored, value) };
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
