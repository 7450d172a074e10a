import type { Resource } from '../../domain/resource.ts';
import { type Kind, type Log, type Store, StoreError } from '../../engine/ports.ts';

/** What is known of all documents of a kind. `before` is absent for one that is new, `after` for one that is gone. */
export interface Fold {
  apply(before: Resource | undefined, after: Resource | undefined): void;
}

/** Reads every document once, when first asked, and follows their changes from then on until the signal aborts. */
export function follow<State extends Fold>(
  store: Store,
  kind: Kind,
  log: Log,
  stopping: AbortSignal,
  start: () => State,
): () => Promise<State> {
  let reading: Promise<State> | undefined;

  async function read(): Promise<State> {
    const state = start();
    const from = await store.revision();
    const read = new Map<string, string | undefined>();
    for await (const documents of store.walk({ kind }))
      for (const document of documents) {
        state.apply(undefined, document);
        read.set(idOf(document), document.metadata.resourceVersion);
      }
    void watch(state, from, { read, upTo: await store.revision() });
    return state;
  }

  /** Of what changed while all was read, only a change of what had been read is news. */
  async function watch(state: State, from: number, { read, upTo }: FirstLook): Promise<void> {
    try {
      for await (const { document, previous, type, revision } of store.watch({ kind }, from, stopping)) {
        const after = type === 'DELETED' ? undefined : document;
        if (revision <= upTo) {
          const id = idOf(document);
          if (read.get(id) !== previous?.metadata.resourceVersion) continue;
          read.set(id, after?.metadata.resourceVersion);
        } else read.clear();
        state.apply(previous, after);
      }
    } catch (error) {
      const fellBehind = error instanceof StoreError && error.code === 'expired';
      if (!fellBehind && !stopping.aborted) log.warn({ err: error, kind }, 'following changes for /metrics stopped');
    }
    // Whoever asks next reads anew.
    reading = undefined;
  }

  return () => {
    reading ??= read().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
}

/** The versions that were read, and the revision when all were. */
interface FirstLook {
  readonly read: Map<string, string | undefined>;
  readonly upTo: number;
}

function idOf({ metadata }: Resource): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
