import type { Resource } from '../../domain/resource.ts';
import { type Kind, type Log, type Store, StoreError } from '../../engine/ports.ts';

const PAGE = 500;

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
    let page = await store.list({ kind }, { limit: PAGE });
    for (;;) {
      for (const document of page.items) state.apply(undefined, document);
      if (page.continue === undefined) break;
      page = await store.list({ kind }, { limit: PAGE, continue: page.continue });
    }
    void watch(state, page.revision);
    return state;
  }

  async function watch(state: State, revision: number): Promise<void> {
    try {
      for await (const { document, previous, type } of store.watch({ kind }, revision, stopping))
        state.apply(previous, type === 'DELETED' ? undefined : document);
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
