import type { Resource } from '../../domain/resource.ts';
import { StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import { keyOf, type ServedKind } from './kinds.ts';
import { listNamespaces, virtualNamespace } from './namespaces.ts';
import type { ListMeta } from './representation.ts';
import { type Query, readSelectors } from './request.ts';
import { badRequest, invalid, notFound, StatusError } from './status.ts';

/** Throws StatusError NotFound. */
export async function getObject(
  deps: ApiDeps,
  kind: ServedKind,
  namespace: string | undefined,
  name: string,
): Promise<Resource> {
  const stored = await deps.store.get(keyOf(kind, namespace, name));
  const found = stored ?? (kind.kind === 'Namespace' ? virtualNamespace(name) : undefined);
  if (found === undefined) throw notFound(kind, name);
  return found;
}

export interface List {
  readonly items: readonly Resource[];
  readonly metadata: ListMeta;
}

export async function listObjects(
  deps: ApiDeps,
  kind: ServedKind,
  namespace: string | undefined,
  query: Query,
): Promise<List> {
  const matches = readSelectors(query, kind);
  const limit = query.whole('limit');
  const token = query.text('continue');
  await checkListVersion(deps, kind, query, token);
  if (kind.kind === 'Namespace') {
    const items = (await listNamespaces(deps.store)).filter((namespace) => matches?.(namespace) ?? true);
    return { items, metadata: { resourceVersion: String(await deps.store.revision()) } };
  }
  const selection = {
    kind: kind.kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(matches === undefined ? {} : { matches }),
  };
  const page = await deps.store
    .list(selection, { ...(limit ? { limit } : {}), ...(token === undefined ? {} : { continue: token }) })
    .catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'expired')
        throw new StatusError('Expired', 'the continue token is too old: start the list again', {}, error);
      if (error.code === 'malformed') throw badRequest(`continue key is not valid: ${error.message}`);
      throw error;
    });
  return {
    items: page.items,
    metadata: {
      resourceVersion: String(page.revision),
      ...(page.continue === undefined ? {} : { continue: page.continue }),
      // With selectors the rest is not counted, as in Kubernetes.
      ...(page.remaining === undefined || matches !== undefined ? {} : { remainingItemCount: page.remaining }),
    },
  };
}

/** Lists show the newest state, which is right for every version asked for but an exact older one and one not reached yet. */
async function checkListVersion(
  deps: ApiDeps,
  kind: ServedKind,
  query: Query,
  token: string | undefined,
): Promise<void> {
  const version = query.text('resourceVersion');
  const match = query.text('resourceVersionMatch');
  const refuse = (field: string, message: string) =>
    invalid({ ...kind, kind: 'ListOptions', group: 'meta.k8s.io' }, '', [
      { reason: 'FieldValueForbidden', field, message },
    ]);
  if (match !== undefined && match !== 'NotOlderThan' && match !== 'Exact')
    throw refuse(
      'resourceVersionMatch',
      `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan", "Exact"`,
    );
  if (match !== undefined && version === undefined)
    throw refuse(
      'resourceVersionMatch',
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  if (query.flag('sendInitialEvents'))
    throw refuse('sendInitialEvents', 'Forbidden: sendInitialEvents is forbidden for list');
  if (version === undefined) return;
  const asked = readVersion(version);
  if (asked === 0) return;
  if (token !== undefined) throw badRequest('specifying resource version is not allowed when using continue');
  const newest = await deps.store.revision();
  if (asked > newest)
    throw new StatusError('Timeout', `Too large resource version: ${asked}, current: ${newest}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  if (match === 'Exact' && asked !== newest)
    throw new StatusError('Expired', `too old resource version: ${asked} (${newest})`);
}

export function readVersion(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value: ${JSON.stringify(text)}: a resource version is a whole number that an earlier answer gave`,
  );
}
