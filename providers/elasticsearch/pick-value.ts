import type { Json } from '../../services/domain/result.ts';
import { ProviderError } from '../contract.ts';
import { findValues, PathError, type PathValue, parseJsonPath } from '../json-path.ts';
import type { Node, Part } from '../json-path-node.ts';
import type { JsonObject } from '../json-shape.ts';

/** Throws ProviderError `refused`. */
export function readPath(text = '{$}'): readonly Part[] {
  try {
    return parseJsonPath(text);
  } catch (error) {
    throw new ProviderError('refused', `jsonPath: ${(error as Error).message}`);
  }
}

/**
 * What a path finds in an answer: one value, or the list of all where the path may find several, so that the type does not hang on the number of
 * buckets. Nothing found, null and the text "NaN" (a percentile over nothing) are null. Throws ProviderError `no-data` when the path leads nowhere.
 */
export function pickFrom(answer: JsonObject, path: readonly Part[]): Json {
  let found: readonly PathValue[];
  try {
    found = findValues(path, answer);
  } catch (error) {
    if (error instanceof PathError)
      throw new ProviderError('no-data', `Could not find JSONPath in body: ${error.message}`);
    throw error;
  }
  const values = found.map((value) => (typeof value === 'bigint' ? Number(value) : value === 'NaN' ? null : value));
  if (!path.some(findsSeveral)) return values[0] ?? null;
  return values.length === 0 ? null : values;
}

function findsSeveral(node: Node | Part): boolean {
  switch (node.type) {
    case 'action':
      return node.nodes.some(findsSeveral);
    case 'slice':
      return node.to.derived !== true;
    case 'wildcard':
    case 'recursive':
    case 'filter':
    case 'union':
      return true;
    case 'identifier':
      return node.name === 'range';
    default:
      return false;
  }
}
