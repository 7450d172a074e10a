import type { ObjectMeta, Resource } from '../domain/resource.ts';
import { applySchema } from './apply-schema.ts';
import type { Cause } from './cause.ts';
import { equalJson } from './equal-json.ts';
import { type Birth, newObjectMeta, updatedObjectMeta } from './object-meta.ts';
import type { StructuralSchema } from './structural-schema.ts';

export interface Admitted {
  /** What to store, when there are no causes. */
  readonly document: Resource;
  /** Paths of the fields that were dropped because the schema does not know them. */
  readonly unknownFields: readonly string[];
  /** Why the document is refused. */
  readonly causes: readonly Cause[];
}

/** `document` is a JSON object whose apiVersion and kind are already known to be right. */
export function admitNew(
  schema: StructuralSchema,
  document: Readonly<Record<string, unknown>>,
  birth: Birth,
): Admitted {
  const shaped = applySchema(schema, document);
  const value = shaped.value as Resource;
  const { metadata, causes } = newObjectMeta(metadataOf(value), birth);
  return {
    document: inOrder({ ...value, metadata }),
    unknownFields: shaped.unknownFields,
    causes: [...causes, ...shaped.causes],
  };
}

export interface AdmittedUpdate extends Admitted {
  /** False when the update says what is stored already: then nothing is written and the version stays. */
  readonly changed: boolean;
}

/**
 * An update by PUT or by a patch already applied. `generation` counts when anything outside metadata changes, status included, as with every CRD
 * without a status subresource.
 */
export function admitUpdate(
  schema: StructuralSchema,
  stored: Resource,
  next: Readonly<Record<string, unknown>>,
): AdmittedUpdate {
  const shaped = applySchema(schema, next);
  const value = shaped.value as Resource;
  const { metadata, causes } = updatedObjectMeta(stored.metadata, metadataOf(value));
  const { metadata: _stored, ...before } = stored;
  const { metadata: _next, ...after } = value;
  const contentChanged = !equalJson(before, after);
  const counted = contentChanged && metadata.generation !== undefined;
  return {
    document: inOrder({
      ...value,
      metadata: counted ? { ...metadata, generation: (metadata.generation ?? 0) + 1 } : metadata,
    }),
    changed: contentChanged || !equalJson(stored.metadata, metadata),
    unknownFields: shaped.unknownFields,
    causes: [...causes, ...shaped.causes],
  };
}

function metadataOf(document: Resource): Partial<ObjectMeta> {
  const { metadata } = document as { metadata?: Partial<ObjectMeta> };
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
}

/** apiVersion, kind and metadata first, as people read objects. */
function inOrder(document: Resource): Resource {
  const { apiVersion, kind, metadata, ...rest } = document;
  return { apiVersion, kind, metadata, ...rest };
}
