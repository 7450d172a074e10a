import type { Resource } from '../domain/resource.ts';
import { type Clock, type Store, StoreError } from './ports.ts';

interface TurnDocument extends Resource {
  readonly kind: 'Mark';
  /** Epoch milliseconds of the last turn. */
  readonly at: number;
}

/** Timers of one process do not come to the millisecond: this share of the time between two turns is enough. */
const ENOUGH = 0.9;

/**
 * Whether this process does now what one of all is to do every so often: when nobody has for that long, and no other begins at the same moment. Whoever dies over it has had
 * its turn; the next one comes in time.
 */
export async function takeTurn(
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> },
  work: string,
  everyMs: number,
): Promise<boolean> {
  // Marks of other uses may have the work's own name.
  const name = `turn-${work}`;
  const key = { kind: 'Mark', namespace: '', name } as const;
  const last = (await store.get(key)) as TurnDocument | undefined;
  const now = clock.now();
  // One of the future was written by a clock that was wrong.
  if (last !== undefined && last.at <= now && now - last.at < everyMs * ENOUGH) return false;
  const metadata = last?.metadata ?? { name, namespace: '' };
  const turn: TurnDocument = { apiVersion: 'assay/v1', kind: 'Mark', metadata, at: now };
  try {
    if (last === undefined) await store.create(turn);
    else await store.replace(turn, last.metadata.resourceVersion ?? '');
    return true;
  } catch (error) {
    if (error instanceof StoreError && ['already-exists', 'conflict'].includes(error.code)) return false;
    throw error;
  }
}
