import type { FastifyRequest } from 'fastify';
import { type AdmittedUpdate, admitNew, admitUpdate } from '../../admission/admit.ts';
import { CallerError } from '../../domain/errors.ts';
import type { ObjectMeta, Resource } from '../../domain/resource.ts';
import type { AnalysisRun, NewAnalysisRun } from '../../domain/run.ts';
import { createRun, expandTemplates } from '../../engine/create-run.ts';
import { StoreError } from '../../engine/ports.ts';
import { scheduleRun } from '../../engine/schedule-run.ts';
import type { ApiDeps } from '../deps.ts';
import { adviceOn } from './advice.ts';
import { fieldWarnings, readDryRun } from './findings.ts';
import { keyOf, type ServedKind } from './kinds.ts';
import { completeNamespace } from './namespaces.ts';
import { readPatch } from './patch.ts';
import { getObject } from './read.ts';
import { bodyBytes, contentType, isJsonObject, type JsonObject, Query, readBody } from './request.ts';
import { alreadyExists, badRequest, conflict, invalid, notFound } from './status.ts';

/** Where a request points: `namespace` and `name` of its path. */
export interface Target {
  readonly kind: ServedKind;
  readonly namespace?: string;
  readonly name?: string;
}

export interface Written {
  readonly object: Resource;
  /** Texts for `Warning` headers. */
  readonly warnings: readonly string[];
}

/** With generateName, another name is tried this often when the first one is taken. */
const NAME_TRIES = 4;

export async function createObject(deps: ApiDeps, target: Target, request: FastifyRequest): Promise<Written> {
  const body = readBody(request);
  return createFrom(deps, target, body.value, new Query(request), body.repeatedFields);
}

/** Creates what is already read: bodies in protobuf come this way. */
export async function createFrom(
  deps: ApiDeps,
  { kind, namespace }: Target,
  body: JsonObject,
  query: Query,
  repeated: readonly string[] = [],
): Promise<Written> {
  checkIdentity(kind, namespace, body);
  const sent = metadataOf(body);
  if (sent.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const dryRun = readDryRun(kind, query.text('dryRun'));
  for (let tries = 1; ; tries += 1) {
    const admitted = admitNew(kind.schema, body, {
      ...(kind.namespaced ? { namespace: namespace ?? '' } : {}),
      now: deps.clock.now(),
      uid: deps.randomUuid(),
      random: deps.randomBytes(5),
      nameRule: kind.nameRule,
      countsGenerations: kind.countsGenerations,
    });
    const { name } = admitted.document.metadata;
    const causes = [...admitted.causes, ...kindCauses(kind, namespace, admitted.document)];
    const warnings = fieldWarnings(kind, query, admitted.unknownFields, repeated);
    if (causes.length > 0) throw invalid(kind, name, causes);
    const document = await completed(deps, kind, admitted.document);
    const advice = [...warnings, ...(await adviceOn(document))];
    if (dryRun) {
      if ((await deps.store.get(keyOf(kind, namespace, name))) !== undefined) throw alreadyExists(kind, name);
      return { object: document, warnings: advice };
    }
    try {
      const object =
        kind.kind === 'AnalysisRun'
          ? await createRun(deps, document as NewAnalysisRun)
          : await deps.store.create(document);
      return { object, warnings: advice };
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'already-exists') throw error;
      if (sent.name || tries >= NAME_TRIES) throw alreadyExists(kind, name);
    }
  }
}

/** What goes beyond the document sent: the templates that a run names, what every namespace says of itself. */
async function completed(deps: ApiDeps, kind: ServedKind, document: Resource): Promise<Resource> {
  if (kind.kind === 'Namespace') return completeNamespace(document);
  if (kind.kind !== 'AnalysisRun') return document;
  const run = document as NewAnalysisRun;
  const { name } = run.metadata;
  return expandTemplates(deps.store, run).catch((error: unknown) => {
    if (error instanceof CallerError) throw invalid(kind, name, error.causes);
    throw error;
  });
}

