import { type ObjectMeta, type Resource, rfc3339 } from '../domain/resource.ts';
import { type Cause, forbidden, invalid, jsonType, required, tooLong } from './cause.ts';
import { dnsLabel, generatedName, labelValue, type NameRule, qualifiedName, subdomain } from './names.ts';

/** What a new object is given from outside. */
export interface Birth {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly uid: string;
  /** Five random bytes or more, for `generateName`. */
  readonly random: Uint8Array;
  readonly nameRule?: NameRule;
  /** Whether the kind counts generations: the analysis kinds do, events and namespaces do not. */
  readonly countsGenerations?: boolean;
}

export interface CheckedMeta {
  readonly metadata: ObjectMeta;
  readonly causes: readonly Cause[];
}

const MAX_ANNOTATION_BYTES = 256 * 1024;

/** The metadata of an object to be created: what the caller may choose, and what the server decides. */
export function newObjectMeta(sent: Partial<ObjectMeta>, birth: Birth): CheckedMeta {
  const given = chosen(sent);
  const causes: Cause[] = [];
  const name = given.name || (given.generateName ? generatedName(given.generateName, birth.random) : '');
  const nameProblem = (birth.nameRule ?? subdomain)(name);
  if (name === '') causes.push(required('metadata.name', 'name or generateName is required'));
  else if (nameProblem !== undefined)
    causes.push(
      given.name
        ? invalid('metadata.name', name, nameProblem)
        : invalid('metadata.generateName', given.generateName, nameProblem),
    );
  const namespaceProblem = birth.namespace === undefined ? undefined : dnsLabel(birth.namespace);
  if (namespaceProblem !== undefined) causes.push(invalid('metadata.namespace', birth.namespace, namespaceProblem));
  const metadata: ObjectMeta = {
    ...given,
    name,
    ...(birth.namespace === undefined ? {} : { namespace: birth.namespace }),
    uid: birth.uid,
    ...(birth.countsGenerations === false ? {} : { generation: 1 }),
    creationTimestamp: rfc3339(birth.now),
  };
  return { metadata, causes: [...causes, ...checkWords(metadata)] };
}

/** The metadata of an update: labels, annotations, finalizers and owners as sent, everything else as stored. */
export function updatedObjectMeta(stored: ObjectMeta, sent: Partial<ObjectMeta>): CheckedMeta {
  const {
    labels: _labels,
    annotations: _annotations,
    finalizers: _finalizers,
    ownerReferences: _owners,
    ...fixed
  } = stored;
  const { name: _name, generateName: _prefix, ...given } = chosen(sent);
  const metadata: ObjectMeta = { ...fixed, ...given };
  const causes: Cause[] = [];
  if (sent.uid && sent.uid !== stored.uid) causes.push(invalid('metadata.uid', sent.uid, 'field is immutable'));
  const added = (metadata.finalizers ?? []).filter((finalizer) => !stored.finalizers?.includes(finalizer));
  if (stored.deletionTimestamp !== undefined && added.length > 0)
    causes.push(
      forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
      ),
    );
  return { metadata, causes: [...causes, ...checkWords(metadata)] };
}

/** What finalizers hold is marked; deletion is complete when the last one is taken away. */
export function markedForDeletion<T extends Resource>(stored: T, now: number): T {
  const { metadata } = stored;
  const generation = metadata.generation === undefined ? {} : { generation: metadata.generation + 1 };
  return {
    ...stored,
    metadata: { ...metadata, ...generation, deletionTimestamp: rfc3339(now), deletionGracePeriodSeconds: 0 },
  };
}

const CHOSEN = {
  name: 'string',
  generateName: 'string',
  labels: 'object',
  annotations: 'object',
  finalizers: 'array',
  ownerReferences: 'array',
} as const;

/** The members that callers decide, without nulls and empty lists and maps. What has another type is left to the schema, which refuses it. */
function chosen(sent: Partial<ObjectMeta>): Partial<ObjectMeta> {
  const members = Object.entries(CHOSEN) as [keyof typeof CHOSEN, string][];
  return Object.fromEntries(
    members.flatMap(([member, type]) => {
      const value: unknown = sent[member];
      const empty = jsonType(value) !== type || Object.keys(value as object).length === 0;
      return empty ? [] : [[member, value]];
    }),
  );
}

function checkWords(metadata: ObjectMeta): Cause[] {
  const causes: Cause[] = [];
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const keyProblem = qualifiedName(key);
    if (keyProblem !== undefined) causes.push(invalid('metadata.labels', key, keyProblem));
    const valueProblem = typeof value === 'string' ? labelValue(value) : undefined;
    if (valueProblem !== undefined) causes.push(invalid('metadata.labels', value, valueProblem));
  }
  let bytes = 0;
  const encoder = new TextEncoder();
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    // Upper case is refused in labels' prefixes and allowed in annotations'.
    const keyProblem = qualifiedName(key.toLowerCase());
    if (keyProblem !== undefined) causes.push(invalid('metadata.annotations', key, keyProblem));
    bytes += encoder.encode(key).length + encoder.encode(String(value)).length;
  }
  if (bytes > MAX_ANNOTATION_BYTES) causes.push(tooLong('metadata.annotations', MAX_ANNOTATION_BYTES));
  return causes;
}
