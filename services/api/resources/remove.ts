import type { FastifyRequest } from 'fastify';
import { markedForDeletion } from '../../admission/object-meta.ts';
import type { Resource } from '../../domain/resource.ts';
import { StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import { readDryRun } from './findings.ts';
import { keyOf, type ServedKind } from './kinds.ts';
import { getObject, type List, listObjects } from './read.ts';
import { bodyBytes, isJsonObject, type JsonObject, Query, readBody } from './request.ts';
import { badRequest, conflict, notFound, type Status } from './status.ts';
import type { Target } from './write.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** A Success status when the object is gone, the object itself while finalizers hold it. */
export async function deleteObject(
  deps: ApiDeps,
  { kind, namespace, name }: Target & { name: string },
  request: FastifyRequest,
): Promise<Resource | Status> {
  const options = readDeleteOptions(kind, request);
  return removeOne(deps, kind, namespace, name, options);
}

/** Deletes what the selectors choose and returns the list of it. */
export async function deleteCollection(
  deps: ApiDeps,
  { kind, namespace }: Target,
  request: FastifyRequest,
): Promise<List> {
  const options = readDeleteOptions(kind, request);
  const list = await listObjects(deps, kind, namespace, new Query(request));
  for (const { metadata } of list.items) {
    try {
      await removeOne(deps, kind, metadata.namespace, metadata.name, options);
    } catch (error) {
      const alreadyGone = error instanceof Error && 'reason' in error && error.reason === 'NotFound';
      if (!alreadyGone) throw error;
    }
  }
  return list;
}

/** Throws StatusError NotFound or Conflict. */
export async function removeOne(
  deps: ApiDeps,
  kind: ServedKind,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): Promise<Resource | Status> {
  for (;;) {
    const stored = await getObject(deps, kind, namespace, name);
    checkPreconditions(kind, stored, options);
    const held = (stored.metadata.finalizers?.length ?? 0) > 0;
    if (held && stored.metadata.deletionTimestamp !== undefined) return stored;
    if (options.dryRun) return held ? markedForDeletion(stored, deps.clock.now()) : gone(kind, stored);
    try {
      const version = stored.metadata.resourceVersion ?? '';
      if (held) return await deps.store.replace(markedForDeletion(stored, deps.clock.now()), version);
      await deps.store.remove(keyOf(kind, namespace, name), version);
      return gone(kind, stored);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'not-found') throw notFound(kind, name);
      // Somebody wrote in between: the next round looks at what is there now.
      if (error.code !== 'conflict') throw error;
    }
  }
}

function checkPreconditions(kind: ServedKind, stored: Resource, { uid, resourceVersion }: DeleteOptions): void {
  const { metadata } = stored;
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      kind,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ''}`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      kind,
      metadata.name,
      `Precondition failed: resourceVersion in precondition: ${resourceVersion}, resourceVersion in object meta: ${metadata.resourceVersion ?? ''}`,
    );
}

/** kubectl compares the uid with what it still finds. */
function gone(kind: ServedKind, { metadata }: Resource): Status {
  const group = kind.group === '' ? {} : { group: kind.group };
  const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
  const details = { name: metadata.name, ...group, kind: kind.plural, ...uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** Options come in the body or, single ones, in the query. Grace periods and propagation have nothing to act on here. */
function readDeleteOptions(kind: ServedKind, request: FastifyRequest): DeleteOptions {
  const query = new Query(request);
  const body: JsonObject = bodyBytes(request).length === 0 ? {} : readBody(request).value;
  const { dryRun, preconditions } = body;
  if (dryRun !== undefined && !(Array.isArray(dryRun) && dryRun.every((word) => typeof word === 'string')))
    throw badRequest('dryRun in the options must be a list of words');
  if (preconditions !== undefined && preconditions !== null && !isJsonObject(preconditions))
    throw badRequest('preconditions in the options must be an object');
  const word = (member: string) => {
    const value = isJsonObject(preconditions) ? preconditions[member] : undefined;
    return typeof value === 'string' && value !== '' ? { [member]: value } : {};
  };
  return {
    dryRun: readDryRun(kind, (dryRun as readonly string[] | undefined)?.[0] ?? query.text('dryRun')),
    ...word('uid'),
    ...word('resourceVersion'),
  };
}
