import type { Resource } from '../domain/resource.ts';
import type { Selection } from '../engine/ports.ts';
import { isSelected } from './document.ts';
import type { Entry } from './snapshot.ts';

/** The largest documents are judgements with their samples: so many fit the memory. */
const ROWS_AT_ONCE = 50;

/** A walk over rows that are read in order, so many after a position. */
export async function* walked(
  selection: Selection,
  rowsAfter: (position: string, count: number) => Promise<readonly Entry[]>,
): AsyncGenerator<readonly Resource[]> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const entries = await rowsAfter(after, ROWS_AT_ONCE);
    yield entries.flatMap(([, document]) => (isSelected(selection, document) ? [document] : []));
    after = entries.length < ROWS_AT_ONCE ? undefined : entries.at(-1)![0];
  }
}
