import type { CanaryConfig } from '../domain/canary-config.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { Resource } from '../domain/resource.ts';
import type { Kind, Store } from '../engine/ports.ts';
import { StoreError } from '../engine/ports.ts';
import type { JsonObject } from './json-object.ts';
import { KayentaError } from './kayenta-error.ts';

/** What Kayenta's API keeps in Assay's store. Everything lies in one namespace, under the id that clients know. */

export const NAMESPACE = 'kayenta';
const API_VERSION = 'kayenta.assay/v1';

export interface ConfigDocument extends Resource {
  readonly kind: 'CanaryConfig';
  readonly config: CanaryConfig;
}

/** Why an execution could not be judged, in the shape that Orca's stages have. */
export interface ExecutionException {
  readonly timestamp: number;
  readonly exceptionType: string;
  readonly operation: string;
  readonly shouldRetry: false;
  readonly details: { readonly error: string; readonly errors: readonly string[] };
}

/** The accounts and names that came with a request, resolved. */
export interface ExecutionContext {
  readonly application: string;
  readonly parentPipelineExecutionId?: string;
  readonly canaryConfigId: string;
  readonly metricsAccountName: string;
  readonly storageAccountName: string;
  readonly configurationAccountName?: string;
}

/**
 * One canary execution. The run of the same id decides; this holds what was asked and what came out.
 * asked (no start) → started (startTimeMillis) → judged (judgement) or failed (exception); canceled ones stay where they were and get an end.
 */
export interface ExecutionDocument extends Resource {
  readonly kind: 'CanaryExecution';
  readonly context: ExecutionContext;
  readonly config: CanaryConfig;
  /** As Kayenta gives it back; read anew with parseExecutionRequest. */
  readonly request: JsonObject;
  readonly buildTimeMillis: number;
  readonly startTimeMillis?: number;
  readonly endTimeMillis?: number;
  /** Chosen when it starts, so that a repeated try writes the same list; the list is there once it is judged. */
  readonly metricSetPairListId?: string;
  /** Numbers as JSON carries them. */
  readonly judgement?: Judgement;
  readonly exception?: ExecutionException;
  /** The stages that failed, by Kayenta's names. */
  readonly failedStages?: readonly string[];
  readonly canceled?: true;
}

/** One standalone analysis; its judgements are executions of their own. */
export interface AnalysisDocument extends Resource {
  readonly kind: 'CanaryAnalysis';
  readonly context: ExecutionContext & { readonly user: string };
  readonly config: CanaryConfig;
  readonly request: JsonObject;
  readonly buildTimeMillis: number;
  /** Its waits begin at once. */
  readonly startTimeMillis: number;
  readonly endTimeMillis?: number;
  /** Ids of the executions that were started, in order. */
  readonly executionIds: readonly string[];
  readonly exception?: ExecutionException;
  readonly canceled?: true;
}

/** Samples, archived results, comparisons of judges: kept as they look on the wire. */
export interface ListDocument extends Resource {
  readonly kind: 'MetricSetList' | 'MetricSetPairList' | 'CanaryArchive' | 'JudgeComparison';
  readonly content: unknown;
  readonly updatedTimestamp: number;
}

interface Documents {
  CanaryConfig: ConfigDocument;
  CanaryExecution: ExecutionDocument;
  CanaryAnalysis: AnalysisDocument;
  CanaryArchive: ListDocument;
  JudgeComparison: ListDocument;
  MetricSetList: ListDocument;
  MetricSetPairList: ListDocument;
}
type KnownKind = keyof Documents;

export function newDocument<K extends KnownKind>(
  kind: K,
  id: string,
  content: Omit<Documents[K], keyof Resource>,
): Documents[K] {
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name: id, namespace: NAMESPACE },
    ...content,
  } as unknown as Documents[K];
}

const keyOf = (kind: Kind, id: string) => ({ kind, namespace: NAMESPACE, name: id });

export async function findDocument<K extends KnownKind>(
  store: Store,
  kind: K,
  id: string,
): Promise<Documents[K] | undefined> {
  return (await store.get(keyOf(kind, id))) as Documents[K] | undefined;
}

/** Throws KayentaError 404. */
export async function getDocument<K extends KnownKind>(store: Store, kind: K, id: string): Promise<Documents[K]> {
  const document = await findDocument(store, kind, id);
  if (document === undefined) throw new KayentaError(`No such object named ${id}`, { status: 404 });
  return document;
}

export async function listDocuments<K extends KnownKind>(
  store: Store,
  kind: K,
  matches: (document: Documents[K]) => boolean = () => true,
): Promise<readonly Documents[K][]> {
  const selection = { kind, namespace: NAMESPACE, matches: (document: Resource) => matches(document as Documents[K]) };
  return (await store.list(selection)).items as readonly Documents[K][];
}

/** Reads, changes and writes, again when somebody else wrote in between. `change` answers undefined to leave it as it is. */
export async function updateDocument<K extends KnownKind>(
  store: Store,
  kind: K,
  id: string,
  change: (document: Documents[K]) => Documents[K] | undefined,
): Promise<Documents[K]> {
  for (;;) {
    const document = await getDocument(store, kind, id);
    const changed = change(document);
    if (changed === undefined) return document;
    try {
      return (await store.replace(changed, document.metadata.resourceVersion ?? '')) as Documents[K];
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
    }
  }
}

/** Creates it, or replaces what an earlier try left. */
export async function putDocument<K extends KnownKind>(store: Store, document: Documents[K]): Promise<void> {
  try {
    await store.create(document);
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
    const { name, namespace = '' } = document.metadata;
    const earlier = await store.get({ kind: document.kind, namespace, name });
    await store.replace(document, earlier?.metadata.resourceVersion ?? '');
  }
}

export async function removeDocument(store: Store, kind: KnownKind, id: string): Promise<boolean> {
  try {
    await store.remove(keyOf(kind, id));
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return false;
    throw error;
  }
}