/** PUT: the whole object, against the version it was read at. */
export async function replaceObject(
  deps: ApiDeps,
  target: Target & { name: string },
  request: FastifyRequest,
): Promise<Written> {
  const { kind, namespace, name } = target;
  const body = readBody(request);
  const query = new Query(request);
  checkIdentity(kind, namespace, body.value, name);
  const stored = await getObject(deps, kind, namespace, name);
  const { resourceVersion, uid } = metadataOf(body.value);
  // Core kinds may be updated whatever their version.
  if (!resourceVersion && kind.group !== '')
    throw invalid(kind, name, [
      { field: 'metadata.resourceVersion', message: 'Invalid value: 0x0: must be specified for an update' },
    ]);
  if (uid && uid !== stored.metadata.uid)
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${stored.metadata.uid ?? ''}`,
    );
  if (resourceVersion && resourceVersion !== stored.metadata.resourceVersion) throw conflict(kind, name);
  const admitted = admitUpdate(kind.schema, stored, withoutTemplates(kind, body.value));
  return commitUpdate(deps, target, stored, admitted, query, body.repeatedFields);
}

/** PATCH: read, patch, write; read again when somebody was faster and the patch names no version. */
export async function patchObject(
  deps: ApiDeps,
  target: Target & { name: string },
  request: FastifyRequest,
): Promise<Written> {
  const { kind, namespace, name } = target;
  const query = new Query(request);
  const patch = readPatch(kind, contentType(request), bodyBytes(request));
  for (;;) {
    const stored = await getObject(deps, kind, namespace, name);
    const patched = patch.apply(stored, kind, name);
    if (!isJsonObject(patched)) throw badRequest('the patch leaves no object');
    checkIdentity(kind, namespace, patched, name);
    const { resourceVersion } = metadataOf(patched);
    if (resourceVersion && resourceVersion !== stored.metadata.resourceVersion) throw conflict(kind, name);
    const admitted = admitUpdate(kind.schema, stored, withoutTemplates(kind, patched));
    try {
      return await commitUpdate(deps, target, stored, admitted, query, patch.repeatedFields);
    } catch (error) {
      const lostRace = error instanceof StoreError && (error.code === 'conflict' || error.code === 'already-exists');
      if (!lostRace) throw error;
      if (patch.namesVersion) throw conflict(kind, name);
    }
  }
}

/** Writes an admitted update. Throws StoreError `conflict` when the object has changed since it was read. */
async function commitUpdate(
  deps: ApiDeps,
  { kind, namespace, name }: Target & { name: string },
  stored: Resource,
  admitted: AdmittedUpdate,
  query: Query,
  repeated: readonly string[],
): Promise<Written> {
  const warnings = fieldWarnings(kind, query, admitted.unknownFields, repeated);
  const causes = [...admitted.causes, ...kindCauses(kind, namespace, admitted.document)];
  if (causes.length > 0) throw invalid(kind, name, causes);
  const document = kind.kind === 'Namespace' ? completeNamespace(admitted.document) : admitted.document;
  const written = { warnings: [...warnings, ...(await adviceOn(document, stored))] };
  if (readDryRun(kind, query.text('dryRun'))) return { ...written, object: admitted.changed ? document : stored };
  if (!admitted.changed) {
    // Whoever asks again was perhaps not answered because the queue was away.
    if (kind.kind === 'AnalysisRun') await scheduleRun(deps, stored as AnalysisRun);
    return { ...written, object: stored };
  }
  const version = stored.metadata.resourceVersion;
  // A namespace that nobody wrote about yet is not in the store.
  if (version === undefined) return { ...written, object: await deps.store.create(document) };
  const released = stored.metadata.deletionTimestamp !== undefined && document.metadata.finalizers === undefined;
  if (released) return { ...written, object: await deps.store.remove(keyOf(kind, namespace, name), version) };
  const object = await deps.store.replace(document, version).catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'not-found') throw notFound(kind, name);
    throw error;
  });
  if (kind.kind === 'AnalysisRun') await scheduleRun(deps, object as AnalysisRun);
  return { ...written, object };
}

/** A body must be what the path says it is. */
function checkIdentity(kind: ServedKind, namespace: string | undefined, body: JsonObject, name?: string): void {
  if (typeof body['kind'] !== 'string' || body['kind'] === '')
    throw badRequest("Object 'Kind' is missing: the body needs kind and apiVersion");
  if (typeof body['apiVersion'] !== 'string' || body['apiVersion'] === '')
    throw badRequest("Object 'apiVersion' is missing: the body needs kind and apiVersion");
  if (body['apiVersion'] !== kind.apiVersion)
    throw badRequest(
      `the API version in the data (${body['apiVersion']}) does not match the expected API version (${kind.apiVersion})`,
    );
  if (body['kind'] !== kind.kind)
    throw badRequest(`the kind in the data (${body['kind']}) does not match the expected kind (${kind.kind})`);
  const metadata = metadataOf(body);
  if (kind.namespaced && metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (name !== undefined && metadata.name !== name)
    throw badRequest(
      `the name of the object (${String(metadata.name ?? '')}) does not match the name on the URL (${name})`,
    );
}

function kindCauses(kind: ServedKind, namespace: string | undefined, document: Resource) {
  if (kind.kind !== 'Event') return [];
  const involved = (document as { involvedObject?: { namespace?: string } }).involvedObject;
  // Events about cluster-scoped objects lie in `default`.
  const expected = involved?.namespace || 'default';
  return expected === namespace
    ? []
    : [
        {
          field: 'involvedObject.namespace',
          message: `Invalid value: ${JSON.stringify(involved?.namespace ?? '')}: does not match event.namespace`,
        },
      ];
}

/** Templates are put into a run when it is created; later they say nothing. */
function withoutTemplates(kind: ServedKind, body: JsonObject): JsonObject {
  const { spec } = body;
  if (kind.kind !== 'AnalysisRun' || !isJsonObject(spec) || !('templates' in spec)) return body;
  const { templates: _templates, ...rest } = spec;
  return { ...body, spec: rest };
}

function metadataOf(body: JsonObject): Partial<ObjectMeta> {
  return isJsonObject(body['metadata']) ? (body['metadata'] as Partial<ObjectMeta>) : {};
}
